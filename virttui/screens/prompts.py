"""What is written after ``/`` and ``:`` in the answer line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui import palette
from virttui.panes.choosing import Entry, search
from virttui.panes.chrome import KeyHint, keys_line
from virttui.panes.filter import EVERYTHING, Filter, Wrong
from virttui.panes.line import BLANK, Ground, Line, Role, Run, clean, cut, fit, within
from virttui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from virttui.screens.console import ConsoleScreen

_ENTRY_CELLS = 62
_SHOWN = 6
_STEERING = frozenset({"tab", "shift+tab", "up", "down", "escape", "enter"})

_KEYS = {
    "/": (("enter", "keep"), ("esc", "drop it"), ("↑", "earlier")),
    ":": (("tab", "take"), ("↑↓", "choose"), ("enter", "run"), ("esc", "leave")),
}


class Prompts:
    """Filter and command line: what is typed takes effect at once, errors are told in place."""

    def __init__(self, screen: ConsoleScreen) -> None:
        self._screen = screen
        self._sign = ""
        self._before: Filter = EVERYTHING
        self._earlier: dict[str, list[str]] = {"/": [], ":": []}
        self._back = 0
        self._text = ""
        self._found: list[Entry] = []
        self._chosen = 0
        self._prompt: Prompt | None = None

    @property
    def active(self) -> bool:
        """Whether something is being typed."""
        return bool(self._sign)

    def open(self, sign: str) -> None:
        """Begin to type; a filter goes on from the one that holds."""
        if self._sign:
            return
        self._sign, self._back, self._chosen = sign, 0, 0
        self._before = self._screen.stage.view.choice.filter
        text = self._before.text if sign == "/" else ""
        self._prompt = self._screen.open_prompt(sign, text)
        self._prompt.complete_with(self._first_match if sign == ":" else lambda typed: "")
        self.typed(sign, text)

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
            return False
        sign, text = self._sign, self._prompt.text
        if key == "escape":
            self._drop()
        elif key == "enter":
            self._keep(text)
        elif sign == "/" or not self._found:
            self._recall(1 if key == "up" else -1)
        elif key == "tab":
            self._take()
        else:
            self._chosen = (self._chosen + (1 if key == "down" else -1)) % len(self._found)
            self._list(text)
        return True

    # -- filter ----------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        """Narrow the list as it is typed; a word that cannot be read is told, the others hold."""
        filter = self._screen.stage.view.pane.language.parse(text)
        if isinstance(filter, Wrong):
            self._screen.stage.narrow(filter.rest)
            self._note(filter.sentence, Role.BAD, filter.word)
            return
        self._screen.stage.narrow(filter)
        listing = self._screen.stage.view.listing
        shown = f"{listing.passed} of {listing.total}" if filter else ""
        self._note(shown, Role.MUTED)

    def _note(self, words: str, role: Role, wrong: str = "") -> None:
        if self._prompt is not None:
            room = self._screen.size.width - len(self._prompt.text) - 6
            line = (Run(f"{cut(clean(words), max(10, room))} ", role),) if words else BLANK
            self._prompt.note(line, wrong)

    # -- commands --------------------------------------------------------------------------

    def _matches(self, text: str) -> list[Entry]:
        stage = self._screen.stage
        columns = [column.name for column in stage.view.pane.columns if column.sort is not None]
        entries = palette.commands(stage.situation(), columns)
        return search(entries, text) if text.strip() else []

    def _first_match(self, text: str) -> str:
        found = self._matches(text)
        return found[0].words if found else ""

    def _complete(self, text: str) -> None:
        self._text, self._found = text, self._matches(text)
        self._chosen = 0
        self._list(text)

    def _list(self, text: str) -> None:
        """Show what could be meant, the chosen one lit."""
        start = max(0, min(self._chosen - _SHOWN + 1, len(self._found) - _SHOWN))
        shown = self._found[start : start + _SHOWN]
        cells = min(_ENTRY_CELLS, self._screen.size.width - 4)
        self._screen.popup(
            [
                completion(entry, start + place == self._chosen, cells)
                for place, entry in enumerate(shown)
            ]
        )
        chosen = self._found[self._chosen] if self._found else None
        if chosen is None and text.strip():
            self._note(f"no command is called {text.strip()}", Role.BAD)
        else:
            self._note(f"on {chosen.note}" if chosen and chosen.key and chosen.note else "",
                       Role.MUTED)  # fmt: skip

    def _take(self) -> None:
        if self._prompt is not None and self._found:
            self._prompt.replace(self._found[self._chosen].words)

    def _recall(self, step: int) -> None:
        """Go through what was typed before."""
        earlier = self._earlier[self._sign]
        if not earlier or self._prompt is None:
            return
        self._back = max(0, min(self._back + step, len(earlier)))
        self._prompt.replace(earlier[-self._back] if self._back else "")

    # -- ending ----------------------------------------------------------------------------

    def _drop(self) -> None:
        if self._sign == "/":
            self._screen.stage.narrow(EVERYTHING)
        self._close()

    def _keep(self, text: str) -> None:
        sign = self._sign
        if text.strip():
            self._earlier[sign].append(text.strip())
        if sign == "/":
            # What is typed is told later than it is typed.
            self._filter(text)
            self._close()
            return
        if text != self._text:
            self._complete(text)
        found, chosen = self._found, self._chosen
        self._close()
        if text.strip() in ("q", "q!", "quit"):
            self._screen.hands.do("quit")
        elif found:
            self.run(found[chosen].id)
        elif text.strip():
            self._screen.say(f"no command is called {text.strip()}", bad=True)

    def _close(self) -> None:
        self._sign, self._text, self._found = "", "", []
        self._screen.close_prompt()

    def run(self, id: str) -> None:
        """Run a command of the ``:`` line."""
        stage = self._screen.stage
        word, _, rest = id.partition(" ")
        if word == "sort" and rest:
            stage.sort_on(rest)
        elif word == "eyes" and rest:
            stage.pin_eyes(rest == "on")
        elif word == "demo":
            self._screen.console.open_demo()
        else:
            self._screen.hands.do(id)
        if self._screen.is_current:
            self._screen.paint()


def completion(entry: Entry, chosen: bool, cells: int) -> Line:
    """One line of completions: words, then a word of help or why it cannot be done."""
    ground = Ground.CHOSEN if chosen else Ground.PANEL
    note = entry.why_not or (f"key {entry.key}" if entry.key else entry.note)
    words = fit(entry.words, 24)
    strong = Role.STRONG if chosen else Role.TEXT
    role = Role.FAINT if entry.why_not and not chosen else strong
    return within(
        (
            Run(f" {words} ", role, ground),
            Run(cut(clean(note), cells - 32), Role.TEXT if chosen else Role.MUTED, ground),
        ),
        cells,
        ground,
    )
