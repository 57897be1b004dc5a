"""Flows about domains: devices, disks, settings, logs, the serial console."""
