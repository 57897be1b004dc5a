"""Types of functions that several flows get from their screen."""

from __future__ import annotations

from typing import Protocol

from virttui.model.commands import BatchPolicy, Command


class Submit(Protocol):
    """Submits commands, with the default batch policy unless one is given."""

    def __call__(self, commands: tuple[Command, ...], policy: BatchPolicy = ..., /) -> None:
        """Submit ``commands`` together."""
