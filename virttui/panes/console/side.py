"""What stands beside the guest's screen: what the domain does, its consoles, the keys."""

from __future__ import annotations

from virttui import formatting
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase
from virttui.panes.console.page import ConsolePage, hints
from virttui.panes.domains.rows import cpu_share, memory_share
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, length, within

FROM_WIDTH = 100
"""Columns of the terminal from which on there is a side."""
LOGS_FROM = 160
"""Columns of the terminal from which on its logs have room beside a console."""
WIDTH = 37
GAP = 2
"""Columns between the guest and its side."""
_GUEST = 81 + GAP
"""Columns of the guest's 80, the marks before them, and the gap."""
_BAR, _LABEL = 8, 7
_BAR_FROM = 26
"""Columns of the side from which on a share has a bar."""

_HOLDERS = {
    ConsolePhase.ATTACHED: "yours",
    ConsolePhase.ATTACHING: "asked for",
    ConsolePhase.IN_USE: "somebody else",
    ConsolePhase.TAKEN_OVER: "somebody else",
    ConsolePhase.OFF: "nobody: off",
    ConsolePhase.HOST_LOST: "not known",
    ConsolePhase.READING: "read along",
    ConsolePhase.REFUSED: "refused",
}
"""Who has the console that is shown. One that nobody asked for is not said to be free."""


def side_width(whole: int) -> int:
    """The columns of the side in a terminal of ``whole``; 0 where there is none."""
    return min(WIDTH, whole - _GUEST) if whole >= FROM_WIDTH else 0


