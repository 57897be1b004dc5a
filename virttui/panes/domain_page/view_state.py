"""The state of the page of one domain, and the page as lines."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext
from virttui.model.domains.details import DomainDetails
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.panes.domain_page import layout, summary, vcpus
from virttui.panes.domain_page.device_tree import DeviceTreeNode, nodes
from virttui.panes.domain_page.header import crumb
from virttui.panes.domain_page.layout import WIDE, PageSizes, VcpuView, sizes
from virttui.panes.domain_page.snapshot import DetailsInput
from virttui.panes.domains.graph_drawer import WINDOWS
from virttui.panes.main.view_state import MainViewState
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.store.fleet_state import FleetState

_KEYS = ("back", "next-part", "open", "start", "shutdown", "console", "copy")


class PageFrame(Struct, frozen=True):
    """The whole page. ``left`` or ``right`` is empty where there is room for one alone."""

    tabs: Line
    crumb: Line
    left: list[Line]
    right: list[Line]
    sizes: PageSizes
    answer: Line
    keys: Line


class DetailsViewState(MainViewState):
    """The state behind the page: a stage whose only row is this domain.

    So keys, the help page and the copy menu see the one domain as they would see its row.
    """

    def __init__(self, domain: Domain, *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        self.key: ObjectId = domain.key
        self.details = DomainDetails(domain.key)
        self.vcpus_focused = False
        self.sort, self.descending = "steal", True
        self._last = domain
        self._folded: set[str] = set()
        self._cursor = ""
        self._place = 0
        self._offset = 0
        self._tree: list[DeviceTreeNode] = []
        self._vcpu: int | None = None
        self._vcpu_offset = 0

    # -- what is there ---------------------------------------------------------------------

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known now; of all domains only this one is a row."""
        known = fleet_state.domain(self.key)
        self._last = known or self._last
        super().update(replace(fleet_state, domains=(self.key,) if known is not None else ()))

    def take_details(self, details: DomainDetails) -> None:
        """Take the newest details."""
        self.details = details

    def situation(self) -> ActionContext:
        """Keys are pressed on the page, for this domain."""
        return replace(super().situation(), pane="details", rows=True)

    def page_input(self, look: RenderContext) -> DetailsInput:
        """Everything the page is drawn from."""
        row = self.views["domains"].row
        return DetailsInput(self.key, self._last, row, self.details, self.fleet_state, look)

    @property
    def wide(self) -> bool:
        """Return true if both halves are in view."""
        return self.size[0] >= WIDE

    # -- what keys change -------------------------------------------------------------------

    def next_part(self) -> bool:
        """Devices and vCPUs take turns with the focus; on a narrow page, in being seen."""
        self.vcpus_focused = not self.vcpus_focused
        return True

    def move(self, by: int) -> None:
        """Move the cursor of the part with the focus."""
        if self.vcpus_focused:
            self._go_vcpu(self._vcpu_place() + by)
        else:
            self._go(self._place + by)

    def go(self, *, last: bool) -> None:
        """The first row, or the last."""
        self.move(10**6 if last else -(10**6))

    @property
    def half(self) -> int:
        """Rows of half a page."""
        parts = sizes(*self.size)
        return max(1, (parts.vcpus if self.vcpus_focused else parts.tree) // 2)

    def _go(self, place: int) -> None:
        if self._tree:
            self._place = max(0, min(place, len(self._tree) - 1))
            self._cursor = self._tree[self._place].id

    def _rows(self) -> list[int]:
        shown = self.page_input(RenderContext())
        ordered = vcpus.ordered(shown, self.sort, descending=self.descending)
        return [vcpu.number for vcpu in ordered]

    def _vcpu_place(self) -> int:
        rows = self._rows()
        return rows.index(self._vcpu) if self._vcpu in rows else 0

    def _go_vcpu(self, place: int) -> None:
        rows = self._rows()
        if rows:
            self._vcpu = rows[max(0, min(place, len(rows) - 1))]

    def turn(self, *, to: bool | None = None) -> None:
        """Open what is shut and shut what is open; ``to`` says which alone is wanted.

        To shut what is shut already goes to the group around it.
        """
        node = self._node()
        if node is None or self.vcpus_focused:
            return
        if node.folds and (to is None or to is not node.open):
            self._folded ^= {node.id}
        elif to is False and not node.group:
            groups = [p for p, one in enumerate(self._tree[: self._place]) if one.group]
            self._go(groups[-1] if groups else 0)

    def turn_window(self, step: int) -> None:
        """Shorter or longer graphs."""
        self.window = max(0, min(self.window + step, len(WINDOWS) - 1))

    def sort_by(self, step: int) -> None:
        """Sort the vCPUs by the next column."""
        names = list(vcpus.SORTS)
        self.sort = names[(names.index(self.sort) + step) % len(names)]
        self.descending = self.sort not in ("vcpu", "cpu")

    def turn_sort(self) -> None:
        """Turn the order of the vCPUs round."""
        self.descending = not self.descending

    @property
    def device(self) -> str:
        """The name by which the device under the cursor is edited: ``vda``, ``nic2``."""
        node, definition = self._node(), self.details.definition
        device = node.device if node is not None else None
        if device is None:
            return ""
        if device.element == "disk" or definition is None or self.vcpus_focused:
            return device.name
        same = [one.name for one in definition.devices if one.element == device.element]
        kind = {"interface": "nic"}.get(device.element, device.element)
        return f"{kind}{same.index(device.name) + 1}" if device.name in same else ""

    def _node(self) -> DeviceTreeNode | None:
        return self._tree[self._place] if self._place < len(self._tree) else None

    # -- the page --------------------------------------------------------------------------

    def page(self, look: RenderContext) -> PageFrame:
        """The whole page at this moment."""
        width, parts, shown = self.size[0], sizes(*self.size), self.page_input(look)
        self._settle(nodes(shown, self._folded, parts.left))
        fleet_state = self.fleet_state
        first, second = self.wide or not self.vcpus_focused, self.wide or self.vcpus_focused
        return PageFrame(
            chrome.tabs("domains", fleet_state.running_tasks, self.badge(), width),
            crumb(shown, width),
            self._left(shown, parts) if first else [],
            self._right(shown, parts) if second else [],
            parts,
            self.answer(look),
            self.keys(look),
        )

    def _settle(self, tree: list[DeviceTreeNode]) -> None:
        """Take a new tree; the cursor stays on its row, at first on the first device."""
        ids = [node.id for node in tree]
        if self._cursor in ids:
            self._place = ids.index(self._cursor)
        elif not self._cursor:
            self._place = next((p for p, node in enumerate(tree) if node.trail), 0)
        self._tree = tree
        self._place = max(0, min(self._place, len(tree) - 1))
        if self.details.definition is not None:
            self._cursor = ids[self._place]

    def _left(self, shown: DetailsInput, parts: PageSizes) -> list[Line]:
        view = layout.reach(self._tree, self._cursor, self._offset, parts.tree)
        self._offset = view.offset
        focused = not self.vcpus_focused
        return layout.left(shown, self._tree, view, self._cursor, parts, focused=focused)

    def _right(self, shown: DetailsInput, parts: PageSizes) -> list[Line]:
        rows = vcpus.ordered(shown, self.sort, descending=self.descending)
        place = next((p for p, one in enumerate(rows) if one.number == self._vcpu), 0)
        # Until a hand chooses, the first row is the one that is looked at, whoever it is.
        if not self.vcpus_focused:
            place = 0
        offset = min(max(self._vcpu_offset, place - parts.vcpus + 1), place)
        self._vcpu_offset = max(0, min(offset, len(rows) - parts.vcpus))
        chosen = rows[place].number if rows else None
        view = VcpuView(rows, self.sort, self.descending, self._vcpu_offset, chosen)
        node = self._node()
        trail = node.trail if node is not None else ""
        seconds = WINDOWS[self.window]
        focused = self.vcpus_focused
        return layout.right(shown, view, trail, seconds, self.scales, parts, focused=focused)

    def status_text(self, look: RenderContext) -> Line:
        """The row under the cursor in words."""
        shown = self.page_input(look)
        if self.vcpus_focused and shown.current:
            rows = vcpus.ordered(shown, self.sort, descending=self.descending)
            chosen = next(
                (one for one in rows if one.number == self._vcpu), rows[0] if rows else None
            )
            if chosen is not None:
                text = vcpus.sentence(chosen, shown)
                return Run(f"vcpu {chosen.number}", Role.STRONG), Run(f"  {text}")
        return summary.sentence(self._node(), shown)

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        situation = self.situation()
        shown = [
            chrome.KeyHint(action.key, action.word, not action.why_not(situation), id)
            for id in _KEYS
            for action in [BY_ID[id]]
        ]
        shown.append(chrome.KeyHint("[ ]", "window", id="window-more"))
        help_word = "all keys" if self.size[0] >= WIDE else "keys"
        return [*shown, chrome.KeyHint("?", help_word, id="help", keep=True)], ""
