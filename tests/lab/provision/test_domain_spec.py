"""New machines held against what virt-install makes, and against libvirt itself."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import libvirt
import pytest
from lxml import etree
from msgspec.structs import replace

from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.images import images
from tests.lab.processes import run
from tests.lab.same_definition import DIFFERENCES, differences, flat
from tests.lab.virt_install import version, virt_install
from tests.lab.xml import BOOT_OPTIONS
from virttui.hypervisor.connection.translate import operation_error
from virttui.hypervisor.queries.dry_run import dry_run
from virttui.libvirtxml.schema.validate import validate
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.provision.domain_spec import (
    DiskSpec,
    DomainSpec,
    HostCapabilities,
    InstallMethod,
    NicSpec,
)
from virttui.planning.domain_spec.defaults import GRAPHICS, may_have, with_defaults
from virttui.planning.domain_spec.host_capabilities import host_capabilities
from virttui.planning.domain_spec.virt_install import install_line
from virttui.planning.domain_spec.xml import domain_xml
from virttui.planning.osinfo.catalog import os_catalog

pytestmark = pytest.mark.lab

SYSTEMS = (
    "debian11", "ubuntu22.04", "fedora37", "rhel9.1", "centos-stream9", "opensuse15.4", "sle15sp4",
    "archlinux", "alpinelinux3.17", "linux2022", "freebsd13.1", "win10", "win11", "win2k22",
    "debian7", "rhel5.11",
)  # fmt: skip
UNTOLD = ("freebsd13.1",)
"""Of these the database tells no memory: virt-install refuses to go on, we take 2 GiB."""

NEW = DiskSpec(pool="default", volume="new.qcow2")
IMAGE = DiskSpec(path=f"{guests.POOL}/image.qcow2")
MEDIUM = DiskSpec(path=f"{guests.POOL}/medium.iso", device="cdrom")
GIB = 1024**3


@dataclass(frozen=True)
class Wish:
    """What is asked of virt-install, and the same of us."""

    options: str
    method: InstallMethod = InstallMethod.MEDIUM
    entered: Mapping[str, Any] = field(default_factory=dict)

    def machine(self, os: str) -> DomainSpec:
        disks = {InstallMethod.MEDIUM: (NEW, MEDIUM), InstallMethod.CLOUD: (IMAGE,)}.get(
            self.method, (NEW,)
        )
        wanted: dict[str, Any] = {"disks": disks, **self.entered}
        return DomainSpec("new", str(uuid4()), self.method, os, **wanted)


DISK = "--disk pool=default,size=20"
CDROM = f"{DISK} --cdrom {MEDIUM.path}"
WISHES = {
    "medium": Wish(f"{CDROM} --graphics vnc"),
    "uefi": Wish(f"{CDROM} --graphics vnc --boot uefi", entered={"firmware": "uefi"}),
    "image": Wish(f"--import --disk path={IMAGE.path} --graphics vnc", InstallMethod.CLOUD),
    "network": Wish(f"--pxe {DISK} --graphics vnc", InstallMethod.NETWORK),
    "headless": Wish(f"{CDROM} --graphics none", entered={"graphics": "none"}),
    "large": Wish(
        f"{CDROM} --graphics vnc --vcpus 4 --memory 8192 --network default --network default",
        entered={"vcpus": 4, "memory": 8 * GIB, "nics": (NicSpec(), NicSpec())},
    ),
}
FEWER = {
    "spice": Wish(f"{CDROM} --graphics spice", entered={"graphics": "spice"}),
    "emulated": Wish(f"{CDROM} --graphics vnc --virt-type qemu", entered={"virt": "qemu"}),
}
"""For a few systems only."""
CASES = [
    *((os, wish) for os in SYSTEMS for wish in WISHES),
    *((os, wish) for os in ("debian11", "rhel5.11", "win10") for wish in FEWER),
]
BOTH = {**WISHES, **FEWER}


# -- what is there -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def can(lab: Lab) -> HostCapabilities:
    return host_capabilities(
        lab.virsh("capabilities"), lab.virsh("domcapabilities", "--machine", "q35")
    )


@pytest.fixture(scope="module")
def stocked(lab: Lab) -> Iterator[Lab]:
    """The lab with an image and a medium that can be named."""
    for name, format in (("image.qcow2", "qcow2"), ("medium.iso", "raw")):
        lab.virsh("vol-create-as", "default", name, "10M", "--format", format)
    yield lab
    for name in ("image.qcow2", "medium.iso"):
        lab.virsh("vol-delete", name, "default")


@pytest.fixture(scope="module")
def theirs(stocked: Lab) -> dict[tuple[str, str], str]:
    """What virt-install makes of each case, with which it would begin."""
    lines = [f"--name new --osinfo {os} {_options(os, BOTH[wish])}" for os, wish in CASES]
    return dict(zip(CASES, virt_install(stocked.uri, *lines), strict=True))


def _options(os: str, wish: Wish) -> str:
    options = wish.options
    if "--network" not in options:
        options += " --network default"
    return options + " --memory 2048" * (os in UNTOLD and "--memory" not in options)


KNOWN = os_catalog()


def lacking(can: HostCapabilities, machine: DomainSpec) -> bool:
    """Whether its host has no such screen; that is said then, and nothing is made."""
    if machine.graphics in ("", "none") or may_have(can, "graphics/type", machine.graphics):
        return False
    with pytest.raises(InvalidInput, match=f"no {machine.graphics.upper()}"):
        domain_xml(machine, KNOWN.by_id(machine.os), can)
    return True


@pytest.mark.parametrize("screen", GRAPHICS)
def test_the_screens_that_a_host_tells_are_those_that_libvirt_takes(
    lab: Lab, can: HostCapabilities, screen: str
) -> None:
    machine = DomainSpec(f"new-{uuid4().hex[:8]}", str(uuid4()), InstallMethod.DISK, graphics="vnc")
    made = domain_xml(machine, KNOWN.by_id(""), can).replace("type='vnc'", f"type='{screen}'")
    told = screen in (can.of("graphics/type") or ())
    if told:
        lab.virsh("define", "--validate", "/dev/stdin", text=made)
        lab.virsh("undefine", machine.name)
    else:
        connection = libvirt.open(lab.uri)
        try:
            with pytest.raises(libvirt.libvirtError) as refused:
                connection.defineXML(made)
        finally:
            connection.close()
        assert operation_error(refused.value).message == f"the host's QEMU has no {screen} screens"
    assert lacking(can, replace(machine, graphics=screen)) is not told


@pytest.mark.parametrize(("os", "wish"), CASES)
def test_it_is_what_virt_install_makes(
    theirs: dict[tuple[str, str], str], can: HostCapabilities, os: str, wish: str
) -> None:
    if lacking(can, machine := BOTH[wish].machine(os)):
        return
    made = domain_xml(machine, KNOWN.by_id(os), can)
    for found in differences(flat(theirs[os, wish], can), flat(made, can)):
        covering = [one for one in DIFFERENCES if one.covers(*found)]
        assert covering, found


def test_no_reason_is_left_over(theirs: dict[tuple[str, str], str], can: HostCapabilities) -> None:
    found = [
        one
        for os, wish in CASES
        if not lacking(can, machine := BOTH[wish].machine(os))
        for one in differences(
            flat(theirs[os, wish], can), flat(domain_xml(machine, KNOWN.by_id(os), can), can)
        )
    ]
    for one in DIFFERENCES:
        if one.screen and not may_have(can, "graphics/type", one.screen):
            continue
        assert any(one.covers(*each) for each in found), one.place


CMDLINE = r"""console=ttyS0 a=b,c d="e'\f" """.strip()
KERNEL = {"kernel": "/boot/a,b", "initrd": "/boot/c", "cmdline": CMDLINE}
CARDS = (NicSpec("bridge", "br0"), NicSpec("direct", "eth0"), NicSpec("user", ""))
BY_HAND: dict[str, tuple[str, DomainSpec]] = {
    "linux": ("debian11", WISHES["medium"].machine("debian11")),
    "windows": ("win11", WISHES["medium"].machine("win11")),
    "old": ("rhel5.11", replace(WISHES["medium"].machine("rhel5.11"), firmware="uefi")),
    "unknown": ("", replace(WISHES["medium"].machine(""), graphics="spice")),
    "image": ("fedora37", replace(WISHES["image"].machine("fedora37"), vcpus=3, title="a, b")),
    "network": ("win10", WISHES["network"].machine("win10")),
    "kernel": (
        "debian11",
        Wish("", InstallMethod.KERNEL, {**KERNEL, "graphics": "none"}).machine(""),
    ),
    "tree": ("debian11", Wish("", InstallMethod.TREE, KERNEL).machine("")),
    "cards": ("debian11", replace(WISHES["image"].machine("debian11"), nics=CARDS)),
}


@pytest.fixture(scope="module")
def by_hand(stocked: Lab, can: HostCapabilities) -> dict[str, str]:
    """What virt-install makes of our own lines."""
    lines = [
        install_line(
            with_defaults(replace(machine, os=os), KNOWN.by_id(os), can),
            stocked.uri,
            {"new.qcow2": 20 * GIB},
        )
        for os, machine in BY_HAND.values()
    ]
    bare = [shlex.join(shlex.split(line)[3:]) for line in lines]
    return dict(zip(BY_HAND, virt_install(stocked.uri, *bare), strict=True))


@pytest.mark.parametrize("case", BY_HAND)
def test_the_line_makes_the_same(by_hand: dict[str, str], can: HostCapabilities, case: str) -> None:
    """Nothing differs but what virt-install has no short option for."""
    os, machine = BY_HAND[case]
    if lacking(can, machine):
        return
    ours = flat(domain_xml(replace(machine, os=os), KNOWN.by_id(os), can), can)
    places = {place for place, _, _ in differences(flat(by_hand[case], can), ours)}
    expected = (
        r"on_reboot|devices/(serial|console)\..*|.*/stats.*|cpu/topology.*"
        r"|devices/graphics\.\w+\.0(/listen.*|@listen|@autoport|/image.*|@tlsPort)"
        + r"|metadata.*" * (not os)
        + r"|features/hyperv/.*" * (version() < (5, 0))  # it does not ask what the host has
    )
    assert not [place for place in places if not re.fullmatch(expected, place)], by_hand[case]


@pytest.mark.parametrize("os", [*SYSTEMS, ""])
def test_libvirt_takes_each(lab: Lab, can: HostCapabilities, os: str) -> None:
    for wish in BOTH.values():
        machine = replace(wish.machine(os), name=f"new-{uuid4().hex[:8]}", title="<&'\">")
        if lacking(can, machine):
            continue
        made = domain_xml(machine, KNOWN.by_id(os), can)
        checked = validate(made, Kind.DOMAIN, None)
        assert (checked.problems, checked.note) == ((), ""), made
        lab.virsh("define", "--validate", "/dev/stdin", text=made)
        kept = etree.fromstring(lab.virsh("dumpxml", machine.name, "--inactive").encode())
        lab.virsh("undefine", machine.name, "--nvram")
        assert kept.findtext("title") == "<&'\">"


@pytest.mark.parametrize("os", ["debian11", "win11", "rhel5.11", "freebsd13.1", ""])
def test_qemu_starts_with_all_of_it(stocked: Lab, can: HostCapabilities, os: str) -> None:
    wish = WISHES["image"].machine(os)
    disks = (IMAGE, MEDIUM, DiskSpec(device="floppy"))
    name = f"new-{uuid4().hex[:8]}"
    machine = replace(wish, name=name, virt="qemu", memory=GIB // 4, disks=disks)
    made = domain_xml(machine, KNOWN.by_id(os), can)
    stocked.virsh("create", "--paused", "--validate", "/dev/stdin", text=made)
    assert stocked.virsh("domstate", name).strip() == "paused"
    stocked.virsh("destroy", name)


@pytest.mark.parametrize(("os", "keys"), [("win11", True), ("debian11", False)])
def test_keys_are_where_they_are_wanted(
    lab: Lab, can: HostCapabilities, os: str, keys: bool
) -> None:
    """Windows 11 starts with Microsoft's keys in its firmware, a Linux with none."""
    name = f"new-{uuid4().hex[:8]}"
    entered: dict[str, Any] = {"virt": "qemu", "memory": GIB // 4, "firmware": "uefi", "disks": ()}
    machine = DomainSpec(name, str(uuid4()), InstallMethod.DISK, os, **entered)
    made = domain_xml(machine, KNOWN.by_id(os), can)
    lab.virsh("create", "--paused", "/dev/stdin", text=made)
    running = etree.fromstring(lab.virsh("dumpxml", name).encode())
    lab.virsh("destroy", name)
    (nvram,) = running.findall("os/nvram")
    assert (".ms." in nvram.get("template", "")) is keys


def test_a_container_is_what_virt_install_makes(lab: Lab) -> None:
    can = host_capabilities(run("virsh", "-c", lab.lxc_uri, "capabilities"), "")
    machine = DomainSpec("box", str(uuid4()), InstallMethod.CONTAINER, root="/srv/box")
    made = domain_xml(machine, KNOWN.by_id(""), can)
    (theirs,) = virt_install(
        lab.lxc_uri, "--name box --filesystem /srv/box,/ --memory 1024 --network default"
    )
    # LXC has one way to give a folder, whatever it is called: virt-install calls it as for QEMU.
    mapped = ("devices/filesystem.mount.0@accessmode", "mapped", "")
    assert list(differences(flat(theirs, can), flat(made, can))) == [mapped]
    assert validate(made, Kind.DOMAIN, None).problems == ()
    run("virsh", "-c", lab.lxc_uri, "define", "--validate", "/dev/stdin", text=made)
    run("virsh", "-c", lab.lxc_uri, "undefine", "box")


def test_a_machine_boots_with_all_of_it(lab: Lab, can: HostCapabilities) -> None:
    """A kernel, a disk of a pool, a lease, the agent: what was written is what a guest finds."""
    name, made = f"new-{os.getpid()}", images()
    shutil.copyfile(made.disk, guests.pool_folder(lab) / f"{name}.qcow2")
    lab.virsh("pool-refresh", "default")
    machine = DomainSpec(
        name, str(uuid4()), InstallMethod.KERNEL, virt="qemu", memory=GIB // 4, vcpus=1,
        disks=(DiskSpec(pool="default", volume=f"{name}.qcow2"),), kernel=str(made.kernel),
        initrd=str(made.initramfs), cmdline=f"console=ttyS0 {BOOT_OPTIONS} hostname={name}",
    )  # fmt: skip
    lab.virsh(
        "define",
        "--validate",
        "/dev/stdin",
        text=domain_xml(machine, KNOWN.by_id("linux2022"), can),
    )
    lab.virsh("start", name)
    try:
        guests.wait_booted(lab, name)
        assert "unused" in lab.virsh("dommemstat", name), "it tells of its memory"
    finally:
        lab.virsh("destroy", name)
        lab.virsh("undefine", name)
        lab.virsh("vol-delete", f"{name}.qcow2", "default")


def test_a_container_starts(lab: Lab) -> None:
    guests.define_container(lab, "boxed", start=False)
    virsh = ("virsh", "-q", "-c", lab.lxc_uri)
    can = host_capabilities(run(*virsh, "capabilities"), "")
    uuid = run(*virsh, "domuuid", "boxed").strip()
    root = "/var/lib/libvirt/containers/boxed"
    machine = DomainSpec("boxed", uuid, InstallMethod.CONTAINER, root=root, init="/bin/sh", nics=())
    run(*virsh, "define", "/dev/stdin", text=domain_xml(machine, KNOWN.by_id(""), can))
    run(*virsh, "start", "boxed")
    assert run(*virsh, "domstate", "boxed").strip() == "running"
    run(*virsh, "destroy", "boxed")
    run(*virsh, "undefine", "boxed")


# -- trials ------------------------------------------------------------------------------------


def test_a_trial_makes_nothing_and_says_what_libvirt_would_not_start(
    lab: Lab, can: HostCapabilities
) -> None:
    machine = DomainSpec(
        "tried", str(uuid4()), InstallMethod.MEDIUM, "debian11", disks=(NEW, MEDIUM)
    )
    xml = domain_xml(machine, KNOWN.by_id("debian11"), can)
    connection = libvirt.open(lab.uri)
    try:
        assert "libvirt would start it" in dry_run(connection, xml)
        error = xml.replace("bus='sata'", "bus='ide'").replace("device='cdrom'", "device='disk'")
        with pytest.raises(libvirt.libvirtError, match=r"readonly|IDE"):
            dry_run(connection, error)
    finally:
        connection.close()
    assert "tried" not in lab.virsh("list", "--all", "--name")
    assert NEW.volume not in lab.virsh("vol-list", "default")