def logs_width(whole: int) -> int:
    """The columns of the logs beside a console; 0 where there is no room for both."""
    return min(whole - _GUEST, whole * 5 // 12) if whole >= LOGS_FROM else 0


def console_width(whole: int) -> int:
    """The columns of another console beside a console; 0 where there is no room for both."""
    return min(whole - _GUEST, max(_GUEST - GAP, whole * 5 // 12)) if whole >= LOGS_FROM else 0


def side(page: ConsolePage, look: RenderContext, width: int, height: int) -> list[Line]:
    """Exactly ``height`` lines: figures, consoles, this one, keys, as far as there is room."""
    keys = [rule("after ctrl+]" if page.typing else "keys", "", look, width), *_keys(page)]
    parts = [*_facts(page, look, width), keys]
    lines = [_within(line, look, width) for part in parts for line in part]
    return [*lines, *[BLANK] * height][:height]


def side_above(page: ConsolePage, look: RenderContext, width: int, room: int) -> list[Line]:
    """What of the same stands above another console: whole parts, in ``room`` lines at most."""
    lines: list[Line] = []
    for part in _facts(page, look, width):
        if len(lines) + len(part) > room:
            break
        lines += [_within(line, look, width) for line in part]
    return lines


def _facts(page: ConsolePage, look: RenderContext, width: int) -> list[list[Line]]:
    """Figures, the consoles of the domain, and the one that is shown, each with its rule."""
    host = page.host if width >= _BAR_FROM else ""
    return [
        [rule(page.name, host, look, width), *_figures(page, look, width)],
        [rule("consoles", "", look, width), *_consoles(page, look)],
        [rule("this one", "", look, width), *_this_one(page)],
    ]


def _within(line: Line, look: RenderContext, width: int) -> Line:
    """The line in the side's width; where something is cut off, that is seen."""
    if length(line) <= width:
        return within(line, width)
    return (*within(line, width - 1), Run(look.glyphs.cut, Role.MUTED))


def _labelled(label: str, text: str, role: Role = Role.TEXT) -> Line:
    shown = cut_end(clean(label), _LABEL - 1)
    return Run(f" {shown:<{_LABEL}}", Role.MUTED), Run(text, role)


def _share(share: float | None, look: RenderContext, width: int) -> str:
    bar = f"{look.bar(share, _BAR)} " if width >= _BAR_FROM else ""
    return f"{bar}{formatting.percent(share):>3}%"


def _figures(page: ConsolePage, look: RenderContext, width: int) -> list[Line]:
    """What it uses, its full file systems, its address."""
    shown = page.shown
    row, domain = shown.row, shown.domain
    if row is None or not domain.state.active:
        return [_labelled("state", "off" if row is not None else "gone", Role.MUTED)]
    usage, limits = row.usage, look.limits
    cpu, memory = cpu_share(row), memory_share(row)
    vcpus = "" if domain.vcpus is None else f"  {domain.vcpus} vcpu"
    used = formatting.size(usage.memory_used)
    of = f"  {used}/{formatting.short_size(usage.memory_given or domain.memory)}"
    rate = formatting.rate
    lines = [
        _labelled("cpu", _share(cpu, look, width) + vcpus, _warned(cpu, limits.cpu)),
        _labelled("mem", _share(memory, look, width) + of, _warned(memory, limits.memory)),
        _labelled("disk", f"r {rate(usage.read):>5}   w {rate(usage.write):>5}"),
        _labelled("net", f"rx {rate(usage.rx):>4}   tx {rate(usage.tx):>4}"),
    ]
    guest = shown.details.guest
    for one in (guest.disks or ()) if guest is not None else ():
        if one.fill is None or one.total is None or one.used is None:
            continue
        if one.fill >= limits.filesystem:
            free = f"  {formatting.size(one.total - one.used)} free"
            lines.append(_labelled(one.mount, _share(one.fill, look, width) + free, Role.WARN))
    address = " ".join(domain.addresses) or formatting.UNKNOWN
    lines.append(_labelled("addr", clean(address)))
    return [line if shown.current else _muted(line) for line in lines]


def _warned(share: float | None, limit: float) -> Role:
    return Role.WARN if share is not None and share >= limit else Role.TEXT


def _muted(line: Line) -> Line:
    """Old figures are muted."""
    return tuple(run._replace(role=Role.MUTED) for run in line)


def _consoles(page: ConsolePage, look: RenderContext) -> list[Line]:
    """Every console of the domain and who has it, as far as that was asked."""
    lines: list[Line] = []
    for place, device in enumerate(page.devices or ()):
        here = place == page.place
        mark = Run(look.glyphs.cursor if here else " ", Role.ACCENT)
        names = f" {clean(device.alias):<8} {clean(device.name) or formatting.UNKNOWN:<7} "
        who = Run(_holder(page, device) if here else "not asked", Role.MUTED)
        lines.append((mark, Run(names), who))
    return lines


def _holder(page: ConsolePage, device: ConsoleDevice) -> str:
    state = page.state
    if state is None:
        return "not asked"
    held = _HOLDERS.get(state.phase, "")
    if state.phase is ConsolePhase.ATTACHED:
        held += f", {formatting.duration(max(0.0, page.shown.look.epoch - state.since))}"
        held += ", shared" if page.is_shared else ""
    return held


def _this_one(page: ConsolePage) -> list[Line]:
    """The guest's size, what is kept, and where it is logged."""
    columns, rows = page.guest
    device = page.device
    lines = [
        _labelled(
            "guest", f"{columns}x{rows}, {'told by z' if page.size_typed else 'told nothing yet'}"
        ),
        _labelled("kept", formatting.counted(page.kept, "line")),
    ]
    if device is not None:
        lines.append(_labelled("logged", clean(device.log_file) or "no"))
    if page.file:
        lines.append(_labelled("file", clean(page.file), Role.ACCENT))
    return lines


def _keys(page: ConsolePage) -> list[Line]:
    """The keys; while typing those that ctrl+] leads to."""
    return [
        (Run(f" {hint.key:<{_LABEL}}", Role.ACCENT_STRONG), Run(hint.word))
        for hint in hints(page.not_typing(), compact=False)
        if hint.possible
    ]
