"""Dialogs about domains: settings, devices, disks, rename, delete."""
