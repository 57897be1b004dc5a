"""Networks under running guests: what lost its link is told, and one key puts it back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import Verb
from virttui.model.inventory import Dnsmasq, Network
from virttui.screens.provision.network_pool import IN_SEQUENCE

CONFIG = "/var/lib/libvirt/dnsmasq/default.conf"


async def with_network(ui: RunningApp, **changes: Any) -> Network:
    """Change the NAT network that running domains are on, and go to it."""
    inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
    found = next(one for one in inventory.networks.values() if one.name == "default")
    network = replace(found, **changes)
    await ui.press("2")
    await ui.publish(replace(inventory, networks={**inventory.networks, found.key.uuid: network}))
    assert ui.view_state.view.cursor.jump(network.key, ui.view_state.height)
    ui.console.paint()
    return network


def running_devices(ui: RunningApp) -> list[str]:
    """The host's devices of the running domains on "default"."""
    inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
    domains = [one for one in inventory.domains.values() if one.state.active]
    return [nic.target for domain in domains for nic in domain.nics if nic.source == "default"]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_restart_names_who_loses_its_link_and_plugs_them_in(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        network = await with_network(ui)
        await ui.press("R")
        text = ui.screen_text()
        assert "Restart default on" in text and "vnet4" in text
        await ui.press("enter")
        assert ui.backend.commands == [], "enter is on Cancel"
        await ui.press("R", "y")
        commands = ui.backend.commands
        assert [one.verb for one in commands] == [Verb.STOP, Verb.START, Verb.REATTACH_NICS]
        assert {one.target.key for one in commands} == {network.key}
        assert ui.backend.paces[-1] == IN_SEQUENCE


async def test_a_start_under_running_guests_offers_to_plug_them_in() -> None:
    async with running_app() as ui:
        await with_network(ui, active=False, leases=None)
        await ui.press("s")
        assert "reattach its guests" in ui.screen_text()
        await ui.press("y")
        assert [one.verb for one in ui.backend.commands] == [Verb.START, Verb.REATTACH_NICS]


async def test_nobody_on_it_starts_at_once() -> None:
    async with running_app() as ui:
        await with_network(ui, name="lonely", bridge="virbr77", active=False, leases=None)
        await ui.press("s")
        assert [one.verb for one in ui.backend.commands] == [Verb.START]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_what_is_not_plugged_in_is_told_with_its_key(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        device = running_devices(ui)[0]
        await with_network(ui, unplugged=frozenset({device}))
        assert "1 unplugged" in ui.screen_text()
        answer = ui.text("answer")
        assert "no link" in answer
        if size[0] > 80:
            assert "P reattaches them" in answer
        assert "P reattach" in ui.text("keys")
        await ui.press("P")
        assert [one.verb for one in ui.backend.commands] == [Verb.REATTACH_NICS]


async def test_a_bridge_of_the_host_has_nothing_to_plug_in() -> None:
    async with running_app() as ui:
        await with_network(ui, mode="bridge")
        await ui.press("P")
        assert "no bridge of its own" in ui.text("answer")
        await ui.press("R", "y")
        assert [one.verb for one in ui.backend.commands] == [Verb.STOP, Verb.START]


async def test_a_dead_dnsmasq_is_an_alarm_that_a_restart_mends() -> None:
    async with running_app() as ui:
        attention = len(ui.view_state.fleet_state.concerns)
        network = await with_network(ui, serves=True, dnsmasq=Dnsmasq(CONFIG))
        assert "! dnsmasq gone" in ui.screen_text()
        assert "R restarts it" in ui.text("answer")
        assert ui.view_state.fleet_state.concerns[network.key].alarm
        assert len(ui.view_state.fleet_state.concerns) == attention + 1
        await with_network(ui, serves=True, dnsmasq=Dnsmasq(CONFIG, 1841))
        assert "running, pid 1841" in ui.screen_text() and CONFIG in ui.screen_text()
        await with_network(ui, serves=True, dnsmasq=None)
        assert "unknown: only visible on the host itself" in ui.screen_text()
        assert len(ui.view_state.fleet_state.concerns) == attention


async def test_a_stop_says_what_it_costs_and_the_way_back() -> None:
    async with running_app() as ui:
        await with_network(ui)
        await ui.press("S")
        assert "s starts it and reattaches them" in ui.screen_text().replace("\n ", " ")
        await ui.press("escape")
        await with_network(ui, persistent=False, autostart=False)
        await ui.press("S")
        assert "gone for good" in ui.screen_text()
        await ui.press("escape", "R")
        assert "is gone once it stops" in ui.text("answer")
        await ui.press("a")
        assert "no definition" in ui.text("answer")
        await with_network(ui, persistent=True)
        await ui.press("U")
        assert "only when off" in ui.text("answer"), "an active one is not deleted"
