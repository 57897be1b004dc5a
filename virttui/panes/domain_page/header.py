"""The top of the page: whose it is, and what kind of machine that is."""

from __future__ import annotations

import time

from virttui import formatting
from virttui.model.inventory import ConnectionState, DomainState
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.panes.domains import rows
from virttui.panes.domains.rows import state_of, word
from virttui.panes.domains.summary import reason
from virttui.render.line import Line, Role, Run, clean, cut, cut_end, ends, fit, length, within
from virttui.store.attention import domain_alarms

_LABEL = 8
_SECOND_LABEL = 11
_SECOND = 11
"""Cells of the labels, and of the values on the right, at least."""


def crumb(shown: DetailsInput, width: int) -> Line:
    """``kvm01 › domains › web-01   ● running 63d 4h   Shop front``."""
    look = shown.look
    host = clean(shown.fleet_state.host_name(shown.key.host))
    path = f" {look.glyphs.path} "
    begin: list[Run] = [Run(f" {host}{path}domains{path}" if width >= 60 else " ", Role.MUTED)]
    name = cut(clean(shown.domain.name) or "(no name)", max(8, width - length(begin) - 20))
    begin += [Run(name, Role.STRONG), Run("   "), *_state(shown)]
    if shown.domain.title and width >= 60:
        begin.append(Run(f"   {clean(shown.domain.title)}", Role.MUTED))
    end: tuple[Run, ...] = ()
    waits = shown.details.waiting
    if waits and width >= 100:
        verb = "waits" if waits == 1 else "wait"
        end = (Run(f"  {formatting.counted(waits, 'change')} {verb} for next boot ", Role.ACCENT),)
    return ends(within(begin, width - length(end)), end, width)


def _state(shown: DetailsInput) -> list[Run]:
    if shown.row is None:
        return [Run(f"{shown.look.glyphs.failed} gone", Role.WARN)]
    state = state_of(shown.row, shown.look)
    if state.alarm:
        return [Run(f" {state.glyph} {state.word} ", Role.ALARM)]
    up = uptime(shown)
    text = f" {state.word}" + (f" {_long(up)}" if up is not None else "")
    aged = f"  {state.age} old" if state.age else ""
    return [Run(state.glyph, state.glyph_role), Run(text), Run(aged, Role.MUTED)]


