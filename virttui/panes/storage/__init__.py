"""The lists of pools and volumes, and who uses a pool."""
