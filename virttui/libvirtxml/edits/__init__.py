"""Edits of a definition by the name of a setting: each changes only its own part of the text."""