def _long(seconds: float) -> str:
    """``63d 4h``, ``6h 12m``, ``17m``, ``41s``: two units where there is room for them."""
    minutes = int(seconds) // 60
    if minutes < 60:
        return formatting.age(seconds)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}m" if hours < 48 else f"{hours // 24}d {hours % 24}h"


def uptime(shown: DetailsInput) -> float | None:
    """The seconds since its process started; None where that is not known."""
    process = shown.details.process
    if not shown.on:
        return None
    if process is None:
        return rows.uptime(shown.domain, shown.look)
    return max(0.0, shown.look.epoch - process.started_epoch)


def overview(shown: DetailsInput, width: int, height: int) -> list[Line]:
    """At most ``height`` lines of labelled facts, in two columns."""
    second = _SECOND + max(0, (width - 60) // 3)
    first = width - 1 - _LABEL - (_SECOND_LABEL + second)
    pairs = [
        ("state", _lived(shown), "id", "" if shown.domain.id is None else str(shown.domain.id)),
        ("cpu", _cpu(shown), "machine", shown.definition.machine or shown.definition.arch),
        ("memory", _memory(shown), "firmware", shown.definition.firmware),
        ("guest", _guest(shown), "boot", " ".join(shown.definition.boot)),
        ("agent", _agent(shown, first - 1), "autostart", "on" if shown.domain.autostart else "off"),
        ("tags", _tags(shown), "persistent", "yes" if shown.domain.persistent else "no"),
        ("uuid", shown.key.uuid, "", ""),
    ]
    lines: list[Line] = []
    for label, value, other, says in pairs[:height]:
        mark = shown.look.glyphs.cut
        room = first - 1 if other else width - 1 - _LABEL
        text = cut_end(clean(value) or formatting.UNKNOWN, room, mark)
        line = [Run(f" {label:<{_LABEL}}", Role.MUTED), Run(fit(text, room, mark=mark))]
        if other and first >= 12:
            ended = cut_end(clean(says) or formatting.UNKNOWN, second, mark)
            line += [Run(f" {other:<{_SECOND_LABEL}}", Role.MUTED), Run(ended)]
        lines.append(within(line, width))
    return lines


def _lived(shown: DetailsInput) -> str:
    domain, process = shown.domain, shown.details.process
    reason = "" if domain.reason in ("unknown", "") else domain.reason.replace("_", " ")
    if shown.on and process is not None and domain.reason == "booted":
        when = time.strftime("%-d %b %H:%M", time.localtime(process.started_epoch))
        reason = f"booted {when}"
    return ", ".join(part for part in (word(domain), reason) if part)


def _cpu(shown: DetailsInput) -> str:
    definition, vcpus = shown.definition, shown.domain.vcpus or shown.definition.vcpus
    most = definition.vcpus_max
    of = f" of {most}" if most is not None and vcpus is not None and most > vcpus else ""
    parts = ["" if vcpus is None else f"{vcpus}{of} vcpu", definition.cpu, definition.topology]
    return ", ".join(part for part in parts if part)


def _memory(shown: DetailsInput) -> str:
    definition = shown.definition
    current = shown.domain.memory or definition.memory
    most = definition.memory_max or shown.domain.memory_max
    parts = [
        "" if current is None else f"{formatting.whole_size(current)} given",
        f"{formatting.whole_size(most)} at most" if most and current and most > current else "",
        definition.hugepages,
    ]
    return ", ".join(part for part in parts if part)


def _guest(shown: DetailsInput) -> str:
    guest = shown.details.guest
    if guest is not None and guest.os:
        return ", ".join(part for part in (guest.os, guest.kernel) if part)
    return shown.definition.os or ("container" if shown.domain.os_type == "exe" else "")


def _agent(shown: DetailsInput, width: int) -> str:
    """The facts of the agent; the load is left out where there is no room."""
    guest = shown.details.guest
    if guest is None:
        connected = shown.definition.agent == "connected" and shown.on
        return shown.details.guest_why or ("connected" if connected else "")
    users = "" if guest.users is None else formatting.counted(len(guest.users), "user")
    load = "" if guest.load is None else f"load {guest.load:.1f}"
    text = ", ".join(part for part in ("connected", clean(guest.hostname), users) if part)
    return f"{text}, {load}" if load and len(text) + len(load) + 2 <= width else text


def _tags(shown: DetailsInput) -> str:
    return " ".join(shown.domain.tags) or "none"


def _with_disks(text: str, shown: DetailsInput) -> str:
    """The reason of a pause, with the disks that QEMU names."""
    errors = shown.details.disk_errors if shown.domain.reason == "ioerror" else ()
    named = "; ".join(f"{clean(disk)}: {why}" for disk, why in errors)
    return f"paused itself, {named}. Fix that, then s resumes it" if named else text


def problem(shown: DetailsInput) -> str:
    """The most important problem: domain deleted, host lost, guest silent; "" without one."""
    look, name = shown.look, shown.domain.name
    host = shown.fleet_state.host_name(shown.key.host)
    if shown.row is None:
        return f"{name} is gone from {host}; this is what was last known. esc goes back"
    if shown.row.inventory.host.phase is not ConnectionState.LIVE:
        answered = shown.row.inventory.host.answered_at
        since = "" if answered is None else f" for {formatting.span(look.now - answered)}"
        return f"{host} has not answered{since}; figures are from then. ctrl+r tries now"
    if shown.domain.silent_at is not None:
        since = formatting.span(look.now - shown.domain.silent_at)
        return f"its QEMU has not answered for {since}; figures are from then. D forces it off"
    if domain_alarms(shown.domain):
        return _with_disks(reason(shown.row, shown.fleet_state, look), shown)
    if shown.details.hung:
        return "its QEMU does not answer queries; these figures are old"
    if shown.domain.state is DomainState.SHUTOFF:
        state = "saved to disk" if shown.domain.saved else word(shown.domain)
        return f"it is {state}: this is its definition. s starts it"
    return shown.details.fault
