"""OVF from 0.9 to 2.1, as VMware, VirtualBox, oVirt and others write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lab.appliances import OVF
from virttui.model.provision.appliance import Appliance
from virttui.planning.imports import ovf
from virttui.planning.imports.ovf_units import size, unit

MIB, GIB = 1024**2, 1024**3
PLAIN = OVF.format(disk="a.vmdk", size=100)
EMPTY = '<Disk ovf:diskId="vmdisk1" ovf:capacity="{}" ovf:capacityAllocationUnits="{}"/>'


def machine(text: str) -> Appliance:
    return ovf.envelope(text.encode(), "/x/packed.ovf").machine


def changed(old: str, new: str, text: str = PLAIN) -> str:
    assert old in text
    return text.replace(old, new)


def notes_of(appliance: Appliance) -> str:
    return "; ".join(appliance.notes)


# -- units -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "words", "bytes"),
    [
        ("20", "byte * 10^9", 20 * 10**9),
        ("20", "byte*10^9", 20 * 10**9),
        ("20", "byte * 2^30", 20 * GIB),
        ("20", "byte * 1024^3", 20 * GIB),
        ("20", "byte * 1024 * 1024 * 1024", 20 * GIB),
        ("20", "byte*2^10*2^20", 20 * GIB),
        ("20", "byte * 10^+9", 20 * 10**9),
        ("20", "Byte * 2 ^ 30", 20 * GIB),
        ("20", "GigaBytes", 20 * GIB),
        ("20", "GB", 20 * GIB),
        ("20", "GiB", 20 * GIB),
        ("20480", "MegaBytes", 20 * GIB),
        ("20480", "MB", 20 * GIB),
        ("20", "kibibyte * 2^20", 20 * GIB),
        ("1", "TeraBytes", 1024 * GIB),
        ("8", "bit * 2^30", GIB),
        ("8", "bits", 1),
        ("4", "byte * 2^12 / 4", 4096),
        ("1.5", "byte * 2^30", 3 * GIB // 2),
        ("21474836480", "byte", 20 * GIB),
        ("41943040", "sectors", 20 * GIB),
        ("2", "byte * 2^-1", 1),
    ],
)
def test_units_are_what_the_standard_says(number: str, words: str, bytes: int) -> None:
    assert size(number, words) == bytes


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("20", "furlongs"), ("20", "byte * 10^9999"), ("20", "byte * 10^"), ("20", "byte 10^9"),
        ("20", "byte * 0"), ("20", "byte * 9^63"), ("20", "hertz * 10^6"), ("20", "byte * x"),
        ("", "byte"), ("-1", "byte"), ("²", "byte"), ("9" * 30, "byte"), ("20", "byte/s"),
    ],
)  # fmt: skip
def test_what_is_no_size_is_none(number: str, words: str) -> None:
    assert size(number, words) is None


@given(st.text(st.sampled_from("byte kmg*/^+-0123456789()"), max_size=60))
def test_no_unit_takes_long(words: str) -> None:
    found = unit(words)
    assert found is None or found > 0


@pytest.mark.parametrize(
    ("number", "words", "capacity"),
    [("20", "byte * 10^9", 20 * 10**9), ("20", "GigaBytes", 20 * GIB), ("21474836480", "",
                                                                        20 * GIB)],
)  # fmt: skip
def test_an_empty_disk_is_as_large_as_it_says(number: str, words: str, capacity: int) -> None:
    start, end = PLAIN.index("<Disk "), PLAIN.index("</DiskSection>")
    empty = PLAIN[:start] + EMPTY.format(number, words) + PLAIN[end:]
    (disk,) = machine(empty).disks
    assert disk.capacity == capacity
    unknown = machine(PLAIN[:start] + EMPTY.format(number, "furlongs") + PLAIN[end:])
    assert not unknown.disks
    assert f"its size ({number} furlongs) makes no sense: it is left out" in notes_of(unknown)


def test_memory_that_makes_no_sense_is_not_told() -> None:
    for old, new in (("byte * 2^20</rasd", "furlongs</rasd"), (">256<", ">99999999999999999<"),
                     (">256<", "><"), (">256<", ">0<")):  # fmt: skip
        appliance = machine(changed(old, new))
        assert appliance.memory == 0 and "memory is" in notes_of(appliance)
    decimal = changed("byte * 2^20</rasd", "byte * 10^6</rasd")
    assert machine(decimal).memory == 256 * 10**6
    appliance = machine(changed("<rasd:VirtualQuantity>1<", "<rasd:VirtualQuantity>many<"))
    assert appliance.vcpus == 0 and "'many' vCPUs" in notes_of(appliance)


# -- configurations ----------------------------------------------------------------------------

SIZES = """<DeploymentOptionSection><Info/>
 <Configuration ovf:id="small"><Label>Small</Label></Configuration>
 <Configuration ovf:id="large"{default}><Label>Large</Label></Configuration>
