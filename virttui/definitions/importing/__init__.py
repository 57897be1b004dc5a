"""Machines that come from elsewhere: what descriptions mean, and what a host makes of them."""

from __future__ import annotations

from virttui.definitions.importing.described import described
from virttui.definitions.importing.planning import arrival
from virttui.definitions.importing.steps import wants

__all__ = ["arrival", "described", "wants"]
