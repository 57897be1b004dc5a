"""Edits by name."""
