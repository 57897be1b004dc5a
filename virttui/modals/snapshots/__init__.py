"""Dialogs of snapshots."""
