"""The log of a domain: what its QEMU and libvirt say of it, followed while the page is open."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.identity import ObjectId
from virttui.model.queries import DiagnosisQuery, DiagnosisResult, QueryResult
from virttui.screens.base.text_screen import TextScreen

AGAIN = 2.0
"""Seconds between two looks at a log."""


class LogFollower:
    """Asks for a log again and again as long as its page is open."""

    def __init__(self, key: ObjectId) -> None:
        self._key = key
        self.answered = asyncio.Event()

    async def fill(self, page: TextScreen) -> None:
        """Ask; what comes of it is for the page to hear."""
        page.status(lambda: "asking")
        while True:
            page.console.ask(DiagnosisQuery(self._key))
            # A slow host is not asked again before it has answered.
            self.answered.clear()
            await self.answered.wait()
            await asyncio.sleep(AGAIN)

    def stop(self) -> None:
        """Nothing of it works on."""


class LogScreen(TextScreen):
    """The end of a log, newest line last, with libvirt's own messages before it."""

    def __init__(self, name: str, host: str, key: ObjectId) -> None:
        self._asking = LogFollower(key)
        super().__init__(f"log of {name} on {host}", self._asking, follow=True)
        self._key = key
        self._log: tuple[str, ...] = ()
        self._heard = False

    def on_query_result(self, result: QueryResult) -> None:
        """Take what was found out; results of other queries are ignored."""
        query = result.query
        if not isinstance(result, DiagnosisResult) or query.key != self._key:
            return
        self._asking.answered.set()
        found = result.diagnosis
        if found is None:
            words = result.error.message if result.error else "no answer"
            self.status(lambda: "no answer")
            self.show_message(words, bad=True)
            return
        if not self._heard:
            self._heard = True
            self.add(_heading(found))
        self.add(new_ids(self._log, found.log))
        self._log = found.log
        note = found.log_note
        self.status(lambda: f"{note}, read every {AGAIN:.0f} s" if found.log else note)


def _heading(found: Diagnosis) -> list[str]:
    """What is known besides the log."""
    if found.messages is None:
        messages = ["libvirt has no messages about it"]
    else:
        messages = [f"libvirt: {message}" for message in found.messages]
    lines = messages or ["libvirt: not tainted, no deprecated settings"]
    if found.cause:
        advice = f"; {found.advice}" if found.advice else ""
        lines.append(f"most likely: {found.cause}{advice}")
    if not found.log:
        lines.append(f"its log {found.log_note}")
    return [*lines, ""]


def new_ids(before: Sequence[str], now: Sequence[str]) -> Sequence[str]:
    """The lines of ``now`` that ``before``, an earlier look at the same end, did not have."""
    for common in range(min(len(before), len(now)), 0, -1):
        if before[-common:] == now[:common]:
            return now[common:]
    return now
