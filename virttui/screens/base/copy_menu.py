"""The copy menu: what can be copied of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from textual.screen import Screen

from virttui.actions.target import ActionTarget
from virttui.model.identity import Kind
from virttui.model.inventory import Domain
from virttui.panes.main import key_hints
from virttui.panes.main.events import EventRow
from virttui.panes.main.tasks import TaskRow
from virttui.panes.virsh_equivalent import virsh_info
from virttui.render.search import PickerItem
from virttui.screens.base.screen_protocol import ActionScreen


def copy_selected(screen: Screen[Any], otherwise: str) -> str:
    """Copy what the mouse selected; returns words for it, or ``otherwise``."""
    selected = screen.get_selected_text()
    if not selected:
        return f"{otherwise}; ctrl+c copies what the mouse selected"
    screen.app.copy_to_clipboard(selected)
    screen.clear_selection()
    return "copied"


def copy(screen: ActionScreen) -> None:
    """The copy menu of the row under the cursor."""
    offers = _offered(screen)
    if offers:
        screen.run_flow(_copy(screen, offers))
    else:
        screen.show_message("copy: nothing is selected")


async def _copy(screen: ActionScreen, offers: Sequence[tuple[str, str, str]]) -> None:
    from virttui.modals.base.chooser import PickerDialog

    entries = [PickerItem((what, value), what, note=value, key=key) for key, what, value in offers]
    chosen = await screen.show_dialog(PickerDialog("copy", entries, typed=False))
    if chosen is not None:
        what, value = chosen
        screen.app.copy_to_clipboard(value)
        screen.show_message(f"copied {what}: {value}")


def _offered(screen: ActionScreen) -> list[tuple[str, str, str]]:
    """What can be copied of the selected row: key, what it is, the text."""
    view_state = screen.view_state
    row = view_state.view.row
    if row is None:
        return []
    if isinstance(row, TaskRow):
        offers = [("v", "virsh line", key_hints.equivalent_commands(row, view_state.fleet_state))]
        offers.append(("n", "name", row.target.name))
        if row.task is not None and row.task.trouble is not None:
            trouble = row.task.trouble
            offers.append(("e", "error", trouble.libvirt_message or trouble.message))
        return offers
    if isinstance(row, EventRow):
        return [("n", "name", row.event.subject), ("w", "what happened", row.event.text)]
    subject = view_state.subject(view_state.view.pane.kind, row.key)
    return [] if subject is None else _offers(subject)


def _offers(subject: ActionTarget) -> list[tuple[str, str, str]]:
    offers = [("n", "name", subject.name)]
    if subject.kind is Kind.VOLUME:
        return [*offers, ("p", "path", subject.key.uuid)]
    if subject.key.uuid:
        offers.append(("u", "uuid", subject.key.uuid))
    if isinstance(subject.thing, Domain):
        for place, address in enumerate(subject.thing.addresses[:9]):
            offers.append(("i" if place == 0 else str(place + 1), "address", address))
    offers.append(("v", "virsh line", virsh_info(subject)))
    offers.append(("h", "host uri", subject.host.uri))
    return offers
