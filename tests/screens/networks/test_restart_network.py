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


async def with_network(made: RunningApp, **changes: Any) -> Network:
    """Change the NAT network that running domains are on, and go to it."""
    inventory = next(iter(made.view_state.fleet_state.inventories.values()))
    found = next(one for one in inventory.networks.values() if one.name == "default")
    network = replace(found, **changes)
    await made.press("2")
    await made.publish(replace(inventory, networks={**inventory.networks, found.key.uuid: network}))
    assert made.view_state.view.cursor.jump(network.key, made.view_state.height)
    made.console.paint()
    return network


def running_devices(made: RunningApp) -> list[str]:
    """The host's devices of the running domains on "default"."""
    inventory = next(iter(made.view_state.fleet_state.inventories.values()))
    domains = [one for one in inventory.domains.values() if one.state.active]
    return [nic.target for domain in domains for nic in domain.nics if nic.source == "default"]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_restart_names_who_loses_its_link_and_plugs_them_in(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        network = await with_network(made)
        await made.press("R")
        text = made.screen_text()
        assert "Restart default on" in text and "vnet4" in text
        await made.press("enter")
        assert made.backend.commands == [], "enter is on Cancel"
        await made.press("R", "y")
        commands = made.backend.commands
        assert [one.verb for one in commands] == [Verb.STOP, Verb.START, Verb.REATTACH_NICS]
        assert {one.target.key for one in commands} == {network.key}
        assert made.backend.paces[-1] == IN_SEQUENCE


async def test_a_start_under_running_guests_offers_to_plug_them_in() -> None:
    async with running_app() as made:
        await with_network(made, active=False, leases=None)
        await made.press("s")
        assert "reattach its guests" in made.screen_text()
        await made.press("y")
        assert [one.verb for one in made.backend.commands] == [Verb.START, Verb.REATTACH_NICS]


async def test_nobody_on_it_starts_at_once() -> None:
    async with running_app() as made:
        await with_network(made, name="lonely", bridge="virbr77", active=False, leases=None)
        await made.press("s")
        assert [one.verb for one in made.backend.commands] == [Verb.START]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_what_is_not_plugged_in_is_told_with_its_key(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        device = running_devices(made)[0]
        await with_network(made, unplugged=frozenset({device}))
        assert "1 unplugged" in made.screen_text()
        answer = made.text("answer")
        assert "no link" in answer
        if size[0] > 80:
            assert "P reattaches them" in answer
        assert "P reattach" in made.text("keys")
        await made.press("P")
        assert [one.verb for one in made.backend.commands] == [Verb.REATTACH_NICS]


async def test_a_bridge_of_the_host_has_nothing_to_plug_in() -> None:
    async with running_app() as made:
        await with_network(made, mode="bridge")
        await made.press("P")
        assert "no bridge of its own" in made.text("answer")
        await made.press("R", "y")
        assert [one.verb for one in made.backend.commands] == [Verb.STOP, Verb.START]


async def test_a_dead_dnsmasq_is_an_alarm_that_a_restart_mends() -> None:
    async with running_app() as made:
        attention = len(made.view_state.fleet_state.concerns)
        network = await with_network(made, serves=True, dnsmasq=Dnsmasq(CONFIG))
        assert "! dnsmasq gone" in made.screen_text()
        assert "R restarts it" in made.text("answer")
        assert made.view_state.fleet_state.concerns[network.key].alarm
        assert len(made.view_state.fleet_state.concerns) == attention + 1
        await with_network(made, serves=True, dnsmasq=Dnsmasq(CONFIG, 1841))
        assert "running, pid 1841" in made.screen_text() and CONFIG in made.screen_text()
        await with_network(made, serves=True, dnsmasq=None)
        assert "unknown: only visible on the host itself" in made.screen_text()
        assert len(made.view_state.fleet_state.concerns) == attention


async def test_a_stop_says_what_it_costs_and_the_way_back() -> None:
    async with running_app() as made:
        await with_network(made)
        await made.press("S")
        assert "s starts it and reattaches them" in made.screen_text().replace("\n ", " ")
        await made.press("escape")
        await with_network(made, persistent=False, autostart=False)
        await made.press("S")
        assert "gone for good" in made.screen_text()
        await made.press("escape", "R")
        assert "is gone once it stops" in made.text("answer")
        await made.press("a")
        assert "no definition" in made.text("answer")
        await with_network(made, persistent=True)
        await made.press("U")
        assert "only when off" in made.text("answer"), "an active one is not deleted"
