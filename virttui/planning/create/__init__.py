"""A machine thought up step by step: the fields of each step, and the recipe they come to.

Everything is made anew with each key, from what was given so far and what is known of the host:
no step has to know of another. ``steps`` are the fields, ``planning`` the machine and its recipe,
``checking`` what is looked at before anything is made.
"""

from virttui.planning.create.checks import checks
from virttui.planning.create.fields import chosen, lookups, medium_of, wants
from virttui.planning.create.new_identity import IdGenerator
from virttui.planning.create.plan import proposed
from virttui.planning.create.repeated_fields import added, without
from virttui.planning.create.xml_override import edited, original

__all__ = [
    "IdGenerator",
    "added",
    "checks",
    "chosen",
    "edited",
    "lookups",
    "medium_of",
    "original",
    "proposed",
    "wants",
    "without",
]
