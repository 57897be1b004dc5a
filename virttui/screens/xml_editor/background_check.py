"""Looks a text through on a thread of its own while nobody types, the newest text only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from virttui.model.diagnostics import Completion, Diagnostics
from virttui.model.documents import HostValues
from virttui.model.identity import Kind
from virttui.panes.xml_editor.text_view import TextAnalysis, changed_rows, outline

DELAY = 0.3
"""Seconds without a key before a text is looked through: who types on is never in its way."""
LONG_TEXT = 3000
"""Lines from which on it waits longer: the thread and the keys share one interpreter."""
LONG_TEXT_DELAY = 0.8


class BackgroundChecker:
    """Checks, outline and changed lines of whatever text it was given last."""

    def __init__(
        self,
        kind: Kind,
        on_result: Callable[[TextAnalysis], None],
        run: Callable[[Coroutine[object, object, None]], None],
    ) -> None:
        self._kind = kind
        self._run = run
        self._on_result = on_result
        self._wanted: tuple[Callable[[], str], str, HostValues | None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False

    def check_soon(
        self, text: Callable[[], str], base: str, knowledge: HostValues | None, lines: int
    ) -> None:
        """Look this text through soon; an earlier wish that has not begun is dropped."""
        self._wanted = (text, base, knowledge)
        if self._timer is not None:
            self._timer.cancel()
        rest = LONG_TEXT_DELAY if lines > LONG_TEXT else DELAY
        self._timer = asyncio.get_running_loop().call_later(rest, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if not self._busy and self._wanted is not None:
            self._busy = True
            self._run(self._work())

    async def _work(self) -> None:
        try:
            while self._wanted is not None and self._timer is None:
                (text, base, knowledge), self._wanted = self._wanted, None
                self._on_result(
                    await asyncio.to_thread(analyse, text(), base, self._kind, knowledge)
                )
        finally:
            self._busy = False

    def stop(self) -> None:
        """Nobody looks any more."""
        self._wanted = None
        if self._timer is not None:
            self._timer.cancel()


def analyse(text: str, base: str, kind: Kind, knowledge: HostValues | None) -> TextAnalysis:
    """All that is found out about a text; takes up to a second for the longest."""
    return TextAnalysis(
        text, check_text(text, kind, knowledge), changed_rows(base, text), outline(text)
    )


_UNCHECKED = frozenset({Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES})
"""What libvirt tells and nobody writes: its own schema may lag behind it."""


def check_text(text: str, kind: Kind, knowledge: HostValues | None) -> Diagnostics:
    """What is wrong with a text."""
    if kind in _UNCHECKED:
        return Diagnostics(note="told by libvirt, not checked")
    from virttui.libvirtxml.schema.validate import validate

    return validate(text, kind, knowledge)


def completion(
    text: str, place: int, kind: Kind, knowledge: HostValues | None
) -> Completion | None:
    """What may be typed at a place of a text."""
    from virttui.libvirtxml.schema.completion import complete as schema_completion

    return schema_completion(text, place, kind, knowledge)
