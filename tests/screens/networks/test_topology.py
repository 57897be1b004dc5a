"""The topology page: opened on a network, followed, searched, left for what a line shows."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes.running_app import RunningApp, running_app
from virttui.screens.networks.topology import TopologyScreen


def page(made: RunningApp) -> TopologyScreen:
    """The page on top."""
    top = made.app.screen
    assert isinstance(top, TopologyScreen)
    return top


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_it_opens_on_the_network_and_enter_goes_to_a_guest(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        await made.press("2")
        network = made.view_state.view.row.network
        await made.press("t")
        tree = page(made).page
        assert tree.lines[tree.place].lstrip("├└ ").startswith(network.name)
        assert "enter go to it" in made.screen_text()
        await made.press("slash")
        await made.type("netbox")
        await made.press("enter", "enter")
        assert made.view_state.pane == "domains"
        assert made.view_state.view.row.domain.name == "netbox"


async def test_it_is_there_from_anywhere_and_follows() -> None:
    async with running_app() as made:
        await made.press("colon")
        await made.type("topology")
        await made.press("enter")
        tree = page(made).page
        assert tree.lines[0] == "kvm01"
        await made.press("G")
        stood = tree.lines[tree.place]
        inventory = made.view_state.fleet_state.inventories["kvm01"]
        gone = next(iter(inventory.domains.values()))
        left = {u: d for u, d in inventory.domains.items() if d is not gone}
        before = len(tree.lines)
        await made.publish(replace(inventory, domains=left))
        assert len(tree.lines) < before and tree.lines[tree.place] == stood
        await made.press("escape")
        assert not isinstance(made.app.screen, TopologyScreen)
