"""The arguments of a command, by the class that its verb has."""

from __future__ import annotations

from typing import TypeVar

from virttui.model.commands import Arguments, Command

A = TypeVar("A", bound=Arguments)


def arguments_of(command: Command, kind: type[A]) -> A:
    assert isinstance(command.arguments, kind), command
    return command.arguments
