"""Flows about volumes, pool targets and secrets."""
