"""Domains and volumes are made, copied, imported and exported: each step can be undone."""
