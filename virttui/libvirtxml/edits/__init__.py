"""Edits of a definition by name: each changes what it names and nothing else."""
