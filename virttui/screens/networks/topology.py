"""The tree of how guests are wired, followed while it is open."""

from __future__ import annotations

from collections.abc import Callable

from virttui import formatting
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.panes.networks.topology import TopologyRow, place_of, topology
from virttui.render.chrome import KeyHint
from virttui.screens.base.text_screen import TextScreen
from virttui.store.fleet_state import FleetState


class _Nothing:
    """The inventories fill the page."""

    async def fill(self, page: TextScreen) -> None:
        """There is nothing to wait for."""

    def stop(self) -> None:
        """Nothing works for it."""


class TopologyScreen(TextScreen):
    """Opened on the network ``key``; ``go`` is told what to show when a line is chosen."""

    def __init__(
        self, fleet_state: FleetState, key: ObjectId | None, go: Callable[[Kind, ObjectId], None]
    ) -> None:
        super().__init__("topology", _Nothing())
        self._fleet_state = fleet_state
        self._key = key
        self._go = go
        self._spots: list[TopologyRow] = []
        self._basis: tuple[object, ...] = ()
        self._does["enter"] = self._enter

    def on_mount(self) -> None:
        """Draw the tree, the cursor on what it was opened for."""
        self.update_state(self._fleet_state)
        if self._key is not None:
            self.page.go(place_of(self._spots, self._key))
        super().on_mount()

    def update_state(self, fleet_state: FleetState) -> None:
        """Draw it as it is now; the cursor stays on the line that it is on."""
        self._fleet_state = fleet_state
        basis = tuple(map(_basis, fleet_state.inventories.values()))
        if basis != self._basis:
            self._basis = basis
            self._spots = topology(fleet_state, self.look)
            self.page.set_lines(
                [spot.text for spot in self._spots], [spot.role for spot in self._spots]
            )
        hosts = len(fleet_state.inventories)
        self._status = lambda: formatting.counted(hosts, "host")
        self.draw()

    def _hints(self) -> list[KeyHint]:
        shown = super()._hints()
        if self._prompt.sign:
            return shown
        opens = bool(self._spots) and self._spots[self.page.place].key is not None
        return [KeyHint("enter", "go to it", opens), *shown]

    def _enter(self) -> None:
        spot = self._spots[self.page.place] if self._spots else TopologyRow("")
        if spot.kind is None or spot.key is None:
            self.show_message("this line has nothing to open")
            return
        self._close()
        self._go(spot.kind, spot.key)


def _basis(inventory: Inventory) -> tuple[object, ...]:
    """What the tree of a host is drawn from; of one that does not answer also its age."""
    age = 0.0 if inventory.current else inventory.at
    return id(inventory.domains), id(inventory.networks), inventory.host.phase, age
