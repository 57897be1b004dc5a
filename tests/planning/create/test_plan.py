"""What the choices of the wizard come to: disks, cards, files, trees, edited definitions."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping

import pytest
from hypothesis import given as taking
from hypothesis import strategies as st
from msgspec.structs import replace

from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.errors import InvalidInput
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreateContext, CreatePlan
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.model.provision.lookups import InstallTree, Lookup, LookupKind, LookupResult, TreeFile
from virttui.model.severity import Severity
from virttui.model.volumes import PoolContext
from virttui.planning.create.fields import form_fields, lookups
from virttui.planning.create.plan import plan as plan_creation
from virttui.planning.create.repeated_fields import with_another, without
from virttui.planning.create.xml_override import with_edited_xml, without_edited_xml
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import os_catalog

GIB = 1024**3
CAN = HostCapabilities(
    virt="kvm", emulator="/usr/bin/qemu-system-x86_64", machine="pc-q35-7.2",
    machines=("q35", "pc-q35-7.2"), max_vcpus=64, firmwares=frozenset({"bios", "efi"}),
    cpu_modes=("host-passthrough",), values=(("disk/bus", ("sata", "virtio", "scsi", "ide")),),
)  # fmt: skip
FILES = (
    Volume("debian-12.qcow2", "/pool/debian-12.qcow2", "qcow2", 2 * GIB, GIB),
    Volume("spare.raw", "/pool/spare.raw", "raw", 5 * GIB, 0),
    Volume("taken.qcow2", "/pool/taken.qcow2", "qcow2", GIB, 0),
    Volume("debian-12.iso", "/pool/debian-12.iso", "iso", GIB, GIB),
)
CONTEXT = CreateContext(
    host="h", name="kvm01", uri="qemu:///system", uuid="", capabilities=CAN,
    pools=(TargetPool(ObjectId("h", "p"), "default", PoolContext("dir", 500 * GIB, FILES),
    path="/pool"),
           TargetPool(ObjectId("h", "v"), "vg", PoolContext("logical", 100 * GIB))),
    networks=(Option("default", "nat"), Option("lan", "bridge")), bridges=("br0",),
    names=frozenset({"db"}), volume_users=(("default/taken.qcow2", "db"),),
    used_macs=frozenset({"52:54:00:00:00:01"}), cpus=8, memory=64 * GIB,
)  # fmt: skip
SYSTEMS = os_catalog([])
CLOUD = {"method": "cloud image", "name": "web"}


def plan(entered: Mapping[str, str], context: CreateContext = CONTEXT) -> tuple[CreatePlan, ...]:
    return plan_creation(entered, context, SYSTEMS, IdGenerator(context.used_macs))


def words(entered: Mapping[str, str], context: CreateContext = CONTEXT) -> str:
    with pytest.raises(InvalidInput) as error:
        plan(entered, context)
    return error.value.message


def check_words(proposal: CreatePlan, level: Severity) -> str:
    return "; ".join(one.words for one in proposal.checks if one.level is level)


def test_screens_are_those_of_the_host_and_what_it_lacks_is_said() -> None:
    def screen(*told: str) -> tuple[str, str, str]:
        can = replace(CAN, values=(*CAN.values, ("graphics/type", told)))
        fields = form_fields(WizardStep.EXTRAS, CLOUD, replace(CONTEXT, capabilities=can), SYSTEMS)
        field = next(one for one in fields if one.name == "graphics")
        return " ".join(option.name for option in field.options), field.value, field.note

    assert screen("vnc", "spice", "egl-headless") == ("vnc spice none", "vnc", "")
    assert screen("vnc", "egl-headless") == ("vnc none", "vnc", "kvm01 has no SPICE")
    assert screen("spice") == ("spice none", "spice", "kvm01 has no VNC")
    assert screen() == ("none", "none", "kvm01 has no VNC and no SPICE")


# -- disks and cards ---------------------------------------------------------------------------


def test_disks_are_added_and_removed_and_each_is_made() -> None:
    entered: dict[str, str] = {"name": "web"}
    for size in ("10G", "30G", "40G"):
        entered = with_another(entered, WizardStep.DISKS)
        entered[f"disk{len(entered)}.size"] = size
    (proposal,) = plan(entered)
    made = [(one.new.name, one.new.capacity // GIB) for one in proposal.plan.volumes]
    assert made == [
        ("web.qcow2", 20),
        ("web-2.qcow2", 10),
        ("web-3.qcow2", 30),
        ("web-4.qcow2", 40),
    ]
    entered = without(entered, WizardStep.DISKS, "3")
    (proposal,) = plan(entered)
    assert [one.new.capacity // GIB for one in proposal.plan.volumes] == [20, 10, 40]
    assert [one.group for one in proposal.devices if one.step is WizardStep.DISKS] == [
        "1",
        "2",
        "3",
        "",
    ]
    assert without(entered, WizardStep.DISKS, "1") == entered, "the first one stays"


@taking(st.lists(st.sampled_from(["add", "2", "3", "4"]), max_size=30))
def test_numbers_of_disks_never_have_a_gap(steps: list[str]) -> None:
    entered: dict[str, str] = {"size": "7G"}
    for step in steps:
        change = (
            with_another(entered, WizardStep.DISKS)
            if step == "add"
            else without(entered, WizardStep.DISKS, step)
        )
        entered = change
    numbers = sorted(int(name[4:].split(".")[0]) for name in entered if name.startswith("disk"))
    assert numbers == list(range(2, len(numbers) + 2)) and entered["size"] == "7G"


def test_a_disk_can_be_a_volume_that_nobody_has_and_only_such_a_one() -> None:
    entered = {"name": "web", "how": "existing", "volume": "default/spare.raw", "bus": "scsi"}
    (proposal,) = plan(entered)
    assert "volume='spare.raw'" in proposal.plan.xml and "bus='scsi'" in proposal.plan.xml
    assert not proposal.plan.volumes
    options = [
        value.name for one in form_fields(WizardStep.DISKS, entered, CONTEXT,
        SYSTEMS) if one.name == "volume"
        for value in one.options
    ]  # fmt: skip
    assert "default/taken.qcow2" not in options
    (proposal,) = plan({**entered, "volume": "default/taken.qcow2"})
    assert proposal.blocked and "db has taken.qcow2" in check_words(proposal, Severity.ERROR)
    assert "one of its disks already" in words(
        {**entered, "disk2.how": "existing", "disk2.volume": "default/spare.raw"}
    )


def images(entered: Mapping[str, str], context: CreateContext) -> list[str]:
    fields = form_fields(WizardStep.WHAT, entered, context, SYSTEMS)
    return [one.name for field in fields if field.name == "base" for one in field.options]


def test_the_disk_of_another_machine_is_no_image_to_choose() -> None:
    """What lies on it is lost as soon as that machine writes to it."""
    context = replace(
        CONTEXT,
        volume_users=(
            ("default/taken.qcow2", "db"),
            ("default/debian-12.qcow2", "overlay web.qcow2"),
        ),
        volume_writers=(("default/taken.qcow2", "db"),),
    )
    assert "default/taken.qcow2" in images(CLOUD, CONTEXT)
    assert "default/taken.qcow2" not in images(CLOUD, context)
    assert "default/debian-12.qcow2" in images(CLOUD, context), "overlays may share a base"
    typed = {**CLOUD, "base": "default/taken.qcow2", "size": "20G"}
    (proposal,) = plan(typed, replace(context, running=frozenset({"db"})))
    assert proposal.blocked
    assert "is the disk of db, which runs" in check_words(proposal, Severity.ERROR)
    (proposal,) = plan(typed, context)
    assert not proposal.blocked
    assert "its next start destroys overlays of it" in check_words(proposal, Severity.WARNING)
    (proposal,) = plan({**typed, "how": "copy"}, context)
    assert "a copy of that machine" in check_words(proposal, Severity.WARNING)
    (proposal,) = plan({**typed, "how": "copy"}, replace(context, running=frozenset({"db"})))
    assert proposal.blocked, "what is written to is not copied whole"


def test_cards_are_on_portgroups_and_on_what_the_host_has_beside_networks() -> None:
    groups = (Option("trunk", "trunk of vlans 100, 101"), Option("vlan-100", "default, vlan 100"))
    context = replace(CONTEXT, portgroups={"lan": groups}, cards=("eth0",))
    (proposal,) = plan({"name": "web", "net": "lan"}, context)
    assert "<source network='lan' portgroup='vlan-100'/>" in proposal.plan.xml
    assert "portgroup=vlan-100" in proposal.plan.equivalent_command
    (proposal,) = plan({"name": "web", "net": "lan", "portgroup": "trunk"}, context)
    assert "portgroup='trunk'" in proposal.plan.xml
    (proposal,) = plan({"name": "web", "net": "direct:eth0", "nic2.net": "user:"}, context)
    assert "<source dev='eth0' mode='bridge'/>" in proposal.plan.xml
    assert "<interface type='user'>" in proposal.plan.xml
    (bare,) = plan({"name": "web"}, replace(CONTEXT, networks=(), bridges=()))
    assert not bare.machine.nics, "what only leads out is chosen by hand"


def test_nothing_is_claimed_of_what_is_not_known() -> None:
    (known,) = plan({"name": "web"})
    assert "free on every host" in check_words(known, Severity.OK)
    context = replace(
        CONTEXT, unknown_hosts=("kvm02 (no route)",), unknown_parts=("the volumes of default",),
        networks=(), bridges=(), networks_known=False,
    )  # fmt: skip
    (proposal,) = plan({"name": "web"}, context)
    assert "free on every host that answered" in check_words(proposal, Severity.OK)
    warned = check_words(proposal, Severity.WARNING)
    assert "not known: the machines of kvm02 (no route)" in warned
    assert "not known of kvm01: the volumes of default" in warned
    assert "networks of kvm01 are not known" in check_words(proposal, Severity.ERROR)
    assert "it has no network card" not in warned


def test_cards_have_their_own_network_model_and_address() -> None:
    entered = {
        "name": "web", "net": "lan", "model": "e1000e", "mac": "52:54:00:AA:00:01",
        "nic2.net": "bridge:br0",
    }  # fmt: skip
    (proposal,) = plan(entered)
    first, second = proposal.machine.nics
    assert (first.source, first.model, first.mac) == ("lan", "e1000e", "52:54:00:aa:00:01")
    assert (second.kind, second.source) == ("bridge", "br0") and second.mac != first.mac
    assert "not a MAC address" in words({**entered, "mac": "nonsense"})
    (proposal,) = plan({**entered, "mac": "52:54:00:00:00:01"})
    assert proposal.blocked and "52:54:00:00:00:01" in check_words(proposal, Severity.ERROR)


def test_what_one_machine_can_have_several_cannot() -> None:
    many = {"name": "web-{1..3}"}
    assert len(plan(many)) == 3
    assert "3 machines" in words({**many, "mac": "52:54:00:aa:00:01"})
    assert "3 machines" in words({**many, "how": "existing", "volume": "default/spare.raw"})
    assert "into a pool first" in words({**many, "medium": "~/debian.iso"})


# -- cloud images ------------------------------------------------------------------------------


def test_a_file_of_this_machine_is_put_into_the_pool_and_lies_under_the_disk() -> None:
    lookup = Lookup(LookupKind.IMAGE, "~/cloud.qcow2")
    entered = {**CLOUD, "base": lookup.place, "size": "30G"}
    assert lookup in lookups(entered, CONTEXT)
    assert "is being read" in words(entered)
    context = replace(
        CONTEXT, lookup_results={lookup: LookupResult(size=7, capacity=3 * GIB, format="qcow2")}
    )
    (proposal,) = plan(entered, context)
    image, disk, _ = proposal.plan.volumes
    assert image.file == lookup.place and image.new.capacity == 7
    assert (disk.new.backing, disk.new.backing_format) == ("/pool/cloud.qcow2", "qcow2")
    (proposal,) = plan({**entered, "how": "copy", "pool": "vg"}, context)
    assert proposal.plan.volumes[1].copy_of == (ObjectId("h", "p"), "cloud.qcow2")
    assert "smaller than its image" in words({**entered, "size": "1G"}, context)
    error = replace(
        CONTEXT, lookup_results={lookup: LookupResult(error="it is an overlay of another file")}
    )
    assert words(entered, error) == "it is an overlay of another file"


def test_static_addresses_are_told_one_to_each_machine() -> None:
    entered = {
        **CLOUD, "name": "web-{1..2}", "address": "192.0.2.{10..11}/24", "gateway": "192.0.2.1",
        "dns": "192.0.2.53 2001:db8::53",
    }  # fmt: skip
    first, second = plan(entered)
    for proposal, address in ((first, "192.0.2.10/24"), (second, "192.0.2.11/24")):
        seed = proposal.plan.volumes[-1].content
        start = seed.index(b'{\n "version": 2')
        told = json.JSONDecoder().raw_decode(seed[start:].decode("latin-1"))[0]
        card = told["ethernets"]["first"]
        assert card["addresses"] == [address]
        assert card["match"]["macaddress"] == proposal.machine.nics[0].mac
        assert card["routes"] == [{"to": "0.0.0.0/0", "via": "192.0.2.1"}]
        assert card["nameservers"]["addresses"] == ["192.0.2.53", "2001:db8::53"]
    assert "2 machines" in words({**entered, "address": "192.0.2.10/24"})
    assert "not in 192.0.2.0/24" in words({**entered, "gateway": "198.51.100.1"})
    assert "not an address" in words({**CLOUD, "address": "300.0.0.1/24"})


def test_further_user_data_and_keys_are_read_of_files() -> None:
    more = Lookup(LookupKind.TEXT, "~/more.yaml")
    keys = Lookup(LookupKind.TEXT, "~/keys.pub")
    entered = {**CLOUD, "extra": more.place, "keys": keys.place}
    assert {more, keys} <= set(lookups(entered, CONTEXT))
    found = {
        more: LookupResult(text="#cloud-config\npackages: [nginx]\n"),
        keys: LookupResult(text="# mine\nssh-ed25519 AAAA me\n\n"),
    }
    (proposal,) = plan(entered, replace(CONTEXT, lookup_results=found))
    seed = proposal.plan.volumes[-1].content
    parts = [b64decode(one) for one in re.findall(rb"\n\n([A-Za-z0-9+/=\n]{24,})\n\n--", seed)]
    assert any(b"packages: [nginx]" in one for one in parts)
    assert any(b"ssh-ed25519 AAAA me" in one and b"# mine" not in one for one in parts)
    assert "being read" in words(entered)
    assert "not a path" in words({**CLOUD, "extra": "more.yaml"})
    broken = {more: LookupResult(text="#cloud-config\npackages: [nginx\n"), keys: LookupResult()}
    assert words(entered, replace(CONTEXT, lookup_results=broken)).startswith(
        "~/more.yaml, line 3: "
    )


def test_a_network_config_is_written_without_the_key_around_it() -> None:
    net = Lookup(LookupKind.TEXT, "~/net.yaml")
    entered = {**CLOUD, "address": net.place}
    found = {net: LookupResult(text="network:\n  version: 2\n  ethernets: {}\n")}
    (proposal,) = plan(entered, replace(CONTEXT, lookup_results=found))
    seed = proposal.plan.volumes[-1].content
    assert b"version: 2\nethernets: {}\n" in seed and b"network:" not in seed
    found = {net: LookupResult(text="ethernets: {}\n")}
    assert "~/net.yaml has no version" in words(entered, replace(CONTEXT, lookup_results=found))


# -- media and trees ---------------------------------------------------------------------------


def test_whether_the_medium_boots_is_told() -> None:
    entered = {"name": "web", "medium": "default/debian-12.iso"}
    (proposal,) = plan(entered, replace(CONTEXT, medium=IsoDescriptor("Debian 12", bootable=True)))
    assert "was read, and boots" in check_words(proposal, Severity.OK)
    (proposal,) = plan(entered, replace(CONTEXT, medium=IsoDescriptor("Data", bootable=False)))
    assert "no boot record" in check_words(proposal, Severity.WARNING)
    (proposal,) = plan(entered, replace(CONTEXT, medium_error="it is not an ISO image"))
    assert "it is not an ISO image" in check_words(proposal, Severity.WARNING)
    (proposal,) = plan({**entered, "medium": "/srv/x.iso"})
    assert "in no pool" in check_words(proposal, Severity.WARNING)


URL = "https://example.org/os/"
TREE = InstallTree(
    URL, TreeFile(f"{URL}vmlinuz", 10, "a" * 64), TreeFile(f"{URL}initrd.img", 20, ""),
    "Fedora 37", "inst.repo=https://example.org/os",
)  # fmt: skip


def test_an_install_tree_boots_its_kernel_once_and_its_disk_from_then_on() -> None:
    entered = {"name": "web", "method": "install tree", "tree": URL}
    assert lookups(entered, CONTEXT) == (Lookup(LookupKind.TREE, URL),)
    context = replace(
        CONTEXT, lookup_results={Lookup(LookupKind.TREE, URL): LookupResult(tree=TREE)}
    )
    (proposal,) = plan(entered, context)
    provision_plan = proposal.plan
    assert "<kernel>/pool/web-kernel</kernel>" in provision_plan.first_boot_xml
    assert (
        "inst.repo=https://example.org/os" in provision_plan.first_boot_xml
        and "destroy" in provision_plan.first_boot_xml
    )
    assert (
        "<kernel>" not in provision_plan.xml
        and "<boot dev='hd'/>" in provision_plan.xml
        and provision_plan.start
    )
    passing = [
        (one.new.name, one.url, one.sha256) for one in provision_plan.volumes if one.temporary
    ]
    assert passing == [
        ("web-kernel", f"{URL}vmlinuz", "a" * 64), ("web-initrd", f"{URL}initrd.img", ""),
    ]  # fmt: skip
    assert "checked against its SHA-256" in " ".join(provision_plan.words)
    assert "delete web-kernel and web-initrd again" in provision_plan.words
    assert "type the URL" in words({"name": "web", "method": "install tree"})


# -- edited by hand ----------------------------------------------------------------------------


def test_an_edited_definition_stands_until_it_is_made_anew() -> None:
    entered = {"name": "web"}
    (proposal,) = plan(entered)
    xml = proposal.plan.xml.replace("<memory unit='KiB'>", "<memory unit='KiB'>1")
    changed = with_edited_xml(entered, xml)
    (proposal,) = plan(changed)
    assert proposal.plan.xml == xml and not proposal.blocked
    assert proposal.machine.uuid in xml, "it is known by the UUID that is in the text"
    (later,) = plan({**changed, "vcpus": "3"})
    assert "not in it" in check_words(later, Severity.WARNING)
    (broken,) = plan(
        with_edited_xml(entered, xml.replace("<vcpu>", "<vcpus>").replace("</vcpu>", "</vcpus>"))
    )
    assert broken.blocked and "vcpus" in check_words(broken, Severity.ERROR)
    for text, why in (("<domain", "parsed"), (xml.replace(">web<", ">other<"), "defines other")):
        (broken,) = plan(with_edited_xml(entered, text))
        assert broken.blocked and why in check_words(broken, Severity.ERROR)
        assert broken.plan.xml == text, "what was typed is kept"
    assert without_edited_xml(changed) == entered


def test_a_system_that_a_file_name_tells_is_called_a_guess() -> None:
    entered = {**CLOUD, "base": "~/freebsd-13.0-release.qcow2", "name": "web"}
    (field,) = form_fields(WizardStep.SYSTEM, entered, CONTEXT, SYSTEMS)
    value = next(one for one in field.options if one.name == field.value)
    assert "guessed from its name" in value.note
    assert not any("as the medium says" in one.note for one in field.options)


def test_emulation_that_was_chosen_is_no_fault_of_the_host() -> None:
    can = replace(CAN, virt="kvm")
    (chosen,) = plan({"name": "web", "virt": "qemu"}, replace(CONTEXT, capabilities=can))
    assert "emulated, without KVM" in check_words(chosen, Severity.WARNING)
    assert "has no KVM" not in check_words(chosen, Severity.WARNING)
    (lacking,) = plan({"name": "web"}, replace(CONTEXT, capabilities=replace(CAN, virt="qemu")))
    assert "kvm01 has no KVM" in check_words(lacking, Severity.WARNING)
