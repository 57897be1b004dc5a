"""Clones on libvirt's test driver, which keeps volumes by name alone: the demo clones as well."""

from __future__ import annotations

from tests.ears import listening
from virttui.definitions.cloning import planned
from virttui.model.identity import Kind
from virttui.model.news import Ask, Question
from virttui.model.tasks import TaskState
from virttui.panes.cloning import sites
from virttui.panes.offering import macs
from virttui.panes.survey import Survey

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
    with listening(URI) as ears:
        ears.listed()
        lane = ears.fleet._hosts[ears.hosts[0]].lanes.lane("documents")  # its one connection
        lane.call(
            "prepare",
            lambda c: (
                c.defineXML(DISK),
                c.storagePoolLookupByName("default-pool").createXML(VOLUME, 0),
            ),
            lambda outcome: None,
        )
        found = ears.wait(lambda: ears.domain("web-01"))
        ears.wait(lambda: (pool := ears.pool("default-pool")) and pool.available)
        answer = ears.answer(Question(Ask.CLONE, Kind.DOMAIN, found.key))
        assert answer.clone is not None, answer
        assert answer.clone.disks[0].volume == "web-01.raw"
        survey = Survey(inventories=dict(ears.inventories))
        what = planned({}, answer.clone, sites(survey, found.key), macs(survey))
        (id,) = ears.fleet.submit(what.commands)
        task = ears.done(id)
        assert task.state is TaskState.DONE, task
        ears.wait(lambda: ears.domain("web-02"), what="the clone is listed")
        known = ears.answer(Question(Ask.CLONE, Kind.DOMAIN, found.key, 1)).clone
        assert known is not None
        recipe = what.commands[0].recipe
        assert recipe is not None
        assert "web-02.raw" in known.volumes[recipe.volumes[0].pool.uuid]
