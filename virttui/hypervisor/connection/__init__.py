"""Connections to libvirt: opened, watched, called from one thread each; errors become sentences."""
