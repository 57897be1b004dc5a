"""Whose screen is looked at next, where several are: in turns, one picture at a time a host.

Those in view come first, and again and again; the others have one picture each, and then seldom
another: what is not seen may cost little, but who is in trouble has to be found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from virttui.model.errors import TimedOut
from virttui.model.identity import ObjectId
from virttui.model.queries import DisplaysQuery, DisplaysResult, Query, ScreenshotResult
from virttui.panes.guest_screen.tile import ScreenContent
from virttui.screens.guest_screen.watch import EVERY, LOST, ScreenWatch
from virttui.terminal.images.situations import situation_of

SELDOM = 60.0
"""Seconds between two pictures of a screen that is out of view."""
AFTER_FAILURE = 15.0
"""Seconds until a screen is tried again of which there was no picture."""


class ScreenshotSchedule:
    """Looks at the screens of ``keys``. Times are monotonic seconds.

    ``every`` lies between two pictures of a screen in view.
    """

    def __init__(self, keys: Iterable[ObjectId], ask: Callable[[Query], None]) -> None:
        self.every = EVERY
        self.watches = {key: ScreenWatch(key, ask, sparing=True) for key in keys}
        self._ask = ask
        self._seen_at: dict[ObjectId, float] = {}
        self._asked_at: dict[ObjectId, float] = {}
        self._hosts: dict[str, tuple[ObjectId, float]] = {}
        self._without_screen: set[ObjectId] = set()
        self._asked_displays: set[ObjectId] = set()

    def go_on(
        self, now: float, in_view: Collection[ObjectId], can_be_seen: Collection[ObjectId]
    ) -> None:
        """Ask each host that is not asked for a picture yet for the one that is due most."""
        due: dict[str, tuple[bool, float, ObjectId]] = {}
        for key in self.watches:
            if key not in can_be_seen or key in self._without_screen or self._is_asked(key, now):
                continue
            when = self._due(key, seen=key in in_view)
            # Before the first picture of one out of view come those in view, and then again.
            turn = (key not in in_view, when, key)
            if when <= now and (key.host not in due or turn[:2] < due[key.host][:2]):
                due[key.host] = turn
        for host, (_, _, key) in due.items():
            self._hosts[host] = key, now
            self._asked_at[key] = now
            watch = self.watches[key]
            watch.look_soon(now)
            watch.look_if_due(now)

    def _is_asked(self, key: ObjectId, now: float) -> bool:
        """Whether its host is asked for a picture, and may still answer."""
        asked = self._hosts.get(key.host)
        return asked is not None and now < asked[1] + LOST

    def _due(self, key: ObjectId, *, seen: bool) -> float:
        asked = self._asked_at.get(key)
        if asked is None:
            return float("-inf")
        wait = self.every if seen else SELDOM
        return asked + (max(wait, AFTER_FAILURE) if self.watches[key].why_not else wait)

    def look_soon(self, keys: Iterable[ObjectId]) -> None:
        """Look at these screens in the next turns, whenever they were looked at last."""
        for key in keys:
            self._asked_at.pop(key, None)

    def forget_questions(self) -> None:
        """What was asked is answered to another page."""
        self._hosts.clear()
        for watch in self.watches.values():
            watch.forget_question()

    def went_off(self, key: ObjectId) -> None:
        """A guest is off: what it showed is over, and it may have other displays next time."""
        if key in self._asked_at or key in self._without_screen:
            self.watches[key].show_screen(0)
            self._asked_at.pop(key, None)
            self._seen_at.pop(key, None)
            self._without_screen.discard(key)
            self._asked_displays.discard(key)

    # -- answers ---------------------------------------------------------------------------

    async def take(self, result: ScreenshotResult, now: float, epoch: float) -> None:
        """Take a picture, or why there is none."""
        key = result.query.key
        watch = self.watches[key]
        asked = self._hosts.get(key.host)
        if asked is not None and asked[0] == key:
            del self._hosts[key.host]
        await watch.take(result, epoch)
        if not watch.why_not:
            self._seen_at[key] = now
        elif not isinstance(result.error, TimedOut) and key not in self._asked_displays:
            # Perhaps there is nothing that a picture could be taken of.
            self._asked_displays.add(key)
            self._ask(DisplaysQuery(key))

    def take_displays(self, result: DisplaysResult) -> None:
        """Take which displays a guest has."""
        if result.displays is not None and not result.displays.screens:
            self._without_screen.add(result.query.key)

    def content(self, key: ObjectId, now: float) -> ScreenContent:
        """What was seen of a screen."""
        watch, seen_at = self.watches[key], self._seen_at.get(key)
        screen = watch.screen
        if screen is None or seen_at is None:
            return ScreenContent(why_not=watch.why_not, no_screen=key in self._without_screen)
        text = screen.text
        found = situation_of(text.lines, text.columns) if text is not None else None
        seen = ScreenContent(
            max(0.0, now - seen_at),
            text is not None,
            text is not None and not text.text,
            why_not=watch.why_not,
            no_screen=key in self._without_screen,
        )
        if found is None:
            return seen
        return ScreenContent(
            seen.age, seen.is_text, seen.is_blank, found.word, found.sentence, found.trouble,
            seen.why_not, seen.no_screen,
        )  # fmt: skip
