"""Who uses a pool's volumes from other hosts: sure where it is told, told as a doubt where not."""

from __future__ import annotations

from virttui.libvirtxml import read
from virttui.model.identity import ObjectId
from virttui.model.inventory import (
    ConnectionState,
    Disk,
    Domain,
    DomainState,
    HostState,
    Inventory,
    Pool,
    Volume,
)
from virttui.panes.storage.volumes import volumes_pane
from virttui.store.fleet_state import FleetState
from virttui.store.shared_storage import seen_elsewhere

NFS = """<pool type='netfs'><name>x</name><source><host name='{host}'/><dir path='{dir}'/>
<format type='nfs'/></source><target><path>/mnt/x</path></target></pool>"""


def inventory(id: str, pools: list[Pool], *disks: Disk) -> Inventory:
    """A host with these pools and one domain with these disks."""
    domain = Domain(ObjectId(id, "d"), "app", DomainState.RUNNING, disks=disks)
    return Inventory(
        HostState(id, f"qemu+ssh://{id}/system", id, ConnectionState.LIVE), 0.0, listed=True,
        domains={"d": domain}, pools={pool.key.uuid: pool for pool in pools},
    )  # fmt: skip


def pool(host: str, name: str, path: str, source: str = "", capacity: int = 100) -> Pool:
    kind = "netfs" if source else "dir"
    return Pool(
        ObjectId(host, name), name, "running", kind, path, capacity=capacity, source=source
    )  # fmt: skip


def seen(mine: Pool, *others: Inventory) -> dict[str, list[tuple[str, bool]]]:
    found = seen_elsewhere(mine, {"a": inventory("a", [mine]), **{o.host.id: o for o in others}})
    return {name: [(one.host, one.sure) for one in sights] for name, sights in found.items()}


def test_one_share_is_one_storage_whatever_it_is_called() -> None:
    mine = pool("a", "images", "/mnt/a", "netfs nfs01 /export")
    twin = pool("b", "shared", "/srv/b", "netfs nfs01 /export")
    b = inventory("b", [twin], Disk("vda", source="/srv/b/web.qcow2"),
                  Disk("vdb", pool="shared", source="data.qcow2"),
                  Disk("vdc", source="/srv/b/deep/er.qcow2"),
                  Disk("vdd", pool="images", source="no.qcow2"))  # fmt: skip
    assert seen(mine, b) == {"web.qcow2": [("b", True)], "data.qcow2": [("b", True)]}


def test_one_path_is_only_a_doubt() -> None:
    mine = pool("a", "images", "/srv/images")
    disk = Disk("vda", source="/srv/images/web.qcow2")
    same = inventory("b", [pool("b", "other", "/srv/images")], disk)
    assert seen(mine, same) == {"web.qcow2": [("b", False)]}
    other_size = inventory("b", [pool("b", "other", "/srv/images", capacity=7)], disk)
    assert seen(mine, other_size) == {}, "a file system of another size is another one"
    bare = inventory("b", [], disk)
    assert seen(mine, bare) == {"web.qcow2": [("b", False)]}
    share = inventory("b", [pool("b", "other", "/srv/images", "netfs nfs01 /e")], disk)
    assert seen(mine, share) == {}, "a share is not the folder of this host"


def test_a_share_is_known_by_where_it_comes_from() -> None:
    one = read.pool(NFS.format(host="nfs01", dir="/export/"))
    assert one.source == read.pool(NFS.format(host="nfs01", dir="/export")).source
    assert one.source != read.pool(NFS.format(host="nfs02", dir="/export")).source
    local = read.pool("<pool type='dir'><target><path>/a</path></target></pool>")
    assert local.source == ""


def test_the_rows_say_who_and_what_is_in_doubt() -> None:
    share = "netfs nfs01 /export"
    mine = pool("a", "images", "/mnt/a", share)
    volumes = tuple(Volume(name, f"/mnt/a/{name}", "qcow2") for name in ("data", "mem", "web"))
    b = inventory("b", [pool("b", "shared", "/srv/b", share)], Disk("vda", source="/srv/b/web"))
    fleet_state = FleetState(
        {"a": inventory("a", [mine]), "b": b},
        volumes={mine.key: volumes},
        users_by_path={"a": {"/mnt/a/mem": ("snapshot s1 of db",)}},
    )
    pane = volumes_pane(mine.key)
    data, mem, web = pane.rows(fleet_state)
    assert [row.free for row in (data, mem, web)] == [True, False, False]
    assert pane.rows(fleet_state)[0] is data, "what is as it was is the same row"
    assert [one.host for one in web.others] == ["b"] and mem.needed_by == ("snapshot s1 of db",)
