"""Clones on libvirt's test driver, which keeps volumes by name alone: the demo clones as well."""

from __future__ import annotations

import pytest

from tests.arguments import arguments_of
from tests.fleet_client import listening
from virttui.model.errors import InvalidInput
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.queries import CloneSourceQuery, CloneSourceResult
from virttui.model.tasks import TaskState
from virttui.planning.clone.plan import plan as plan_clones
from virttui.planning.new_ids import IdGenerator
from virttui.store.clone_targets import clone_targets
from virttui.store.device_context import macs
from virttui.store.fleet_state import FleetState

URI = "test:///default"
DISK = """\
<domain type='test'>
  <name>web-01</name>
  <memory>65536</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='raw'/>
      <source file='/default-pool/web-01.raw'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'><source network='default'/></interface>
  </devices>
</domain>
"""
VOLUME = """\
<volume><name>web-01.raw</name><capacity>1048576</capacity><allocation>4096</allocation>
<target><format type='raw'/></target></volume>
"""


def test_a_domain_is_cloned_with_its_disk() -> None:
    with listening(URI) as client:
        client.listed()
        lane = client.fleet._hosts[client.hosts[0]].calls.worker("documents")  # its one connection
        lane.call(
            "prepare",
            lambda c: (
                c.defineXML(DISK),
                c.storagePoolLookupByName("default-pool").createXML(VOLUME, 0),
            ),
            lambda outcome: None,
        )
        found = client.wait(lambda: client.domain("web-01"))
        client.wait(lambda: (pool := client.pool("default-pool")) and pool.available)
        answer = client.answer(CloneSourceQuery(found.key), CloneSourceResult)
        assert answer.source is not None, answer
        assert answer.source.disks[0].volume == "web-01.raw"
        fleet_state = FleetState(inventories=dict(client.inventories))
        what = plan_clones(
            {}, answer.source, clone_targets(fleet_state, found.key), IdGenerator(macs(fleet_state))
        )
        (id,) = client.fleet.submit(what.commands)
        task = client.done(id)
        assert task.state is TaskState.DONE, task
        client.wait(lambda: client.domain("web-02"), what="the clone is listed")
        known = client.answer(CloneSourceQuery(found.key, serial=1), CloneSourceResult).source
        assert known is not None
        plan = arguments_of(what.commands[0], ProvisionPlan)
        assert plan is not None
        assert "web-02.raw" in known.volumes[plan.volumes[0].pool.uuid]


ODD = """\
<domain type='test'>
  <name>odd</name>
  <memory>65536</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='network'><source protocol='nbd'><host name='h' port='10809'/></source>
      <target dev='vda'/></disk>
    <disk type='nvme'><source type='pci' managed='yes' namespace='1'>
      <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
      <target dev='vdb'/></disk>
    <disk type='network'><source protocol='rbd' name='vms/a'/><target dev='vdc'/></disk>
    <disk type='file' device='cdrom'><target dev='hda'/></disk>
  </devices>
</domain>
"""


def test_no_disk_is_shared_or_left_out_unasked() -> None:
    with listening(URI) as client:
        client.listed()
        lane = client.fleet._hosts[client.hosts[0]].calls.worker("documents")
        other = ODD.replace("<name>odd<", "<name>other<")
        lane.call("prepare", lambda c: (c.defineXML(ODD), c.defineXML(other)), lambda outcome: None)
        found = client.wait(lambda: client.domain("other") and client.domain("odd"))
        source = client.answer(CloneSourceQuery(found.key), CloneSourceResult).source
        assert source is not None
        assert {disk.target: disk.path for disk in source.disks} == {
            "vda": "nbd://h:10809", "vdb": "nvme:0000:01:00.0/1", "vdc": "rbd:vms/a",
        }  # fmt: skip
        assert all(disk.other_users == ("other",) for disk in source.disks)
        fleet_state = FleetState(inventories=dict(client.inventories))
        context = clone_targets(fleet_state, found.key), IdGenerator(macs(fleet_state))
        skip = {f"disk {target}": "skip" for target in ("vda", "vdb", "vdc")}
        for target in ("vda", "vdb", "vdc"):
            field = f"disk {target}"
            unasked = {name: value for name, value in skip.items() if name != field}
            with pytest.raises(InvalidInput, match=f"{target} is .*; or skip {target}"):
                plan_clones(unasked, source, *context)
            with pytest.raises(InvalidInput, match=f"{target} is written to"):
                plan_clones({**skip, field: "share"}, source, *context)
        without = arguments_of(plan_clones(skip, source, *context).commands[0], ProvisionPlan)
        assert without is not None and "nbd" not in without.xml and "nvme" not in without.xml
