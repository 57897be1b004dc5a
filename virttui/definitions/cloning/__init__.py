"""Clones of domains: their names, disks and definitions, and the commands that make them; pure."""

from virttui.definitions.cloning.plan import outline, planned, wants

__all__ = ["outline", "planned", "wants"]
