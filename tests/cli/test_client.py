"""What a run without a screen waits for before it plans anything: every part, and every host."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.cli import client as module
from virttui.cli.client import FleetClient, host_of
from virttui.model.backend import HostSpec
from virttui.model.errors import HostLost, InvalidInput
from virttui.model.inventory import ConnectionState, Inventory, Part
from virttui.model.provision.network_pool import HostEnvironment
from virttui.store.create_context import context

SPECS = tuple(HostSpec(id, f"qemu+ssh://{id}/system", id) for id in ("kvm01", "kvm02"))
ONE, TWO = (fleet.inventory(spec.id) for spec in SPECS)


def lost_host(inventory: Inventory) -> Inventory:
    trouble = HostLost("no route to kvm02")
    host = replace(inventory.host, phase=ConnectionState.LOST, trouble=trouble)
    return replace(inventory, host=host, listed=False, domains={})


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FleetClient:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    return FleetClient(SPECS)


def late(client: FleetClient, inventory: Inventory) -> str:
    """The host that is found, which cannot be before the last word was told."""
    with pytest.raises(InvalidInput, match="no answer"):
        host_of("kvm01", SPECS, client)
    threading.Timer(0.05, client.receive, [inventory]).start()
    return host_of("kvm01", SPECS, client)


@pytest.mark.parametrize("part", list(Part))
def test_every_part_of_the_host_is_waited_for(client: FleetClient, part: Part) -> None:
    client.receive(TWO)
    client.receive(replace(ONE, networks={}, missing_parts={part: ""}))
    assert late(client, ONE) == "kvm01"


def test_a_host_may_have_no_pools_at_all(client: FleetClient) -> None:
    client.receive(TWO)
    client.receive(replace(ONE, pools={}))
    assert host_of("", SPECS, client) == "kvm01"


def test_a_part_that_cannot_be_told_is_named(client: FleetClient) -> None:
    client.receive(TWO)
    why = "the network daemon does not answer"
    client.receive(replace(ONE, networks={}, missing_parts={Part.NETWORKS: why}))
    with pytest.raises(InvalidInput, match=f"the networks of kvm01 are not known: {why}"):
        host_of("kvm01", SPECS, client)


def test_all_other_hosts_are_waited_for(client: FleetClient) -> None:
    client.receive(ONE)
    assert late(client, TWO) == "kvm01"


def test_a_host_that_is_lost_is_not_waited_for_and_is_said(client: FleetClient) -> None:
    client.receive(ONE)
    client.receive(lost_host(TWO))
    assert host_of("kvm01", SPECS, client) == "kvm01"
    fleet_state = client.fleet_state()
    made = context(fleet_state, fleet_state.inventories["kvm01"], "", (), None, HostEnvironment())
    assert made.unknown_hosts == ("kvm02 (no route to kvm02)",)
    with pytest.raises(InvalidInput, match="no host is called kvm09; there are: kvm01, kvm02"):
        host_of("kvm09", SPECS, client)


def test_a_host_that_takes_long_counts_as_not_known(
    client: FleetClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OTHERS_PATIENCE", 0.0)
    client.receive(ONE)
    assert host_of("kvm01", SPECS, client) == "kvm01"
    fleet_state = client.fleet_state()
    made = context(fleet_state, fleet_state.inventories["kvm01"], "", (), None, HostEnvironment())
    assert made.unknown_hosts == ("kvm02 (not known yet)",)
    assert "its capabilities" in made.unknown_parts
    assert "the volumes of default" in made.unknown_parts
