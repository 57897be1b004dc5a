"""Machines in files for a lab, and what brings them there."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from virttui.model.commands import ArchiveArguments, Command, Target, Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.appliance import Appliance, ImportPlan
from virttui.model.provision.create import CreateContext
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import CapabilitiesQuery, CapabilitiesResult, VolumesQuery, VolumesResult
from virttui.model.tasks import Task
from virttui.planning.imports.plan import plan as plan_import
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import os_catalog
from virttui.store.create_context import context
from virttui.store.device_context import macs
from virttui.store.fleet_state import FleetState
from virttui.store.import_conflicts import others

from . import guests, xml
from .daemon import Lab
from .images import bootable
from .processes import run

MIB = 1024**2
WORDS = f"console=ttyS0 {xml.BOOT_OPTIONS} hostname=packed"
OVF = """<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
 <References><File ovf:id="file1" ovf:href="{disk}" ovf:size="{size}"/></References>
 <DiskSection><Info/><Disk ovf:capacity="64" ovf:capacityAllocationUnits="byte * 2^20"
  ovf:diskId="vmdisk1" ovf:fileRef="file1"
  ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>
 </DiskSection>
 <NetworkSection><Info/><Network ovf:name="VM Network"/></NetworkSection>
 <VirtualSystem ovf:id="packed"><Info/><Name>packed</Name>
  <OperatingSystemSection ovf:id="96"><Info/><Description>Debian 12</Description>
  </OperatingSystemSection>
  <VirtualHardwareSection><Info/>
   <Item><rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits>
    <rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>
    <rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
   <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>
    <rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType>
    <rasd:VirtualQuantity>256</rasd:VirtualQuantity></Item>
   <Item><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>lsilogic</rasd:ResourceSubType>
    <rasd:ResourceType>6</rasd:ResourceType></Item>
   <Item><rasd:AddressOnParent>0</rasd:AddressOnParent>
    <rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource><rasd:InstanceID>4</rasd:InstanceID>
    <rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
   <Item><rasd:Connection>VM Network</rasd:Connection><rasd:InstanceID>5</rasd:InstanceID>
    <rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType>
   </Item>
   <Item ovf:required="false"><rasd:ElementName>sound</rasd:ElementName>
    <rasd:InstanceID>6</rasd:InstanceID><rasd:ResourceType>35</rasd:ResourceType></Item>
  </VirtualHardwareSection>
 </VirtualSystem>
