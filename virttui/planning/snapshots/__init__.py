"""Snapshots: what can be taken, what a revert does, and how two moments differ."""