</DeploymentOptionSection><VirtualSystem"""
CPUS = """<Item{which}><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType>
 <rasd:VirtualQuantity>{count}</rasd:VirtualQuantity></Item>"""


def sized(default: str, *cpus: str) -> str:
    start = PLAIN.index("<Item><rasd:AllocationUnits>hertz")
    end = PLAIN.index("<Item><rasd:AllocationUnits>byte")
    text = PLAIN[:start] + "".join(cpus) + PLAIN[end:]
    return text.replace("<VirtualSystem", SIZES.format(default=default), 1)


def cpus(count: int, *which: str) -> str:
    named = f' ovf:configuration="{" ".join(which)}"' if which else ""
    return CPUS.format(which=named, count=count)


@pytest.mark.parametrize(
    ("default", "items", "vcpus", "words"),
    [
        (' ovf:default="true"', (cpus(2, "small"), cpus(8, "large")), 8, "Large, its default"),
        ("", (cpus(2, "small"), cpus(8, "large")), 2, "Small, the first"),
        (' ovf:default="true"', (cpus(2), cpus(8, "small", "large")), 8, "Large, its default"),
        (' ovf:default="true"', (cpus(2), cpus(8, "small")), 2, "Large, its default"),
        (' ovf:default="true"', (cpus(2, "small"),), 0, "Large, its default"),
    ],
)
def test_the_default_configuration_is_taken(
    default: str, items: tuple[str, ...], vcpus: int, words: str
) -> None:
    appliance = machine(sized(default, *items))
    assert appliance.vcpus == vcpus and f"(Small, Large) it gets {words}" in notes_of(appliance)


def test_a_range_is_no_size() -> None:
    low, high = (cpus(n).replace("<Item", f'<Item ovf:bound="{b}"')
                 for n, b in ((1, "min"), (64, "max")))  # fmt: skip
    assert machine(sized("", low, cpus(4), high)).vcpus == 4


# -- versions and vendors ----------------------------------------------------------------------

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<ovf:Envelope xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
 ovf:version="0.9">
 <References><File ovf:href="a.vmdk" ovf:id="file1" ovf:size="100"/></References>
 <Section xsi:type="ovf:DiskSection_Type"><Info/>
  <Disk ovf:capacity="67108864" ovf:diskId="disk1" ovf:fileRef="file1"/></Section>
 <Section xsi:type="ovf:NetworkSection_Type"><Info/><Network ovf:name="bridged"/></Section>
 <Content ovf:id="Old Box" xsi:type="ovf:VirtualSystem_Type"><Info/>
  <Section xsi:type="ovf:OperatingSystemSection_Type" ovf:id="96"><Info/></Section>
  <Section xsi:type="ovf:AnnotationSection_Type"><Info/><Annotation>kept since 2008</Annotation>
  </Section>
  <Section xsi:type="ovf:VirtualHardwareSection_Type"><Info/>
   <Item><rasd:Caption>2 CPUs</rasd:Caption><rasd:InstanceId>1</rasd:InstanceId>
    <rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
   <Item><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:InstanceId>2</rasd:InstanceId>
    <rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>512</rasd:VirtualQuantity></Item>
   <Item><rasd:InstanceId>5</rasd:InstanceId><rasd:ResourceType>5</rasd:ResourceType></Item>
   <Item><rasd:HostResource>{resource}</rasd:HostResource><rasd:InstanceId>6</rasd:InstanceId>
    <rasd:Parent>5</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
   <Item><rasd:Connection>bridged</rasd:Connection><rasd:InstanceId>7</rasd:InstanceId>
    <rasd:ResourceType>10</rasd:ResourceType></Item>
   <Item><rasd:Caption>sound card</rasd:Caption><rasd:InstanceId>8</rasd:InstanceId>
    <rasd:ResourceType>1001</rasd:ResourceType></Item>
  </Section></Content></ovf:Envelope>"""


@pytest.mark.parametrize("resource", ["disk/disk1", "/disk/disk1", "ovf:/disk/disk1",
                                      "ovf://disk/disk1"])  # fmt: skip
def test_version_0_9_is_read(resource: str) -> None:
    appliance = machine(OLD.format(resource=resource))
    assert (appliance.name, appliance.vcpus, appliance.memory) == ("Old Box", 2, 512 * MIB)
    assert [(one.bus, one.capacity) for one in appliance.disks] == [("ide", 64 * MIB)]
    assert [one.network for one in appliance.nics] == ["bridged"]
    assert appliance.description == "kept since 2008" and "sound card is left out" in notes_of(
        appliance
    )
    assert appliance.os == "debian-unknown"


BOX = """<vbox:Machine xmlns:vbox="http://www.virtualbox.org/ovf/machine" ovf:required="false"
 uuid="{{6D4B9A10-1111-4222-8333-444455556666}}" name="x"{saved}><Description>the web
 server</Description><Hardware><CPU count="4"/><Memory RAMSize="2048"/>{more}
 <Boot><Order position="2" device="HardDisk"/><Order position="1" device="Network"/>
  <Order position="3" device="None"/></Boot>
 <Network><Adapter slot="1" enabled="false" MACAddress="080027000099" type="82540EM"/>
  <Adapter slot="0" enabled="true" MACAddress="080027A1B2C3" type="virtio"><NAT/></Adapter>
 </Network></Hardware></vbox:Machine></VirtualSystem>"""


