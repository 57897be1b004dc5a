"""Networks and pools made by their forms on a real libvirtd, with a guest on the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType
from uuid import uuid4

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.images import images
from virttui.model.commands import Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.network_pool import HostEnvironment, NetworkPoolContext
from virttui.model.queries import HostEnvironmentQuery, HostEnvironmentResult
from virttui.model.tasks import Task, TaskState
from virttui.planning.network_pool import network, pool
from virttui.screens.provision.network_pool import IN_SEQUENCE, commands
from virttui.store.network_pool_context import site

pytestmark = pytest.mark.lab


def surroundings(client: RecordingClient) -> HostEnvironment:
    """What the host tells, each time anew."""
    key = ObjectId(client.hosts[0], "")
    told = client.answer(
        HostEnvironmentQuery(key, serial=uuid4().int), HostEnvironmentResult
    ).environment
    assert told is not None
    return told


def here(client: RecordingClient, kind: Kind) -> NetworkPoolContext:
    client.listed()
    client.wait(lambda: client.network("default") and client.pool("default"), what="what is there")
    return site(client.inventory(), kind, surroundings(client), str(uuid4()))


def make(
    client: RecordingClient, kind: Kind, maker: ModuleType, entered: Mapping[str, str]
) -> list[Task]:
    """Make it, and wait for the end of each step."""
    where = here(client, kind)
    made = commands(ObjectId(client.hosts[0], where.uuid), kind, maker.plan(entered, where))
    return [client.done(id, 60) for id in client.fleet.submit(made, IN_SEQUENCE)]


def test_a_guest_on_a_new_nat_network_gets_its_address(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("founding")
    with listening(lab.uri) as client:
        entered = {"name": "shop", "domain": "shop.lab", "ipv6": "fd12:3456::/64"}
        tasks = make(client, Kind.NETWORK, network, entered)
        assert [task.state for task in tasks] == [TaskState.DONE] * 3, tasks
        made = client.wait(
            lambda: (one := client.network("shop")) and one.active and one.autostart and one,
            what="it is active",
        )
        assert made.subnets == ("192.168.101.0/24", "fd12:3456::/64")

        disk = guests.pool_folder(lab) / "web.qcow2"
        disk.write_bytes(images().disk.read_bytes())
        guest = xml.guest("web", images(), f"{guests.POOL}/web.qcow2", (), 256)
        on_it = guest.replace("network='default'", "network='shop'")
        lab.virsh("define", "/dev/stdin", text=on_it)
        lab.virsh("start", "web")
        guests.wait_booted(lab, "web")
        address = guests.address(lab, "web")
        assert address is not None and address.startswith("192.168.101.")
        client.wait(
            lambda: (
                [one.address for one in (client.network("shop") or made).leases or ()] == [address]
            ),
            what="its lease is told",
        )

        told = surroundings(client).routes
        assert "192.168.101.0/24" in {route.subnet for route in told}, "the daemon's own routes"
        with pytest.raises(InvalidInput, match="of the network shop"):
            network.plan({"subnet": "192.168.101.0/25"}, here(client, Kind.NETWORK))


def test_a_folder_becomes_a_pool_that_finds_what_is_put_there(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("pools")
    with listening(lab.uri) as client:
        client.listed()
        types = surroundings(client).pools
        assert types is not None and "dir" in types
        entered = {"name": "vms", "type": "dir", "target": "/var/lib/libvirt/vms"}
        tasks = make(client, Kind.POOL, pool, entered)
        assert [task.state for task in tasks] == [TaskState.DONE] * 4, tasks
        client.wait(
            lambda: (one := client.pool("vms")) and one.active and one.autostart,
            what="it is active",
        )
        (lab.folder / "lib" / "vms" / "new.raw").write_bytes(bytes(4096))
        assert "new.raw" not in lab.virsh("vol-list", "vms")
        assert client.done(client.do(Verb.REFRESH, "vms", Kind.POOL)).state is TaskState.DONE
        assert "new.raw" in lab.virsh("vol-list", "vms")
