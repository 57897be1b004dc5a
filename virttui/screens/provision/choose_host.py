"""Choosing the host that a new domain is created on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui.model.inventory import Inventory
from virttui.render.search import PickerItem

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


async def choose_host(
    screen: ActionScreen, title: str, hosts: Sequence[Inventory], note: Callable[[Inventory], str]
) -> Inventory | None:
    """Ask for one of several hosts, in the given order; a single host is not asked for."""
    if len(hosts) == 1:
        return hosts[0]
    from virttui.modals.base.chooser import PickerDialog

    items = [PickerItem(one, one.host.name, note=note(one)) for one in hosts]
    return await screen.show_dialog(PickerDialog(title, items))
