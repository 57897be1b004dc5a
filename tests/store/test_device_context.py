"""What a host has for a new device: what can be used comes first, what is taken is told."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from virttui.model.identity import ObjectId
from virttui.model.inventory import Disk, Inventory, Network, Nic, Pool, Volume
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import FileUsersQuery, FileUsersResult, VolumesQuery, VolumesResult
from virttui.store.create_context import context
from virttui.store.device_context import macs, offered
from virttui.store.fleet_state import FleetState, FleetStore

GIB = 1024**3
POOL = Pool(ObjectId("kvm01", "p"), "images", "running", available=8 * GIB)
VOLUMES = (
    Volume("b.qcow2", "/srv/b.qcow2", "qcow2", GIB),
    Volume("a10.raw", "/srv/a10.raw", "raw", GIB),
    Volume("a9.raw", "/srv/a9.raw", "raw", GIB),
)


def network(host: str, name: str, *, active: bool = True) -> Network:
    return Network(ObjectId(host, f"{host}-{name}"), name, active, mode="nat")


def host(id: str, *names: str, off: str = "", disks: tuple[Disk, ...] = ()) -> Inventory:
    base = next(one for one in fleet.inventories() if one.host.id == id)
    domain = next(iter(base.domains.values()))
    domain = replace(domain, name="web", disks=disks, nics=(Nic("52:54:00:AB:CD:EF"),))
    known = [network(id, name) for name in names]
    known += [network(id, off, active=False)] if off else []
    return replace(
        base,
        domains={domain.key.uuid: domain},
        networks={one.key.uuid: one for one in known},
        pools={"p": POOL, "q": replace(POOL, key=ObjectId(id, "q"), name="off", state="inactive")},
    )


def fleet_state(*inventories: Inventory) -> FleetState:
    store = FleetStore([], 0.0)
    for inventory in inventories:
        store.apply_inventory(inventory)
    store.apply_query_result(VolumesResult(VolumesQuery(POOL.key), volumes=VOLUMES))
    return store.fleet_state(0.0, 0.0)


def test_networks_that_are_up_come_first() -> None:
    found = offered(fleet_state(host("kvm01", "lab", "default", off="alpha")), ["kvm01"])
    assert [one.name for one in found.networks] == ["default", "lab", "alpha"]
    assert found.networks[-1].note == "is off now"


def test_several_hosts_share_what_both_have() -> None:
    known = fleet_state(host("kvm01", "lab", "default"), host("kvm02", "default"))
    found = offered(known, ["kvm01", "kvm02"], many=True)
    assert [one.name for one in found.networks] == ["default"] and found.many


def test_volumes_say_who_has_them() -> None:
    disks = (Disk("vda", source="b.qcow2", pool="images"), Disk("vdb", source="/srv/a9.raw"))
    found = offered(fleet_state(host("kvm01", disks=disks)), ["kvm01"])
    assert [one.name for one in found.pools] == ["images"]
    told = {one.name: (one.note, one.in_use) for one in found.volumes["images"]}
    assert told == {
        "a9.raw": ("raw, 1.0G, used by web", True),
        "a10.raw": ("raw, 1.0G", False),
        "b.qcow2": ("qcow2, 1.0G, used by web", True),
    }
    assert list(told) == ["a9.raw", "a10.raw", "b.qcow2"]


def test_who_has_a_volume_is_known_by_any_of_its_names() -> None:
    """What the definition names, what its host says of links, and who only lies on it."""
    disks = (Disk("vda", source="b.qcow2", pool="images"), Disk("vdb", source="/srv/./a9.raw"),
             Disk("sda", "cdrom", "/srv/x.iso", read_only=True))  # fmt: skip
    inventory = host("kvm01", disks=disks)
    store = FleetStore([], 0.0)
    store.apply_inventory(inventory)
    volumes = (*VOLUMES, Volume("base", "/srv/base"), Volume("link", "/srv/link"))
    store.apply_query_result(VolumesResult(VolumesQuery(POOL.key), volumes=volumes))
    uses = (("/srv/base", "overlay top"), ("/srv/base", "web"), ("/srv/link", "web"))
    query = FileUsersQuery(ObjectId("kvm01", ""))
    store.apply_query_result(FileUsersResult(query, users_by_path=uses))
    made = context(store.fleet_state(0.0, 0.0), inventory, "", (), None, HostEnvironment())
    assert dict(made.volume_users) == {
        "images/b.qcow2": "web", "/srv/a9.raw": "web", "images/a9.raw": "web",
        "/srv/x.iso": "web", "/srv/base": "overlay top", "images/base": "overlay top",
        "/srv/link": "web", "images/link": "web",
    }  # fmt: skip
    written = {place for place, _ in made.volume_writers}
    assert {"images/b.qcow2", "images/a9.raw", "images/link"} <= written
    assert not {"/srv/x.iso", "images/base"} & written
    assert ("web" in made.running) is next(iter(inventory.domains.values())).state.active


def test_addresses_of_the_whole_fleet() -> None:
    assert macs(fleet_state(host("kvm01"))) == {"52:54:00:ab:cd:ef"}


def test_a_host_that_is_not_known_has_nothing() -> None:
    assert offered(fleet_state(), ["nowhere"]).networks == ()
