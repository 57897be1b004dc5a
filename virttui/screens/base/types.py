"""Types of functions that several flows get from their screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from virttui.model.commands import BatchPolicy, Command

SubmitCommands = Callable[[tuple[Command, ...]], None]
"""Submits commands with the default batch policy."""

SubmitBatch = Callable[[tuple[Command, ...], BatchPolicy], None]
"""Submits commands with the batch policy that is given."""


class Submit(Protocol):
    """Submits commands, with the default batch policy unless one is given: either of the above."""

    def __call__(self, commands: tuple[Command, ...], policy: BatchPolicy = ..., /) -> None:
        """Submit ``commands`` together."""
