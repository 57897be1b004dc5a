"""A machine thought up step by step: the fields of each step, and the recipe they come to.

Everything is made anew with each key, from what was given so far and what is known of the host:
no step has to know of another. ``steps`` are the fields, ``planning`` the machine and its recipe,
``checking`` what is looked at before anything is made.
"""

from virttui.definitions.installing.checking import checks
from virttui.definitions.installing.groups import added, without
from virttui.definitions.installing.newborn import IdGenerator
from virttui.definitions.installing.planning import proposed
from virttui.definitions.installing.rewriting import edited, original
from virttui.definitions.installing.steps import chosen, lookups, medium_of, wants

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
