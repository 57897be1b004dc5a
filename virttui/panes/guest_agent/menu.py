"""The menu of a guest's agent: what it told, and each action with what it would do now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.model.commands import Verb
from virttui.model.domains.guest_agent import FREEZE_SECONDS, GuestAgentReport
from virttui.model.identity import ObjectId
from virttui.render.line import Line, Role, Run, clean, cut_end, wrapped
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState

LABEL = 11
_CLOCK_RIGHT = 0.05
"""Seconds below which a clock's difference is not worth a sentence of its own."""
_MOST_USERS = 3


class AskedGuest(Struct, frozen=True):
    """A guest whose agent was asked: ``report`` is None until it told, or where ``why_not`` says
    why it was not asked or libvirt refused. ``frozen_since`` is the epoch at which this run began
    to hold its writes, None where it does not. ``is_silent``: its agent was given up. ``no_login``
    says why one cannot log in by ssh, for which no agent is needed."""

    key: ObjectId
    name: str
    report: GuestAgentReport | None = None
    why_not: str = ""
    frozen_since: float | None = None
    is_silent: bool = False
    no_login: str = ""

    @property
    def reason(self) -> str:
        """Why it can be asked nothing, "" where it can."""
        if self.report is None:
            return self.why_not or "its agent is being asked"
        return self.report.why_not

    @property
    def is_frozen(self) -> bool:
        """Whether its writes are held, by whomever."""
        return self.report is not None and self.report.is_frozen


ENTRIES = (
    ("trim", "trim"),
    ("hold-writes", "hold writes"),
    ("let-go", "let go"),
    ("guest-time", "set the time"),
    ("password", "password…"),
    ("ssh-keys", "ssh keys…"),
    ("agent-shutdown", "shut down"),
    ("agent-facts", "all it tells"),
    ("run", "run…"),
    ("ssh", "ssh login"),
)
"""The actions by id, in their order, each with its words."""


def entries(guests: Sequence[AskedGuest]) -> list[PickerItem[str | None]]:
    """Each action with what it would do now, or why it cannot be done."""
    found: list[PickerItem[str | None]] = []
    for id, words in ENTRIES:
        reasons = [_why_not(id, guest) for guest in guests]
        if id == "ssh" and len(guests) > 1:
            reasons = ["one guest at a time" for _ in guests]
        able = [guest for guest, reason in zip(guests, reasons, strict=True) if not reason]
        note = _NOTES[id](able) if able else ""
        left = len(guests) - len(able)
        if able and left:
            note = f"{note}; not {left} of {len(guests)}"
        found.append(PickerItem(id, words, note, why_not="" if able else reasons[0]))
    return found


def _why_not(id: str, guest: AskedGuest) -> str:
    """Why an action cannot be done in a guest, "" where it can."""
    if id == "ssh":
        return guest.no_login
    if guest.reason:
        waits = guest.report is None and not guest.why_not
        return "its agent is being asked" if waits else "no agent answers"
    if id == "let-go":
        return "" if guest.is_frozen else "nothing is held now"
    if guest.is_frozen:
        return "its writes are held already" if id == "hold-writes" else "once its writes go on"
    return ""


# -- what each would do ------------------------------------------------------------------------


def _trim(guests: Sequence[AskedGuest]) -> str:
    reports = [guest.report for guest in guests if guest.report is not None]
    if not any(report.trim.disks for report in reports):
        whose = "its disks" if len(guests) == 1 else "their disks"
        return f"{whose} pass no discard on: nothing comes back"
    most = [report.trim.most for report in reports if report.trim.disks]
    known = [one for one in most if one is not None]
    if len(known) < len(most):
        return "what comes back is known afterwards"
    disks = formatting.listed(sorted({disk for one in reports for disk in one.trim.disks}))
    return f"gives back {formatting.size(sum(known))} of {clean(disks)} at most"


def _freeze(guests: Sequence[AskedGuest]) -> str:
    whose = "its" if len(guests) == 1 else "their"
    return f"freezes {whose} file systems, {FREEZE_SECONDS:.0f} s at most"


def _thaw(guests: Sequence[AskedGuest]) -> str:
    mine = [one.frozen_since for one in guests if one.frozen_since is not None]
    if len(mine) < len(guests):
        return "thaws them; held by another program"
    return f"thaws them; held since {formatting.clock(min(mine))}"


def _set_time(guests: Sequence[AskedGuest]) -> str:
    clocks = [guest.report.clock for guest in guests if guest.report is not None]
    known = [clock for clock in clocks if clock is not None]
    if not known:
        return "no clock is told"
    worst = max(known, key=lambda clock: abs(clock.ahead))
    if abs(worst.ahead) <= max(_CLOCK_RIGHT, worst.error):
        whose = "its clock is" if len(guests) == 1 else "their clocks are"
        return f"{whose} right to {max(0.01, worst.error):.2f} s"
    whose = "its clock" if len(guests) == 1 else "the worst clock"
    return f"{whose} is {apart(worst.ahead)} this computer's"


def apart(ahead: float) -> str:
    """``0.4 s behind``, ``3 min 5 s ahead of``."""
    size = abs(ahead)
    words = f"{size:.1f} s" if size < 60 else formatting.span(size)
    return f"{words} {'ahead of' if ahead > 0 else 'behind'}"


def _keys(guests: Sequence[AskedGuest]) -> str:
    if len(guests) > 1:
        return "one more, or one less, for a user"
    report = guests[0].report
    if report is None or report.keys is None:
        return clean(report.keys_why) if report is not None else ""
    return f"for a user: {report.keys or 'none'} there for root"