</Envelope>
"""
VMX = """.encoding = "UTF-8"
config.version = "8"
virtualHW.version = "19"
displayName = "packed"
guestOS = "debian12-64"
memsize = "256"
numvcpus = "1"
sata0.present = "TRUE"
sata0:0.present = "TRUE"
sata0:0.fileName = "{disk}"
ethernet0.present = "TRUE"
ethernet0.connectionType = "nat"
ethernet0.virtualDev = "e1000"
ethernet0.generatedAddress = "00:0c:29:12:34:56"
uuid.bios = "56 4d 11 22 33 44 55 66-77 88 99 aa bb cc dd ee"
"""


@contextmanager
def module_lab(purpose: str) -> Iterator[Lab]:
    """A lab for the tests of one module."""
    skip_without_root()
    with Lab(f"{purpose}-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        yield lab


@contextmanager
def cleared(lab: Lab) -> Iterator[RecordingClient]:
    """A fleet on the lab; machines and volumes that a test made are gone after it."""
    volumes = pool_files(lab)
    with listening(lab.uri) as client:
        client.listed()
        yield client
    for name in lab.virsh("list", "--all", "--name").split():
        if name in lab.virsh("list", "--name").split():
            lab.virsh("destroy", name)
        lab.virsh("undefine", name, "--nvram")
    for name in pool_files(lab) - volumes:
        (guests.pool_folder(lab) / name).unlink()
    lab.virsh("pool-refresh", "default")


def pool_files(lab: Lab) -> set[str]:
    return {one.name for one in guests.pool_folder(lab).iterdir()}


def unpacked(home: Path) -> list[Path]:
    return list((home / "state").rglob("virttui-import-*"))


def place(client: RecordingClient) -> tuple[CreateContext, FleetState, IdGenerator]:
    """What a host has for a machine that comes in."""
    host = client.hosts[0]
    pool = client.wait(lambda: (one := client.pool("default")) and one.active and one)
    can = client.answer(
        CapabilitiesQuery(ObjectId(host, ""), serial=len(client.results)), CapabilitiesResult
    ).capabilities
    asked = VolumesQuery(pool.key, serial=len(client.results))
    fleet_state = FleetState(inventories=dict(client.inventories),
                    volumes={pool.key: client.answer(asked, VolumesResult).volumes})  # fmt: skip
    new_ids = IdGenerator(macs(fleet_state))
    return (
        context(fleet_state, client.inventory(), *new_ids.for_machine(0), can, HostEnvironment()),
        fleet_state,
        new_ids,
    )


def plan(client: RecordingClient, appliance: Appliance, **entered: str) -> ImportPlan:
    here, fleet_state, new_ids = place(client)
    usual = {"virt": "qemu", "host access": "keep"}
    values = {**usual, **{name.replace("_", " "): one for name, one in entered.items()}}
    return plan_import(values, appliance, here, os_catalog(), others(fleet_state), new_ids)


def start_import(client: RecordingClient, what: ImportPlan) -> int:
    target = Target(Kind.DOMAIN, ObjectId(client.hosts[0], what.uuid), what.plan.name)
    return client.fleet.submit([Command(Verb.PROVISION, target, what.plan)])[0]


def run_import(client: RecordingClient, what: ImportPlan) -> Task:
    assert not what.blocked, what.checks
    return client.done(start_import(client, what), 120)


def disk(folder: Path, subformat: str, name: str = "packed-disk1.vmdk") -> Path:
    """A disk of VMware's that boots."""
    to = folder / name
    run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", f"subformat={subformat}",
        str(bootable(WORDS)), str(to))  # fmt: skip
    return to


def ova(folder: Path) -> Path:
    """An OVA as VMware writes them: description, manifest, disk."""
    image = disk(folder, "streamOptimized")
    ovf = folder / "packed.ovf"
    ovf.write_text(OVF.format(disk=image.name, size=image.stat().st_size))
    sums = [f"SHA256({one.name})= {hashlib.sha256(one.read_bytes()).hexdigest()}"
            for one in (ovf, image)]  # fmt: skip
    (folder / "packed.mf").write_text("\n".join(sums) + "\n")
    with tarfile.open(folder / "packed.ova", "w", format=tarfile.USTAR_FORMAT) as tar:
        for one in (ovf, folder / "packed.mf", image):
            tar.add(one, one.name)
    return folder / "packed.ova"


def archived(client: RecordingClient, name: str, file: Path, host: str | None = None) -> Task:
    client.wait(lambda: client.domain(name, host))
    target = client.target(name, host=host)
    command = Command(Verb.ARCHIVE, target, ArchiveArguments(str(file)))
    return client.done(client.fleet.submit([command])[0], 120)


def random_domain(lab: Lab, name: str, mib: int) -> None:
    """A machine that is off, with a disk of so many MiB of random bytes."""
    with (guests.pool_folder(lab) / f"{name}.raw").open("wb") as file:
        for _ in range(mib):
            file.write(os.urandom(MIB))
    lab.virsh("pool-refresh", "default")
    disk = f"""<disk type='file'><driver name='qemu' type='raw'/>
      <source file='{guests.POOL}/{name}.raw'/><target dev='vda' bus='virtio'/></disk>"""
    text = xml.still(name).replace("<devices>", f"<devices>{disk}")
    lab.virsh("define", "/dev/stdin", text=text)
