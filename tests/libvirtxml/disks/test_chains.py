"""What disks lie on, and forms for work on them."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.disks.chains import chains, copy_target_xml
from virttui.model.commands import Verb
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer, DiskJob, TargetPool
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume
from virttui.model.volumes import NewVolume, PoolContext
from virttui.planning.devices import disk_jobs

GIB = 1024**3
LIVE = """<domain type='kvm'><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
  <source file='/pool/web.two' index='5'/>
  <backingStore type='file' index='4'><format type='qcow2'/><source file='/pool/web.one'/>
    <backingStore type='volume' index='3'><format type='raw'/><source pool='p' volume='base'/>
    <backingStore/></backingStore></backingStore>
  <target dev='vda' bus='virtio'/></disk>
<disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='/dev/vg/data'/>
  <mirror type='file' file='/pool/data' format='raw' job='copy' ready='yes'>
    <format type='raw'/><source file='/pool/data'/></mirror>
  <target dev='vdb' bus='virtio'/></disk>
<disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk>
</devices></domain>"""
THREE = BackingChain(
    "vda",
    (ChainLayer("/a/web.two", "qcow2", "", 5), ChainLayer("/a/web.one", "qcow2", "", 4),
     ChainLayer("/a/base.qcow2", "qcow2", "", 3)),
    capacity=20 * GIB,
    allocation=3 * GIB,
)  # fmt: skip
ROOMY = TargetPool(
    ObjectId("h", "1"), "default", PoolContext("dir", 90 * GIB, (Volume("web.two", "/a/web.two"),))
)
FAST = TargetPool(
    ObjectId("h", "2"),
    "fast",
    PoolContext("logical", 80 * GIB, (Volume("web.two", "/dev/fast/web.two"),)),
)
TIGHT = TargetPool(ObjectId("h", "3"), "tight", PoolContext("dir", GIB))


def test_every_layer_is_told_and_what_a_copy_goes_to() -> None:
    first, second = chains(LIVE)
    assert first == BackingChain(
        "vda",
        (
            ChainLayer("/pool/web.two", "qcow2", "", 5),
            ChainLayer("/pool/web.one", "qcow2", "", 4),
            ChainLayer("base", "raw", "p", 3),
        ),
    )
    assert second.layers == (ChainLayer("/dev/vg/data", "raw"),)
    assert (second.copied_to, second.ready) == ("/pool/data", True)
    assert "finished" in disk_jobs.why_not(Verb.BLOCK_COPY, second)
    with pytest.raises(InvalidInput):
        chains("<domain")


def test_a_copy_goes_to_a_file_or_a_device() -> None:
    assert "file='/a/it&apos;s'" in copy_target_xml("/a/it's", "qcow2", block=False)
    device = copy_target_xml("/dev/vg/a", "", block=True)
    assert "type='block'" in device and "dev='/dev/vg/a'" in device and "type='raw'" in device


def job_of(verb: Verb, entered: dict[str, str], *shelves: TargetPool) -> DiskJob:
    return disk_jobs.plan(verb, THREE, entered, shelves or (ROOMY, FAST))


def test_a_move_goes_to_another_pool_under_a_free_name() -> None:
    work = job_of(Verb.BLOCK_COPY, {})
    assert (work.target_pool_name, work.new) == ("fast", NewVolume("web-2.two", 20 * GIB)), (
        "it is in fast"
    )
    assert work.chain == ("/a/web.two", "/a/web.one", "/a/base.qcow2") and not work.delete_old
    same = job_of(
        Verb.BLOCK_COPY, {"pool": "default", "format": "raw", "old": "deleted", "limit": "50M"}
    )
    assert same.new == NewVolume("web-2.two", 20 * GIB, "raw", 0)
    assert same.delete_old and same.limit == 50 * 1024**2
    assert "Its chain of 3 becomes one volume" in disk_jobs.meaning(Verb.BLOCK_COPY, THREE, same)
    for entered, error in (
        ({"pool": "tight"}, "less space"),
        ({"name": "a/b"}, "not a valid volume name"),
        ({"limit": "fast"}, "not a size"),
    ):
        with pytest.raises(InvalidInput, match=error):
            job_of(Verb.BLOCK_COPY, entered, ROOMY, FAST, TIGHT)
    with pytest.raises(InvalidInput, match="no pool"):
        disk_jobs.plan(Verb.BLOCK_COPY, THREE, {}, ())


def test_a_chain_is_committed_from_any_layer_into_any_below() -> None:
    active = job_of(Verb.BLOCK_COMMIT, {})
    assert (active.top, active.base, active.delete_old) == (0, 1, True)
    middle = job_of(Verb.BLOCK_COMMIT, {"top": "web.one", "old": "kept"})
    assert (middle.top, middle.base, middle.delete_old) == (1, 2, False)
    whole = job_of(Verb.BLOCK_COMMIT, {"base": "base.qcow2"})
    assert (whole.top, whole.base) == (0, 2)
    assert "web.two and web.one" in disk_jobs.meaning(Verb.BLOCK_COMMIT, THREE, whole)


def test_a_pull_ends_with_one_file_or_on_a_base() -> None:
    assert job_of(Verb.BLOCK_PULL, {}).base == 3
    based = job_of(Verb.BLOCK_PULL, {"base": "base.qcow2"})
    assert based.base == 2
    assert "web.one stays" in disk_jobs.meaning(Verb.BLOCK_PULL, THREE, based)
    assert "no backing file" in disk_jobs.why_not(
        Verb.BLOCK_PULL, BackingChain("vda", THREE.layers[:1])
    )


def test_layers_of_one_name_are_told_apart_by_their_paths() -> None:
    twins = BackingChain("vda", (ChainLayer("/a/x"), ChainLayer("/b/x"), ChainLayer("/c/x")))
    (top, base, *_) = disk_jobs.form_fields(Verb.BLOCK_COMMIT, twins, {}, ())
    assert top.value == "/a/x" and [one.name for one in base.options] == ["/b/x", "/c/x"]


def test_a_disk_only_grows() -> None:
    assert job_of(Verb.RESIZE, {"size": "+5G"}).capacity == 25 * GIB
    for size, error in (("10G", "only grow"), ("20G", "its size now"), ("much", "not a size")):
        with pytest.raises(InvalidInput, match=error):
            job_of(Verb.RESIZE, {"size": size})
