"""A guest's screen of a fleet as a test uses it: what it shows, and keys for it."""

from __future__ import annotations

import itertools
import time

from tests.fleet_client import RecordingClient
from tests.patience import PATIENCE
from virttui.model.commands import Command, Verb
from virttui.model.domains.guest_keys import chord
from virttui.model.domains.guest_screen import KeysArguments
from virttui.model.domains.keyboard_layouts import LAYOUTS, typed
from virttui.model.queries import ScreenshotQuery, ScreenshotResult
from virttui.model.tasks import TaskState
from virttui.terminal.images.reading import Screen, read_screen
from virttui.terminal.images.text_mode import ScreenText

US = LAYOUTS["us"]
_SERIALS = itertools.count(1)


class Viewer:
    """Looks at one guest, and sends keys to it, through the fleet."""

    def __init__(self, client: RecordingClient, name: str) -> None:
        self.client = client
        self.name = name
        self.key = client.the_domain(name).key

    def result(self) -> ScreenshotResult:
        """The answer to a question for a picture."""
        return self.client.answer(
            ScreenshotQuery(self.key, serial=next(_SERIALS)), ScreenshotResult
        )

    def look(self) -> Screen:
        """What the screen shows now."""
        result = self.result()
        assert result.screenshot is not None, result
        return read_screen(result.screenshot.data)

    def expect(self, words: str, seconds: float = PATIENCE) -> ScreenText:
        """Wait until words are on the screen; returns its text."""
        until = time.monotonic() + seconds
        while True:
            screen = self.look()
            if screen.text is not None and words in screen.text.text:
                return screen.text
            shows = screen.text.text if screen.text is not None else screen.image
            assert time.monotonic() < until, f"{self.name} does not show {words!r} but\n{shows}"

    def type(self, text: str) -> None:
        """Type a text as on an American keyboard."""
        strokes, missing = typed(text, US)
        assert not missing
        self._send(strokes, "a text")

    def press(self, *names: str) -> None:
        """Press keys by their names."""
        self._send(tuple(chord(name, US) for name in names), " ".join(names))

    def _send(self, strokes: tuple[tuple[int, ...], ...], label: str) -> None:
        target = self.client.target(self.name)
        command = Command(Verb.SEND_KEYS, target, KeysArguments(strokes, label))
        task = self.client.done(self.client.fleet.submit([command])[0])
        assert task.state is TaskState.DONE, task
