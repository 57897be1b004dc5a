"""What screens and modals may ask of the app, so that none of them needs to know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from textual.dom import DOMNode

from virttui.model.backend import HostSpec
from virttui.model.commands import Command
from virttui.model.inventory import Key, Kind
from virttui.model.news import Ask, Interest
from virttui.panes.glyphs import Look
from virttui.panes.survey import Survey
from virttui.settings import Settings


class Owner(Protocol):
    """The app, as its screens see it."""

    settings: Settings

    @property
    def look(self) -> Look:
        """How things are drawn at this moment."""

    def survey(self) -> Survey:
        """What is known now."""

    def feed(self) -> None:
        """Give what is known to the screen on top."""

    def submit(self, commands: Sequence[Command]) -> None:
        """Put commands to work."""

    def ask(self, ask: Ask, kind: Kind, key: Key, serial: int | None = None) -> None:
        """Ask a host something."""

    def cancel(self, task: int) -> None:
        """Drop a task that still waits."""

    def refresh_now(self) -> None:
        """Read everything again; lost hosts are tried at once."""

    def look_at(self, interest: Interest) -> bool:
        """Say which rows are in view; false while nobody is there to hear it."""

    def reopen(self, hosts: Sequence[HostSpec]) -> None:
        """Let go of all hosts and open others."""

    def open_demo(self) -> None:
        """Go on with the demo scene."""

    def leave(self) -> None:
        """Quit now."""


def owner_of(node: DOMNode) -> Owner:
    """The app that a screen belongs to."""
    return cast(Owner, node.app)
