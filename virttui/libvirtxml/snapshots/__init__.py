"""Snapshots of domains: their XML, read."""
