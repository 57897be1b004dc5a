"""XML as text."""
