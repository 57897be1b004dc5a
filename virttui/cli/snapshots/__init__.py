"""``virttui snapshot``."""
