"""The page of a console as lines: whose it is, in what state, what can be done, and its keys."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from virttui import formatting
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase, ConsoleState
from virttui.panes.console.choices import choice_lines, choices
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut, length, within, wrapped

FULL_HEIGHT = 29
"""From so many lines on there is room for tabs and answer beside the guest's 24 rows."""

MARGIN = " "


class ConsolePage(Struct, frozen=True):
    """Everything the page is drawn from.

    ``devices`` are the consoles of the domain, None until they are told; ``place`` is the one that
    is shown. ``typing`` says that keys go to the guest. ``guest`` is the size of its screen in
    columns and rows, ``seen`` the first and last of its rows in view, from 1. ``kept`` counts all
    lines, ``line`` is the last one in view where one has scrolled back, else None. ``found`` is
    the number of the match that is shown, from 1, and how many there are; ``searched`` is "" where
    nothing is. ``was_attached``: there are lines of the guest on the page.
    ``size_typed``: the guest was told its size. ``file`` is the path and size of the file that the
    console is kept in, "" without one. ``is_beside`` says that it stands beside the console of the
    page, ``has_keys`` that of two sides this one takes the keys.
    """

    shown: DetailsInput
    devices: tuple[ConsoleDevice, ...] | None = None
    place: int = 0
    state: ConsoleState | None = None
    typing: bool = False
    guest: tuple[int, int] = (80, 24)
    seen: tuple[int, int] = (1, 24)
    kept: int = 0
    line: int | None = None
    searched: str = ""
    found: tuple[int, int] = (0, 0)
    was_attached: bool = False
    size_typed: bool = False
    file: str = ""
    is_beside: bool = False
    has_keys: bool = False

    @property
    def phase(self) -> ConsolePhase | None:
        """The phase of the console; None before it was opened."""
        return self.state.phase if self.state is not None else None

    @property
    def open(self) -> bool:
        """Whether the guest's output comes in."""
        return self.phase in (ConsolePhase.ATTACHED, ConsolePhase.READING)

    @property
    def device(self) -> ConsoleDevice | None:
        """The console that is shown."""
        return self.devices[self.place] if self.devices else None

    @property
    def alias(self) -> str:
        """libvirt's name of the console that is shown."""
        return clean(self.device.alias) if self.device is not None else "console"

    def not_typing(self) -> ConsolePage:
        """The page as it is once typing has stopped."""
        return replace(self, typing=False)

    @property
    def is_shared(self) -> bool:
        """Whether others can open the console beside us: libvirt lets them with containers."""
        return self.shown.domain.os_type == "exe"

    @property
    def name(self) -> str:
        """The name of the domain."""
        return clean(self.shown.domain.name) or "(no name)"

    @property
    def host(self) -> str:
        """The name of its host."""
        return clean(self.shown.fleet_state.host_name(self.shown.key.host))


def is_compact(page: ConsolePage, height: int) -> bool:
    """Whether the guest's rows leave room for one line above and one below alone."""
    return page.open and height < FULL_HEIGHT


# -- the rule ------------------------------------------------------------------------------


def rule(page: ConsolePage, width: int, *, compact: bool) -> Line:
    """``━━ serial0, 1 of 2  you type into web-03 ──── 80x24 ─``."""
    glyphs = page.shown.look.glyphs
    number = f", {page.place + 1} of {len(page.devices)}" if page.devices else ""
    title = f"{page.alias}{number}"
    if compact:
        path = f" {glyphs.path} "
        title = f"{page.host}{path}{page.name}{path}{page.alias}"
    said, role = _typing(page, compact=compact)
    finish = _finish(page, compact=compact)
    room = width - length(finish) - len(said) - 8
    title = cut(title, max(8, room), glyphs.cut)
    focused = page.typing or page.has_keys
    begin = (
        Run(f"{glyphs.strong_rule * 2} ", Role.ACCENT)
        if focused
        else Run(f"{glyphs.rule * 2} ", Role.LINE),
        Run(title, Role.ACCENT_STRONG if focused else Role.STRONG),
        *((Run(f"  {said}", role),) if said else ()),
        Run(" "),
    )
    stroke = glyphs.rule * max(0, width - length(begin) - length(finish))
    return within((*begin, Run(stroke, Role.LINE), *finish), width)


def _typing(page: ConsolePage, *, compact: bool) -> tuple[str, Role]:
    """Whether keys go to the guest."""
    if page.typing:
        return f"you type into {'it' if compact else page.name}", Role.ACCENT
    if page.phase is ConsolePhase.ATTACHED:
        return "not typing", Role.TEXT
    if page.phase is ConsolePhase.OFF:
        return "nothing to type to", Role.MUTED
    return "", Role.MUTED