def boxed(more: str = "", saved: str = "") -> Appliance:
    text = changed("</VirtualSystem>", BOX.format(more=more, saved=saved))
    return machine(text.replace("VmxNet3", ""))


def test_what_virtualbox_tells_beside_it_is_taken() -> None:
    appliance = boxed('<Firmware type="EFI"/><TrustedPlatformModule type="v2_0"/>')
    assert appliance.uuid == "6d4b9a10-1111-4222-8333-444455556666"
    assert (appliance.firmware, appliance.tpm, appliance.description) == (
        "uefi",
        True,
        "the web server",
    )
    (card,) = appliance.nics
    assert (card.mac, card.model, card.boot_order) == ("08:00:27:a1:b2:c3", "virtio", 1)
    assert appliance.disks[0].boot_order == 2
    assert boxed().firmware == "bios" and "suspended" not in notes_of(boxed())
    assert "it was suspended" in notes_of(boxed(saved=' stateFile="x.sav"'))
    assert boxed('<Platform architecture="ARM"/>').arch == "aarch64"


def test_addresses_are_not_guessed_where_the_cards_are_not_alike() -> None:
    text = changed("</VirtualSystem>", BOX.format(more="", saved=""))
    text = text.replace('enabled="false"', 'enabled="true"')
    assert [one.mac for one in machine(text).nics] == [""]


def test_what_vmware_tells_beside_it_is_taken() -> None:
    hardware = """<VirtualHardwareSection><System>
     <vssd:VirtualSystemType xmlns:vssd="v">vmx-19</vssd:VirtualSystemType></System>"""
    text = changed("<VirtualHardwareSection><Info/>", hardware)
    assert machine(text).firmware == "bios", "which VMware does not write"
    config = """<vmw:Config xmlns:vmw="http://www.vmware.com/schema/ovf" vmw:key="firmware"
     vmw:value="efi"/></VirtualHardwareSection><vmw:BootOrderSection vmw:instanceId="5 4"
     xmlns:vmw="http://www.vmware.com/schema/ovf" vmw:type="x"/>"""
    appliance = machine(changed("</VirtualHardwareSection>", config, text))
    assert appliance.firmware == "uefi"
    assert (appliance.nics[0].boot_order, appliance.disks[0].boot_order) == (1, 2)


def test_what_ovirt_writes_is_read() -> None:
    text = changed("ovf:/disk/vmdisk1", "folder/image").replace('"file1"', '"folder/image"')
    text = text.replace("<rasd:VirtualQuantity>1<", "<rasd:num_of_sockets>2</rasd:num_of_sockets>"
                        "<rasd:cpu_per_socket>3</rasd:cpu_per_socket><x>1<")  # fmt: skip
    text = text.replace("<x>1</rasd:VirtualQuantity>", "")
    text = text.replace("VmxNet3", "3").replace("<Disk ", '<Disk ovf:disk-interface="VirtIO" ')
    text = text.replace("<rasd:Connection>VM", "<rasd:MACAddress>00:1a:4a:16:01:51"
                        "</rasd:MACAddress><rasd:Connection>VM")  # fmt: skip
    appliance = machine(text)
    assert appliance.vcpus == 6 and appliance.disks[0].bus == "virtio"
    assert (appliance.nics[0].model, appliance.nics[0].mac) == ("virtio", "00:1a:4a:16:01:51")


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252", "latin-1"])
def test_other_encodings_are_read(codec: str) -> None:
    text = PLAIN.replace('"UTF-8"', f'"{codec}"').replace(">packed<", ">Büro<")
    assert ovf.envelope(text.encode(codec), "/x").machine.name == "Büro"
    # Some are not in the encoding that they say.
    raw = PLAIN.replace(">packed<", ">Büro<").encode("cp1252")
    assert ovf.envelope(raw, "/x").machine.name == "Büro"


def test_a_disk_that_nothing_has_is_said() -> None:
    start, end = PLAIN.index("<Item><rasd:AddressOnParent>"), PLAIN.index("<Item><rasd:Connection>")
    assert "no controller of it has disk vmdisk1" in notes_of(machine(PLAIN[:start] + PLAIN[end:]))
    without = machine(changed("<rasd:HostResource>ovf:/disk/vmdisk1</rasd:HostResource>", ""))
    assert not without.disks and "names no disk" in notes_of(without)


def test_what_is_otherwise_here_is_said() -> None:
    cores = changed(
        "<rasd:VirtualQuantity>1<",
        """<vmw:CoresPerSocket xmlns:vmw="v">2
     </vmw:CoresPerSocket><rasd:VirtualQuantity>1<""",
    )
    assert "on sockets (2 cores on each) is left out" in notes_of(machine(cores))
    apart = changed(
        "<rasd:Connection>",
        """<rasd:AutomaticAllocation>false
     </rasd:AutomaticAllocation><rasd:Connection>""",
    )
    assert "card 1 was not connected there" in notes_of(machine(apart))
    assert "not connected" not in notes_of(machine(PLAIN)) and "sockets" not in notes_of(
        machine(PLAIN)
    )
