"""The layout of the page: the lines of its parts, and its two halves."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui.model.domains.details import VcpuMetrics
from virttui.panes.domain_page import graphs as domain_page_graphs
from virttui.panes.domain_page import vcpus
from virttui.panes.domain_page.device_tree import DeviceTreeNode
from virttui.panes.domain_page.header import overview
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.panes.domains.rows import word
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.graph_strips import window_words
from virttui.render.line import BLANK, Background, Line, Role, Run, on, within
from virttui.render.scales import GraphScales

WIDE = 120
_FRAME = 4
"""Tabs, breadcrumb, answer line and keys line."""


class PageSizes(Struct, frozen=True):
    """Cells of the halves and lines of their parts; on a narrow page one half has all cells."""

    left: int
    right: int
    lines: int
    overview: int
    strip: int

    @property
    def tree(self) -> int:
        """Lines of the tree."""
        return max(1, self.lines - self.overview - (2 if self.overview else 1))

    @property
    def memory(self) -> int:
        """Lines of the memory part, its rule included."""
        return 2 if self.lines >= 6 else 0

    @property
    def vcpus(self) -> int:
        """Lines of vCPUs, without rule and header."""
        graphs = 5 * self.strip + 2 if self.strip else 0
        return max(1, self.lines - graphs - 2 - self.memory)


def sizes(width: int, height: int) -> PageSizes:
    """Share out a terminal of that size."""
    lines = max(1, height - _FRAME)
    facts = 7 if lines >= 16 else 2 if lines >= 8 else 0
    strip = 4 if lines >= 44 else 2 if lines >= 18 else 0
    if width < WIDE:
        return PageSizes(width, width, lines, facts, strip)
    left = width // 2
    return PageSizes(left, width - left - 1, lines, facts, strip)


def lit(line: Line, look: RenderContext, *, focused: bool) -> Line:
    """The row under the cursor: its bar, and the ground of the part with the focus."""
    bar = Run(look.glyphs.cursor, Role.ACCENT)
    rest: list[Run] = []
    for place, run in enumerate(line):
        text = run.text[1:] if place == 0 else run.text
        role = Role.TEXT if focused and run.role is Role.MUTED else run.role
        rest.append(Run(text, role))
    whole = (bar, *rest)
    return on(whole, Background.CURSOR) if focused else whole


class VisibleTreeRows(Struct, frozen=True):
    """The visible rows of the tree: each line with the id of its node."""

    lines: Sequence[tuple[str, Line]]
    offset: int


def reach(tree: Sequence[DeviceTreeNode], cursor: str, offset: int, height: int) -> VisibleTreeRows:
    """The lines in view, scrolled no more than needed to show the cursor's node."""
    flat = [(node.id, line) for node in tree for line in (node.line, *node.below)]
    places = [place for place, (id, _) in enumerate(flat) if id == cursor]
    if places:
        offset = max(offset, min(places[-1] - height + 1, places[0]))
        offset = min(offset, places[0])
    offset = max(0, min(offset, len(flat) - height))
    return VisibleTreeRows(flat[offset : offset + height], offset)


def left(
    shown: DetailsInput,
    tree: Sequence[DeviceTreeNode],
    view: VisibleTreeRows,
    cursor: str,
    parts: PageSizes,
    *,
    focused: bool,
) -> list[Line]:
    """The left half: overview and devices."""
    look, width = shown.look, parts.left
    lines: list[Line] = []
    if parts.overview:
        lines.append(chrome.rule("overview", "", look, width))
        lines += overview(shown, width, parts.overview)
    number = str(len(shown.definition.devices)) if shown.details.definition is not None else ""
    lines.append(
        chrome.pane_rule("devices", number, (), "", "by kind",
                         focused=focused, look=look, width=width)
    )  # fmt: skip
    heads = {node.id: node.line for node in tree}
    for id, line in view.lines:
        here = id == cursor and line is heads[id]
        lines.append(lit(line, look, focused=focused) if here else line)
    return _evaluate(lines, parts.lines)


class VcpuView(Struct, frozen=True):
    """The view of the vCPUs: their sort, the first one shown, and the selected one."""

    rows: Sequence[VcpuMetrics]
    sort: str
    descending: bool
    offset: int
    cursor: int | None


def right(
    shown: DetailsInput,
    view: VcpuView,
    device: str,
    window: int,
    scales: GraphScales,
    parts: PageSizes,
    *,
    focused: bool,
) -> list[Line]:
    """The right half: history, vCPUs, memory."""
    look, width = shown.look, parts.right
    lines: list[Line] = []
    if parts.strip:
        strips, seconds = domain_page_graphs.strips(
            shown, device, window, scales, width, parts.strip
        )
        lines += [chrome.rule("history", window_words(seconds), look, width), *strips]
    mark = look.glyphs.down if view.descending else look.glyphs.up
    count = str(len(view.rows)) if view.rows else ""
    lines.append(
        chrome.pane_rule("vcpus", count, (), "", f"sort {view.sort}{mark}",
                         focused=focused, look=look, width=width)
    )  # fmt: skip
    lines.append(vcpus.head(shown, view.sort, width, descending=view.descending))
    rows: list[Line] = []
    for vcpu in view.rows[view.offset : view.offset + parts.vcpus]:
        line = vcpus.line(vcpu, shown, width)
        chosen = focused and vcpu.number == view.cursor
        rows.append(lit(line, look, focused=True) if chosen else line)
    if not view.rows:
        why = "no figures for its vCPUs" if shown.on else f"none: it is {word(shown.domain)}"
        rows = [(Run(f"   {why}", Role.MUTED),)]
    lines += rows + [BLANK] * (parts.vcpus - len(rows))
    if parts.memory:
        lines.append(chrome.rule("memory", domain_page_graphs.memory_end(shown), look, width))
        lines.append(domain_page_graphs.memory_line(shown, width))
    return _evaluate([within(line, width) for line in lines], parts.lines)


def _evaluate(lines: list[Line], height: int) -> list[Line]:
    return (lines + [BLANK] * height)[:height]
