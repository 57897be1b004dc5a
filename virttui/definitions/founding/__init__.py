"""New networks and pools made from a form: the fields of each, and the XML."""

from __future__ import annotations

from virttui.definitions.founding import network, pool

__all__ = ["network", "pool"]
