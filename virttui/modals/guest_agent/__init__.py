"""Dialogs of what guests are asked by their agents."""
