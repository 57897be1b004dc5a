"""Flows about networks: records, restarts, filters, the topology page."""