def _finish(page: ConsolePage, *, compact: bool) -> Line:
    """The right end of the rule: the state, what is searched for, which rows are in view."""
    glyphs = page.shown.look.glyphs
    columns, rows = page.guest
    words: list[str] = []
    if not page.open:
        words.append(_STATE.get(page.phase, "") if page.phase is not None else "")
        if page.phase is ConsolePhase.OFF:
            words = [f"{formatting.counted(page.kept, 'line')} kept" if page.was_attached else ""]
    elif page.searched:
        number, matches = page.found
        words.append(f"/{clean(page.searched)} {number} of {matches}")
    if page.open and page.line is not None:
        words.append(f"line {page.line} of {page.kept}")
    elif page.open and not page.searched:
        first, last = page.seen
        partly = last - first + 1 < rows
        if page.phase is ConsolePhase.READING:
            words.append("read along")
        words.append(f"rows {first}-{last} of {rows}" if partly else f"{columns}x{rows}")
    text = "   ".join(word for word in words if word)
    return (Run(f" {text} ", Role.MUTED), Run(glyphs.rule, Role.LINE)) if text else ()


_STATE = {
    ConsolePhase.ATTACHING: "attaching",
    ConsolePhase.IN_USE: "in use",
    ConsolePhase.TAKEN_OVER: "taken over",
    ConsolePhase.HOST_LOST: "host lost",
    ConsolePhase.REFUSED: "refused",
}


# -- what is said in place of the guest's screen ---------------------------------------------


def words(page: ConsolePage, width: int) -> list[Line]:
    """Sentences and what can be done, while the guest's output does not come in; else none."""
    if page.open:
        return []
    lines: list[Line] = [BLANK]
    for sentence in sentences(page):
        lines += [(Run(f"{MARGIN}{part}"),) for part in wrapped(sentence, width - 2)]
    lines += [BLANK, *_labelled(page, width)]
    offered = choices(page.phase, page.device, page.host, page.kept if page.was_attached else 0)
    if page.is_beside:  # its host's logs and its guest's start are keys of its own page
        offered = [one for one in offered if one.key in ("enter", "T")]
    lines += choice_lines(offered, page.shown.look, width)
    if (others := _others(page)) and page.phase is ConsolePhase.IN_USE and not page.is_beside:
        lines += [BLANK, (Run(f"{MARGIN}{others}"),)]
    return lines


def sentences(page: ConsolePage) -> Sequence[str]:
    """What the state of the console means."""
    match page.phase:
        case None if page.devices is None:
            return (f"{page.host} is asked which consoles {page.name} has.",)
        case None:
            return ()
        case ConsolePhase.ATTACHING:
            return (f"{page.alias} is being opened.",)
        case ConsolePhase.IN_USE:
            return (
                "Somebody else holds this console. libvirt does not say who, nor since when; "
                'often it is a "virsh console" left open in another terminal.',
            )
        case ConsolePhase.TAKEN_OVER:
            return (
                "Somebody else took this console over. What the guest has written since then went "
                "to them alone.",
            )
        case ConsolePhase.OFF:
            before = " The lines above are of before." if page.was_attached else ""
            return (
                f"{page.name} is off, so its console is closed.{before}",
                f"It opens here by itself when {page.name} starts, whoever starts it.",
            )
        case ConsolePhase.HOST_LOST:
            return (
                f"{page.host} does not answer, so its console is lost. It opens here by itself "
                f"once {page.host} answers again.",
            )
    return (f"{page.alias} cannot be opened.",)


def _labelled(page: ConsolePage, width: int) -> list[Line]:
    """What is known of why, as labelled facts."""
    state = page.state
    if state is None:
        return []
    facts: list[tuple[str, str]] = []
    if state.phase is ConsolePhase.IN_USE:
        facts = [
            ("known", state.reason if "process" in state.reason else ""),
            ("not changed", "nothing was taken from them: the guest writes to them alone"),
        ]
    elif state.phase in (ConsolePhase.REFUSED, ConsolePhase.HOST_LOST, ConsolePhase.OFF):
        facts = [("reason", state.reason)]
        if state.error is not None and state.error.advice:
            facts.append(("try", state.error.advice))
    lines: list[Line] = []
    for label, fact in facts:
        for number, part in enumerate(wrapped(fact, width - 17) if fact else ()):
            lines.append((Run(f" {'' if number else label:<15}", Role.MUTED), Run(part)))
    return [*lines, BLANK] if lines else []


