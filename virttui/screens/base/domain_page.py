"""What the pages of one domain have in common: details, console, screen, logs, snapshots."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.css.scalar import Scalar
from textual.widget import Widget

from virttui.model.commands import Target
from virttui.model.domains.details import DomainDetails
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.screens.base.state_page import StatePage
from virttui.store.fleet_state import FleetState

T = TypeVar("T")


class DomainPage(StatePage[T], Generic[T], inherit_bindings=False):
    """A page of one domain: it takes what is known of it and paints what changed."""

    view_state: DetailsViewState

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now and paint what changed."""
        self.view_state.update(fleet_state)
        self.paint()

    def take_details(self, details: DomainDetails) -> None:
        """Take the details told last; they are painted with the next feed."""
        if details.key == self.view_state.key:
            self.view_state.take_details(details)

    def show(self, target: Target) -> bool:
        """One domain's page lists no others."""
        return True


def give_height(part: Widget, height: int) -> None:
    """Give a part its height, or hide it: a layout repaints everything, so only on a change."""
    if part.display != bool(height):
        part.display = bool(height)
    if height and part.styles.height != Scalar.from_number(height):
        part.styles.height = height


def give_width(side: Widget, width: int, gap: int) -> None:
    """Give a part on the right its width and the gap before it, or hide it."""
    if side.display != bool(width):
        side.display = bool(width)
    if width and side.styles.width != Scalar.from_number(width):
        side.styles.width = width
        side.styles.margin = (0, 0, 0, gap)
