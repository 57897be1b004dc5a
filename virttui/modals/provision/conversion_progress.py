"""A machine being converted on this machine: what is said of it, and an end by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual import events

from virttui.modals.base.modal import Dialog, button, row
from virttui.model.errors import Cancelled, InvalidInput
from virttui.model.provision.appliance import Appliance
from virttui.model.types import OnStatus
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, wrapped


class ConversionDialog(Dialog[Appliance]):
    """Gives back what was made, or None when it was ended. ``unpack`` works on a thread."""

    WIDTH = 78

    def __init__(self, title: str, unpack: Callable[[OnStatus], Appliance]) -> None:
        super().__init__(title)
        self._unpack = unpack
        self._said = "starting"
        self._error = ""
        self._ended = False

    def on_mount(self) -> None:
        """Begin."""
        super().on_mount()
        self.set_interval(0.5, self.draw)
        self.run_worker(self._work())

    async def _work(self) -> None:
        try:
            made = await asyncio.to_thread(self._unpack, self._on_progress)
        except Cancelled:
            self.finish(None)
        except InvalidInput as error:
            advice = f": {error.advice}" if error.advice else ""
            self._error = f"{error.message}{advice}"
            self.draw()
        else:
            self.finish(made)

    def _on_progress(self, words: str) -> None:
        """Hear what it is at. On its thread. Raises Cancelled once it is to end."""
        if self._ended:
            raise Cancelled("cancelled")
        self._said = words or self._said

    def body(self) -> list[Line]:
        """What it is at, or why it failed."""
        role = Role.WARN if self._error else Role.TEXT
        said = [
            (Run(part, role),) for part in wrapped(clean(self._error or self._said), self.width)
        ]
        about = "It writes into a private folder of this machine, and changes no host yet."
        notes: list[Line] = [(Run(part, Role.MUTED),) for part in wrapped(about, self.width)]
        return [
            *said,
            BLANK,
            *notes,
            BLANK,
            row(button("esc", "Close" if self._error else "Cancel it")),
        ]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [KeyHint("esc", "close" if self._error else "cancel it", keep=True)]

    def take_key(self, event: events.Key) -> bool:
        """Only ``esc`` ends it; it closes when all is cleaned up."""
        if event.key == "escape":
            if self._error:
                self.finish(None)
            self._ended, self._said = True, "cancelling"
            self.draw()
        return True