def _others(page: ConsolePage) -> str:
    """The other consoles, which were not asked."""
    others = [
        f"{clean(one.alias)} ({clean(one.name)})" if one.name else clean(one.alias)
        for number, one in enumerate(page.devices or ())
        if number != page.place
    ]
    if not others:
        return ""
    verb = "was" if len(others) == 1 else "were"
    plural = "" if len(others) == 1 else "s"
    return f"Its other console{plural}, {formatting.listed(others)}, {verb} not asked: tab"


# -- the two last lines --------------------------------------------------------------------


def answer(page: ConsolePage) -> Line:
    """The state in one sentence."""
    told = {
        ConsolePhase.IN_USE: f"its {page.alias} is held by somebody else; it is asked for again",
        ConsolePhase.TAKEN_OVER: f"its {page.alias} was taken over",
        ConsolePhase.HOST_LOST: f"{page.host} does not answer",
        ConsolePhase.REFUSED: page.state.reason if page.state is not None else "",
        ConsolePhase.READING: "its log is read; nothing that is typed reaches it",
    }
    if page.typing:
        text = "every key goes to the guest, esc and ctrl+c too"
        text += f"; kept in {page.file}" if page.file else ""
    elif page.state is not None and page.phase is ConsolePhase.OFF:
        text = f"{page.state.reason or 'it is off'}; s starts it"
    elif page.phase is ConsolePhase.ATTACHED:
        text = f"attached since {formatting.clock(page.state.since)}" if page.state else ""
        if page.is_shared:
            text += "; others can open a container's console too, and then get part of its output"
    else:
        text = told.get(page.phase, "") if page.phase is not None else ""
    return Run(page.name, Role.STRONG), Run(f"  {clean(text)}")


def no_break(page: ConsolePage) -> str:
    """Why no break can be sent, and who can send one."""
    if page.is_shared or not page.alias.startswith("serial"):
        return "break: only a serial line has one"
    send = ["virsh", "qemu-monitor-command", page.name, "--hmp"]
    line = shlex.join([*send, f"chardev-send-break char{page.alias}"])
    return f"break: libvirt has no call for it; QEMU has, which taints the domain: {line}"


_FIRST_KEYS = {
    ConsolePhase.ATTACHED: (KeyHint("enter", "type"),),
    ConsolePhase.IN_USE: (KeyHint("enter", "wait"), KeyHint("T", "take over")),
    ConsolePhase.TAKEN_OVER: (KeyHint("enter", "ask again"), KeyHint("T", "take it back")),
    ConsolePhase.REFUSED: (KeyHint("enter", "try again"),),
    ConsolePhase.OFF: (KeyHint("s", "start"),),
    ConsolePhase.READING: (KeyHint("enter", "ask for it"),),
}


def hints(page: ConsolePage, *, compact: bool) -> list[KeyHint]:
    """The keys of the page."""
    if page.typing:
        to_guest = [KeyHint("", f"every other key goes to {page.name}")] if compact else []
        return [KeyHint("ctrl+]", "stop typing", keep=True), *to_guest]
    shown = list(_FIRST_KEYS.get(page.phase, ())) if page.phase is not None else []
    if page.was_attached:
        shown.append(KeyHint("n N", "match") if page.searched else KeyHint("/", "search"))
        shown += [KeyHint("pgup", "older"), KeyHint("G", "newest", page.line is not None)]
    if page.phase is ConsolePhase.ATTACHED:
        shown += [KeyHint("z", "size"), KeyHint("]", "send ctrl+]"), KeyHint("b", "break", False)]
    if page.was_attached:
        shown.append(KeyHint("e", "end its file" if page.file else "to a file"))
    if len(page.devices or ()) > 1:
        shown.append(KeyHint("tab", "next console"))
    leave = KeyHint("esc", "let go" if page.open else "back", keep=True)
    logged = page.device is not None and bool(page.device.log_file)
    reads = logged and page.phase is ConsolePhase.IN_USE
    log = KeyHint("l", "read along") if reads else KeyHint("l", "logs")
    return [*shown, log, leave, KeyHint("?", "keys", keep=True)]


def hints_beside(page: ConsolePage) -> list[KeyHint]:
    """The keys of a console that stands beside another, while it takes them."""
    if page.typing:
        return [KeyHint("ctrl+]", "stop typing", keep=True)]
    shown = list(_FIRST_KEYS.get(page.phase, ())) if page.phase is not None else []
    shown = [one for one in shown if one.key != "s"]
    if page.was_attached:
        shown.append(KeyHint("n N", "match") if page.searched else KeyHint("/", "search"))
        shown += [KeyHint("pgup", "older"), KeyHint("G", "newest", page.line is not None)]
    return [
        *shown,
        KeyHint("|", "change what is beside it"),
        KeyHint("tab", "to the first console", keep=True),
        KeyHint("?", "keys", keep=True),
    ]
