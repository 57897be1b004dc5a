"""Disks: their sources, their backing chains, and names of backing files."""
