"""The topology page: opened on a network, followed, searched, left for what a line shows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes.running_app import RunningApp, running_app
from virttui.screens.networks.topology import TopologyScreen


def page(ui: RunningApp) -> TopologyScreen:
    """The page on top."""
    top = ui.app.screen
    assert isinstance(top, TopologyScreen)
    return top


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_it_opens_on_the_network_and_enter_goes_to_a_guest(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await ui.press("2")
        network = ui.view_state.view.row.network
        await ui.press("t")
        tree = page(ui).page
        assert tree.lines[tree.place].lstrip("├└ ").startswith(network.name)
        assert "enter go to it" in ui.screen_text()
        await ui.press("slash")
        await ui.type("netbox")
        await ui.press("enter", "enter")
        assert ui.view_state.pane == "domains"
        assert ui.view_state.view.row.domain.name == "netbox"


async def test_it_is_there_from_anywhere_and_follows() -> None:
    async with running_app() as ui:
        await ui.press("colon")
        await ui.type("topology")
        await ui.press("enter")
        tree = page(ui).page
        assert tree.lines[0] == "kvm01"
        await ui.press("G")
        stood = tree.lines[tree.place]
        inventory = ui.view_state.fleet_state.inventories["kvm01"]
        gone = next(iter(inventory.domains.values()))
        left = {u: d for u, d in inventory.domains.items() if d is not gone}
        before = len(tree.lines)
        await ui.publish(replace(inventory, domains=left))
        assert len(tree.lines) < before and tree.lines[tree.place] == stood
        await ui.press("escape")
        assert not isinstance(ui.app.screen, TopologyScreen)
