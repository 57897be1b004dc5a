"""Clones of domains: their names, disks and definitions, and the commands that make them; pure."""
