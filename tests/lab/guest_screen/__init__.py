"""Screens of real guests: read back as text, and driven by keys."""
