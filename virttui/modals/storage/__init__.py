"""Dialogs about volumes and secrets."""
