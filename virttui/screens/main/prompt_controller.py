"""What is written after ``/`` and ``:`` in the answer line."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from virttui.render.chrome import KeyHint, keys_line
from virttui.render.filter import EVERYTHING, Filter, FilterError
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, cut_end, fit, within
from virttui.render.search import PickerItem
from virttui.screens.base.screen_protocol import ActionScreen
from virttui.settings import state_folder
from virttui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from virttui.commandline.parsed import ParseResult
    from virttui.commandline.prompt_history import PromptHistory
    from virttui.screens.main.command_runner import CommandLineRunner

_ENTRY_CELLS = 62
_SHOWN = 6
_STEERING = frozenset({"tab", "shift+tab", "up", "down", "escape", "enter"})
_WANT_MORE = frozenset({"go", "export", "virsh", "view"})

_KEYS = {
    "/": (("enter", "keep"), ("esc", "discard"), ("↑", "earlier")),
    ":": (("tab", "take"), ("↑↓", "choose"), ("enter", "run"), ("esc", "leave")),
}


class PromptHost(Protocol):
    """The parts of the main screen that belong to the prompt while it is open."""

    def open_prompt(self, sign: str, text: str) -> Prompt:
        """Put the prompt in the place of the answer line."""

    def close_prompt(self) -> None:
        """Show the answer line again."""

    def popup(self, lines: list[Line]) -> None:
        """Show completions above the prompt; an empty list hides them."""


class PromptScreen(ActionScreen, PromptHost, Protocol):
    """A screen with a prompt."""


class PromptController:
    """The ``/`` and ``:`` prompts: text takes effect as it is typed, errors are shown in place."""

    def __init__(
        self, screen: PromptScreen, make_command_runner: Callable[[], CommandLineRunner]
    ) -> None:
        self._screen = screen
        self._make_command_runner = make_command_runner
        self._sign = ""
        self._before: Filter = EVERYTHING
        self._back = 0
        self._unfinished = ""
        """What was being typed before an earlier line was fetched."""
        self._text = ""
        self._read_now: ParseResult | None = None
        self._read_last: tuple[str, object, ParseResult] | None = None
        self._chosen = 0
        self._moved = False
        self._prompt: Prompt | None = None
        self._offered: dict[str, tuple[str, ...]] = {}
        """What paths that were typed could become, as far as the disk was read."""

    # The parser and the runner of lines are imported when they are needed, or after the first
    # frame, which comes first.

    @cached_property
    def command_runner(self) -> CommandLineRunner:
        """What runs ``:`` lines."""
        return self._make_command_runner()

    @property
    def view_names(self) -> Sequence[str]:
        """The names of the saved views."""
        return self.command_runner.views.names

    def export(self) -> None:
        """Ask for a file name and write the rows on screen to it."""
        self.command_runner.exporting.ask()

    @cached_property
    def _memory(self) -> PromptHistory:
        from virttui.commandline.prompt_history import PromptHistory

        return PromptHistory(state_folder)

    @property
    def _reading(self) -> ParseResult:
        """What the line means that is being typed."""
        from virttui.commandline.parsed import ParseResult

        return self._read_now or ParseResult()

    @property
    def active(self) -> bool:
        """Whether something is being typed."""
        return bool(self._sign)

    async def begin(self) -> None:
        """Fetch what earlier runs typed; the screen does not wait for the disk."""
        await asyncio.to_thread(self._load)

    def _load(self) -> None:
        self._memory.load()
        self.command_runner.views.load()

    def open(self, sign: str) -> None:
        """Begin to type; a filter goes on from the one that holds."""
        if self._sign:
            return
        self._sign, self._back, self._chosen, self._moved = sign, 0, 0, False
        self._before = self._screen.view_state.view.choice.filter
        text = self._before.text if sign == "/" else ""
        self._prompt = self._screen.open_prompt(sign, text)
        self._prompt.complete_with(self._ghost if sign == ":" else lambda typed: "")
        self.typed(sign, text)

    def go_on(self, text: str) -> None:
        """Take a line as if it had been typed: run it, or let it be finished by hand."""
        self.open(":")
        self._put(text)
        if self._reading.intent is not None:
            intent = self._reading.intent
            self._close()
            self.command_runner.run(intent)

    def learned(self) -> None:
        """What can be completed has grown."""
        if self._sign == ":" and self._prompt is not None:
            self._read_last = None
            self._complete(self._prompt.text)

    def keys(self) -> Line:
        """The keys of what is typed; nothing when nothing is."""
        if not self._sign:
            return BLANK
        hints = [KeyHint(key, word) for key, word in _KEYS[self._sign]]
        return keys_line(hints, self._screen.size.width)

    def typed(self, sign: str, text: str) -> None:
        """What is typed changed; a message that comes after its time says nothing new."""
        if sign != self._sign or self._prompt is None or text != self._prompt.text:
            return
        if sign == "/":
            self._filter(text)
        else:
            self._complete(text)
        self._screen.paint()

    def steer(self, key: str) -> bool:
        """Tab, up, down, escape or enter; false for a key that edits."""
        if key not in _STEERING or self._prompt is None:
            self._back = 0
            return False
        sign, text = self._sign, self._prompt.text
        if sign == ":" and text != self._text:
            # What is typed is told later than it is typed.
            self._complete(text)
        step = 1 if key in ("down", "tab") else -1
        if key == "escape":
            self._drop()
        elif key == "enter":
            self._keep(text)
        elif key in ("up", "down") and (sign == "/" or self._back or not self._reading.choices):
            self._recall(-step)
        elif key == "tab" and sign == ":":
            self._take()
        elif sign == ":" and self._reading.choices:
            self._chosen = (self._chosen + step) % len(self._reading.choices)
            self._moved = True
            self._list(text)
        return True

    # -- filter ----------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        """Narrow the list as it is typed; a word that cannot be read is told, the others hold."""
        filter = self._screen.view_state.view.pane.language.parse(text)
        if isinstance(filter, FilterError):
            self._screen.view_state.narrow(filter.rest)
            self._note(filter.sentence, Role.BAD, filter.word)
            return
        self._screen.view_state.narrow(filter)
        listing = self._screen.view_state.view.listing
        shown = f"{listing.passed} of {listing.total}" if filter else ""
        self._note(shown, Role.MUTED)

    def _note(self, words: str, role: Role, error: str = "") -> None:
        if self._prompt is not None:
            room = self._screen.size.width - len(self._prompt.text) - 6
            line = (Run(f"{cut_end(clean(words), max(10, room))} ", role),) if words else BLANK
            self._prompt.note(line, error)

    # -- commands --------------------------------------------------------------------------

    def _read(self, text: str) -> ParseResult:
        """What a line means now; it is read once for each picture of the fleet."""
        view_state = self._screen.view_state
        last = self._read_last
        if last is not None and last[0] == text and last[1] is view_state.fleet_state:
            return last[2]
        from virttui.commandline.parser import read

        columns = [
            column.name for column in view_state.view.pane.columns if column.sort is not None
        ]
        virsh = self.command_runner.virsh
        reading = read(
            text,
            view_state.situation(),
            view_state.fleet_state,
            columns,
            virsh.known,
            virsh.host,
            self.command_runner.views.names,
            lambda path: self._offered.get(path, ()),
        )
        self._read_last = (text, view_state.fleet_state, reading)
        return reading

    def _ghost(self, text: str) -> str:
        """The line as its first completion would have it."""
        reading = self._read(text)
        if not reading.choices or reading.start >= len(text):
            return ""
        first = reading.choices[0]
        return first.words if reading.whole else text[: reading.start] + first.value

    def _complete(self, text: str) -> None:
        if text.lstrip().startswith(("virsh", "!")):
            self.command_runner.virsh.learn()
        self._text, self._read_now = text, self._read(text)
        self._load_completions(self._read_now)
        self._chosen, self._moved = 0, False
        self._list(text)

    def _load_completions(self, reading: ParseResult) -> None:
        """Have read from the disk, or from a host, what the line could go on with."""
        if reading.path and reading.path not in self._offered:
            self._offered[reading.path] = ()
            self._screen.run_flow(self._read_paths(reading.path))
        elif reading.error and reading.whole and not reading.choices:
            self.command_runner.virsh.learn()
        words = self._text.split()
        if words[:1] == ["set"] and "media" in words:
            self.command_runner.ask_volumes()

    async def _read_paths(self, path: str) -> None:
        from virttui.local.paths import completions

        self._offered[path] = await asyncio.to_thread(completions, path)
        self.learned()

    def _list(self, text: str) -> None:
        """Show what could be meant, the chosen one lit."""
        found = self._reading.choices
        start = max(0, min(self._chosen - _SHOWN + 1, len(found) - _SHOWN))
        width = min(_ENTRY_CELLS, self._screen.size.width - 4)
        self._screen.popup(
            [
                completion(entry, start + place == self._chosen, width)
                for place, entry in enumerate(found[start : start + _SHOWN])
            ]
        )
        self._explain(finished=False)

    def _explain(self, *, finished: bool) -> None:
        """Say what is wrong, else what the line is for; what is half typed is not wrong yet."""
        reading = self._reading
        if reading.error and (finished or not reading.partial):
            self._note(reading.error, Role.BAD, reading.word)
            return
        if reading.whole:
            chosen = reading.choices[self._chosen] if reading.choices else None
            note = f"on {chosen.note}" if chosen and chosen.key and chosen.note else ""
        else:
            note = reading.note or self.command_runner.about(reading.intent)
        self._note(note, Role.MUTED)

    def _take(self) -> None:
        """Put the chosen completion into the line; when it is there already, go on behind it."""
        if self._prompt is None or not self._reading.choices:
            return
        entry = self._reading.choices[self._chosen]
        if self._reading.whole:
            taken = f"{entry.words} " if entry.value in _WANT_MORE else entry.words
        else:
            taken = self._text[: self._reading.start] + entry.value
        if taken == self._text and not taken.endswith(" "):
            taken += " "
        self._put(taken)

    def _put(self, text: str) -> None:
        if self._prompt is not None:
            self._prompt.replace(text)
            self._complete(text)
            self._screen.paint()

    def _recall(self, step: int) -> None:
        """Go through what was typed before."""
        earlier = self._memory.earlier(self._sign)
        back = max(0, min(self._back + step, len(earlier)))
        if back == self._back or self._prompt is None:
            return
        if not self._back:
            self._unfinished = self._prompt.text
        self._back = back
        self._prompt.replace(earlier[-back] if back else self._unfinished)

    # -- ending ----------------------------------------------------------------------------

    def _drop(self) -> None:
        if self._sign == "/":
            self._screen.view_state.narrow(EVERYTHING)
        self._close()

    def _keep(self, text: str) -> None:
        sign, reading = self._sign, self._reading
        if sign == "/":
            self._remember(sign, text)
            self._filter(text)
            self._close()
            return
        if reading.whole:
            self._run_whole(text)
        elif self._moved:
            self._take()
        elif reading.intent is None:
            self._explain(finished=True)
        else:
            self._remember(sign, text)
            self._close()
            self.command_runner.run(reading.intent)

    def _run_whole(self, text: str) -> None:
        """Run the chosen command, or go on to what it wants."""
        from virttui.commandline.parsed import LineCommand

        reading = self._reading
        intent = reading.intent
        said = reading.error if not self._moved else ""
        if reading.choices and intent != LineCommand("quit") and not said:
            id = reading.choices[self._chosen].value
            if id in _WANT_MORE:
                self._put(f"{id} ")
                self._explain(finished=True)
                return
            # Its words say more than its id where an action has two ways.
            intent = self._read(reading.choices[self._chosen].words).intent or LineCommand(id)
        self._remember(":", text)
        self._close()
        if intent is not None:
            self.command_runner.run(intent)
        elif reading.error:
            self._screen.show_message(reading.error, bad=True)

    def _remember(self, sign: str, text: str) -> None:
        if self._memory.note(sign, text):
            threading.Thread(
                target=self._memory.keep, args=(sign, text), name="keep what was typed", daemon=True
            ).start()

    def _close(self) -> None:
        self._sign, self._text, self._read_now = "", "", None
        self._read_last = None
        self._offered.clear()
        self._screen.close_prompt()


def completion(entry: PickerItem[str], chosen: bool, width: int) -> Line:
    """One line of completions: words, then a word of help or why it cannot be done."""
    background = Background.CHOSEN if chosen else Background.PANEL
    note = entry.why_not or (f"key {entry.key}" if entry.key else entry.note)
    words = fit(entry.words, 28)
    strong = Role.STRONG if chosen else Role.TEXT
    role = Role.FAINT if entry.why_not and not chosen else strong
    return within(
        (
            Run(f" {words} ", role, background),
            Run(cut_end(clean(note), width - 31), Role.TEXT if chosen else Role.MUTED, background),
        ),
        width,
        background,
    )
