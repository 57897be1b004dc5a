"""Flows that make domains, networks and pools: create, clone, import, leftovers."""