_NOTES: dict[str, Callable[[Sequence[AskedGuest]], str]] = {
    "trim": _trim,
    "hold-writes": _freeze,
    "let-go": _thaw,
    "guest-time": _set_time,
    "password": lambda guests: "of root or another; never kept",
    "ssh-keys": _keys,
    "ssh": lambda guests: "on a terminal here; needs no agent",
    "agent-shutdown": lambda guests: "as S, but by the agent alone",
    "agent-facts": lambda guests: "users, file systems, addresses, load",
    "run": lambda guests: "a program, its output on a page: asks",
}


# -- what they told --------------------------------------------------------------------------


def facts(guests: Sequence[AskedGuest], width: int) -> list[Line]:
    """What the agents told, as labelled lines."""
    if len(guests) > 1:
        return _facts_of_many(guests, width)
    (guest,) = guests
    report = guest.report
    if report is None or report.why_not:
        role = Role.WARN if report is not None or guest.why_not else Role.MUTED
        parts = wrapped(clean(guest.reason), width - LABEL - 1)
        return [
            _fact("" if number else "agent", part, width, role) for number, part in enumerate(parts)
        ]
    if report.is_frozen:
        return [_fact("agent", "its writes are held, it tells nothing until then", width)]
    took = f"answered in {max(1, round((report.took or 0.0) * 1000))} ms"
    info = report.info
    if info is None:
        return [_fact("agent", took, width)]
    load = "" if info.load is None else f", load {info.load:.1f}"
    lines = [_fact("agent", f"{took}{load}", width)]
    system = ", ".join(part for part in (info.os, info.kernel, info.hostname) if part)
    if system:
        lines.append(_fact("system", system, width))
    if info.users is not None:
        lines.append(_fact("logged in", _users(info.users), width))
    return lines


def _users(users: Sequence[tuple[str, float]]) -> str:
    shown = [
        f"{name} since {formatting.clock(since)}" if since else name
        for name, since in users[:_MOST_USERS]
    ]
    more = len(users) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if users else "nobody"


def _facts_of_many(guests: Sequence[AskedGuest], width: int) -> list[Line]:
    asked = [guest for guest in guests if guest.report is not None or guest.why_not]
    answers = sum(not guest.reason for guest in guests)
    waits = len(guests) - len(asked)
    words = f"{answers} of {len(guests)} answer" + (f", {waits} are being asked" if waits else "")
    lines = [_fact("agents", words, width)]
    silent = [guest for guest in asked if guest.reason]
    lines += [
        _fact("" if number else "not", f"{guest.name}: {guest.reason}", width, Role.WARN)
        for number, guest in enumerate(silent[:2])
    ]
    if len(silent) > 2:
        lines.append(_fact("", f"and {len(silent) - 2} more", width, Role.WARN))
    return lines


def _fact(label: str, words: str, width: int, role: Role = Role.TEXT) -> Line:
    return (
        Run(f" {label:<{LABEL}}", Role.MUTED),
        Run(cut_end(clean(words), max(1, width - LABEL - 1)), role),
    )


def frozen_since(fleet_state: FleetState, key: ObjectId) -> float | None:
    """The epoch at which a task of this run began to hold a guest's writes; None without one."""
    for task in fleet_state.tasks:
        verb = task.command.verb
        if verb is Verb.FREEZE and task.command.target.key == key and not task.state.ended:
            return task.started_epoch
    return None


def footer(guests: Sequence[AskedGuest]) -> str:
    """What happens to held writes."""
    stuck = [
        guest
        for guest in guests
        if guest.frozen_since is not None
        and (guest.is_silent or (guest.report is not None and guest.report.is_silent))
    ]
    if stuck:
        return "held writes are let go by D at the latest"
    return f"held writes are let go after {FREEZE_SECONDS:.0f} s by themselves"


def facts_page(guest: AskedGuest) -> list[str]:
    """All that an agent told, as the lines of a page."""
    report = guest.report
    info = report.info if report is not None else None
    if report is None or info is None:
        return [guest.reason or "its writes are held: it tells nothing until they are let go"]
    clock = "" if report.clock is None else f"{apart(report.clock.ahead)} this computer's"
    load = "not told by this libvirt or agent" if info.load is None else f"{info.load:.2f}"
    lines = [
        _row("system", info.os or "not told"),
        _row("kernel", info.kernel or "not told"),
        _row("host name", info.hostname or "not told"),
        _row("time zone", info.timezone or "not told"),
        _row("clock", clock or "not told"),
        _row("load", load),
        "",
        "logged in",
    ]
    users = info.users
    lines += ["  not told"] if users is None else [
        f"  {name:<20} since {formatting.clock(since)}" if since else f"  {name}"
        for name, since in users
    ] or ["  nobody"]  # fmt: skip
    lines += ["", "file systems"]
    disks = info.disks
    lines += ["  not told"] if disks is None else [
        f"  {one.mount:<24} {one.type:<8} {formatting.size(one.used):>6} of "
        f"{formatting.size(one.total):>6}  {formatting.percent(one.fill):>3}%  "
        f"{', '.join(one.disks)}".rstrip()
        for one in disks
    ] or ["  none on a disk"]  # fmt: skip
    lines += ["", "addresses"]
    nics = info.nics
    lines += ["  not told"] if nics is None else [
        f"  {one.name:<12} {one.mac:<18} {' '.join(one.addresses)}".rstrip() for one in nics
    ] or ["  none"]  # fmt: skip
    return [clean(line) for line in lines]


def _row(label: str, words: str) -> str:
    return f"{label:<{LABEL}} {words}"
