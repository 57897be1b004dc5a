"""The lines around a program on a terminal: what runs, whether one types into it, its keys."""

from __future__ import annotations

from msgspec import Struct

from virttui import formatting
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut, length, within


class TerminalPage(Struct, frozen=True):
    """Everything that is drawn around it.

    ``title`` is its command line. ``status`` is its exit status, less than 0 for a signal, None
    while it runs; ``why_not`` says why it was not started. ``note`` is what came of it besides,
    "" for nothing. ``line`` is the last line in view of ``kept``, where one has scrolled back.
    """

    title: str
    typing: bool = False
    status: int | None = None
    why_not: str = ""
    note: str = ""
    size: tuple[int, int] = (80, 24)
    line: int | None = None
    kept: int = 0
    searched: str = ""
    found: tuple[int, int] = (0, 0)

    @property
    def runs(self) -> bool:
        """Whether the program runs."""
        return self.status is None and not self.why_not


def rule(page: TerminalPage, look: RenderContext, width: int) -> Line:
    """``━━ ssh root@192.168.122.14  you type into it ──── 80x22 ─``."""
    glyphs = look.glyphs
    said, role = _typing(page)
    text = f" {_finish(page)} "
    room = width - len(text) - len(said) - 9
    begin = (
        Run(f"{glyphs.strong_rule * 2} ", Role.ACCENT)
        if page.typing
        else Run(f"{glyphs.rule * 2} ", Role.LINE),
        Run(
            cut(clean(page.title), max(8, room), glyphs.cut),
            Role.ACCENT_STRONG if page.typing else Role.STRONG,
        ),
        Run(f"  {said}", role),
        Run(" "),
    )
    finish = (Run(text, Role.MUTED), Run(glyphs.rule, Role.LINE))
    stroke = glyphs.rule * max(0, width - length(begin) - length(finish))
    return within((*begin, Run(stroke, Role.LINE), *finish), width)


def _typing(page: TerminalPage) -> tuple[str, Role]:
    if page.typing:
        return "you type into it", Role.ACCENT
    if page.runs:
        return "not typing", Role.TEXT
    if page.why_not:
        return "not started", Role.BAD
    return ended(page.status or 0), Role.BAD if page.status else Role.MUTED


def ended(status: int) -> str:
    """How a program ended, in words."""
    return f"ended by signal {-status}" if status < 0 else f"ended, exit {status}"


def _finish(page: TerminalPage) -> str:
    words = []
    if page.searched:
        words.append(f"/{clean(page.searched)} {page.found[0]} of {page.found[1]}")
    if page.line is not None:
        words.append(f"line {page.line} of {page.kept}")
    return "   ".join(words) or f"{page.size[0]}x{page.size[1]}"


def answer(page: TerminalPage) -> Line:
    """What came of it, in one line."""
    if page.why_not:
        return (Run(f" {clean(page.why_not)}", Role.BAD),)
    if page.status is None:
        return ()
    note = f"; {page.note}" if page.note else ""
    return (Run(f" {ended(page.status)}{clean(note)}", Role.BAD if page.status else Role.TEXT),)


def hints(page: TerminalPage) -> list[KeyHint]:
    """The keys of the page."""
    if page.typing:
        return [
            KeyHint("ctrl+]", "stop typing", keep=True),
            KeyHint("", "every other key goes to it"),
        ]
    shown = [KeyHint("enter", "type")] if page.runs else []
    shown.append(KeyHint("n N", "match") if page.searched else KeyHint("/", "search"))
    shown += [KeyHint("pgup", "older"), KeyHint("G", "newest", page.line is not None)]
    if page.runs:
        shown.append(KeyHint("]", "send ctrl+]"))
    word = "end it" if page.runs else "back"
    return [*shown, KeyHint("esc", word, keep=True), KeyHint("?", "keys", keep=True)]


def lasted(seconds: float) -> str:
    """How long it has run, for the question before it is ended."""
    return formatting.span(seconds)
