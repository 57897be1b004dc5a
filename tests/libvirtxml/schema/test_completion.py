"""What is offered at a place in a text that is being typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.libvirtxml.schema.documents import DEVICES, DOMAIN, NEWER, everything
from virttui.libvirtxml.schema.completion import complete
from virttui.libvirtxml.schema.validate import validate
from virttui.model.diagnostics import Completion
from virttui.model.documents import HostValues, Option
from virttui.model.identity import Kind

PLAIN = DOMAIN.replace("{device}", DEVICES["disk volume"] + "\n" + DEVICES["interface network"])
DOCUMENTS = {name: one for name, one in everything().items() if name not in NEWER}

KNOWN = HostValues(
    values={
        "devices/interface[type=network]/source@network": (Option("default"), Option("lab")),
        "devices/interface[type=bridge]/source@bridge": (Option("br0"),),
        "devices/disk[type=volume]/source@pool": (Option("default"), Option("nvme")),
        "devices/disk[type=volume]/source[pool=default]@volume": (Option("probe.qcow2"),),
        "devices/disk[type=volume]/source[pool=nvme]@volume": (Option("it's.raw"),),
        "devices/interface/model@type": (
            Option("virtio", "paravirtual, the fastest"),
            Option("e1000e", "Intel 82574, for old guests"),
        ),
        "devices/disk/target@bus": (Option("virtio"), Option("sata")),
        "os/type@machine": (Option("q35", "stands for pc-q35-7.2"), Option("pc")),
        "cpu[mode=custom]/model": (Option("EPYC"), Option("Haswell", "cannot run here")),
        "bridge@name": (Option("virbr0"),),
    },
    exhaustive=frozenset({"devices/disk/target@bus"}),
    source="QEMU 7.2 on kvm01",
)


def offered(
    old: str, new: str, text: str = PLAIN, knowledge: HostValues | None = KNOWN
) -> Completion | None:
    """What is offered where ``|`` stands after one change of the document."""
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    text = text.replace(old, new)
    offset = text.index("|")
    return complete(text.replace("|", "", 1), offset, Kind.DOMAIN, knowledge)


def labels(found: Completion | None) -> list[str]:
    assert found is not None, "nothing is offered"
    return [item.label for item in found.items]


def completed(text: str, found: Completion | None, number: int = 0) -> str:
    """The text after one of the items was taken, the cursor shown as ``|``."""
    assert found is not None, "nothing is offered"
    item = found.items[number]
    put = item.text[: item.cursor] + "|" + item.text[item.cursor :]
    return text[: found.start] + put + text[found.end :]


TARGET = "<target dev='vdb' bus='virtio'/>"


@pytest.mark.parametrize(
    ("old", "new", "first", "title"),
    [
        ("<devices>", "<devices><|", ["disk", "controller", "filesystem"], "elements in devices"),
        ("<devices>", "<devices><gr|", ["graphics"], "elements in devices"),
        ("<clock", "<me|<clock", ["memoryBacking", "memtune"], "elements in domain"),
        (TARGET, "<|", ["target"], "elements in disk"),
        (TARGET, f"<iot|{TARGET}", ["iotune"], "elements in disk"),
        (TARGET, "<target dev='vdb' |/>", ["bus", "tray"], "attributes of target"),
        (TARGET, "<target |", ["dev", "bus"], "attributes of target"),
        (TARGET, "<target dev='vdb' b|='sata'/>", ["bus"], "attributes of target"),
        ("type='volume' device='disk'", "type='|' device='disk'", ["file", "block", "dir"],
         "values of disk type"),
        (TARGET, f"{TARGET}</disk><hostdev mode='capabilities' type='|'/><disk>",
         ["storage", "misc", "net"], "values of hostdev type"),
        (TARGET, "<target bus='|'/>", ["virtio", "sata"], "2 disk buses QEMU 7.2 on kvm01 knows"),
        (TARGET, "<target bus='s|'/>", ["sata"], "2 disk buses QEMU 7.2 on kvm01 knows"),
        ("network='default'", "network='|'", ["default", "lab"], "2 networks on kvm01"),
        ("pool='default'", "pool='|'", ["default", "nvme"], "2 pools on kvm01"),
        ("volume='probe.qcow2'", "volume='|'", ["probe.qcow2"], "1 volume on kvm01"),
        ("<model type='virtio'/>", "<model type='|'/>", ["virtio", "e1000e"],
         "2 NIC models QEMU 7.2 on kvm01 knows"),
        ("<model type='virtio'/>", "<model type='|", ["virtio", "e1000e"],
         "2 NIC models QEMU 7.2 on kvm01 knows"),
        ("machine='q35'", 'machine="|"', ["q35", "pc"],
         "2 machine types QEMU 7.2 on kvm01 knows"),
        ("restart</on_reboot>", "|</on_reboot>", ["destroy", "restart", "preserve"],
         "values of on_reboot"),
        ("restart</on_reboot>", "re|</on_reboot>", ["restart", "rename-restart", "preserve"],
         "values of on_reboot"),
        ("<cpu mode='host-passthrough' check='none'/>", "<cpu mode='custom'><model>|</model></cpu>",
         ["EPYC", "Haswell"], "2 CPU models QEMU 7.2 on kvm01 knows"),
        ("</disk>", "</|", ["</disk>"], "closes what is open"),
        ("</disk>", "</di|", ["</disk>"], "closes what is open"),
    ],
)  # fmt: skip
def test_what_may_stand_here_is_offered(old: str, new: str, first: list[str], title: str) -> None:
    found = offered(old, new)
    assert labels(found)[: len(first)] == first
    assert found is not None and found.title == title


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<metadata>", "<metadata><|"),
        ("<metadata>", "<metadata>|"),
        ("<clock", "<!-- <| --><clock"),
        ("<clock", "<![CDATA[<|]]><clock"),
        (TARGET, "<target dev=|/>"),
        (TARGET, "<target dev='vdb'|/>"),
        (TARGET, "<target foo='|'/>"),
        (TARGET, "<zzz|"),
        ("</disk>", "</disk |>"),
        ("<domain type='kvm'>", "|<domain type='kvm'>"),
    ],
)
def test_where_nothing_can_be_said_nothing_is(old: str, new: str) -> None:
    assert offered(old, new) is None


def test_what_is_there_already_is_not_offered_again() -> None:
    found = labels(offered(TARGET, f"<|\n{TARGET}"))
    assert not {"driver", "source", "target"} & set(found)
    assert {"boot", "iotune", "readonly"} <= set(found)
    assert "disk" in labels(offered("<devices>", "<devices><|")), "one more disk may follow"
    assert "emulator" not in labels(offered("<devices>", "<devices><|"))


def test_what_the_type_decides_is_decided() -> None:
    volume = offered(
        "<source pool", "<source | pool", PLAIN.replace("pool='default' ", "pool='d' ")
    )
    assert "file" not in labels(volume)
    other = PLAIN.replace("type='volume' device", "type='file' device")
    found = offered("<source pool='default' volume='probe.qcow2'/>", "<source |/>", other)
    assert labels(found)[:1] == ["file"]
    assert "pool" not in labels(found)


def test_a_pool_decides_its_volumes_also_behind_the_cursor() -> None:
    text = "<source volume='|' pool='nvme'/>"
    found = offered("<source pool='default' volume='probe.qcow2'/>", text)
    assert labels(found) == ["it's.raw"]
    assert found is not None and found.items[0].text == "it&apos;s.raw"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<network>\n  <|\n</network>", "<network>\n  <name>|</name>\n</network>"),
        ("<network><|name>x</name></network>", "<network><name|>x</name></network>"),
        ("<network><rou|</network>", "<network><route address='|' gateway=''/></network>"),
        ("<network><forward |/></network>", "<network><forward dev='|'/></network>"),
        ("<network><forward m|='nat'/></network>", "<network><forward mode|='nat'/></network>"),
        ("<network><forward mode='n|at'/></network>", "<network><forward mode='nat|'/></network>"),
        ("<network><mac |/></network>", "<network><mac address='|'/></network>"),
        ("<network><ip><dhcp></|</network>", "<network><ip><dhcp></dhcp>|</network>"),
        ("<|", "<network>|</network>"),
        ("<network><ma|", "<network><mac address='|'/>"),
    ],
)
def test_what_is_taken_stands_where_it_should(text: str, result: str) -> None:
    offset = text.index("|")
    text = text.replace("|", "")
    assert completed(text, complete(text, offset, Kind.NETWORK, KNOWN)) == result


def test_required_ones_come_first_and_say_so() -> None:
    text = "<network><route |"
    found = complete(text.replace("|", ""), text.index("|"), Kind.NETWORK, None)
    assert found is not None
    assert (found.items[0].label, found.items[0].note) == ("address", "required")


def test_a_network_is_not_told_what_a_domain_may_use() -> None:
    text = "<network><bridge name='|'/></network>"
    found = complete(text.replace("|", ""), text.index("|"), Kind.NETWORK, KNOWN)
    assert labels(found) == ["virbr0"]
    assert offered("<devices>", "<devices><bridge name='|'/>") is None


def test_without_schemas_the_host_is_still_known(no_schemas: None) -> None:
    assert labels(offered("network='default'", "network='|'")) == ["default", "lab"]
    assert labels(offered("</disk>", "</|")) == ["</disk>"]
    assert offered("<devices>", "<devices><|") is None


@settings(deadline=None)  # the first reads the schemas
@given(st.data())
def test_what_is_offered_for_a_name_is_allowed_there(data: st.DataObject) -> None:
    """Where an element of a valid document is taken out, it is offered again."""
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    kind, text = DOCUMENTS[name]
    places = [at for at in range(len(text)) if text[at] == "<" and text[at + 1].isalpha()]
    place = data.draw(st.sampled_from(places))
    word = text[place + 1 :].split(">")[0].split("/")[0].split()[0]
    if ":" in word:
        return
    found = complete(text, place + 1, kind, None)
    assert found is not None and word in [item.label for item in found.items]
    assert (text[found.start : found.end], validate(text, kind, None).problems) == (word, ())


@settings(deadline=None)  # the first reads the schemas
@given(st.data())
def test_any_place_of_any_document_is_answered(data: st.DataObject) -> None:
    kind, text = DOCUMENTS[data.draw(st.sampled_from(sorted(DOCUMENTS)))]
    offset = data.draw(st.integers(0, len(text)))
    found = complete(text[:offset], offset, kind, KNOWN)
    if found is not None:
        assert found.start <= offset == found.end
        assert all(0 <= item.cursor <= len(item.text) for item in found.items)


@pytest.mark.parametrize("root", ["domain", "inactiveDomain"])
def test_the_domain_of_a_snapshot_is_completed_as_any(root: str) -> None:
    text = PLAIN.replace(TARGET, "<target dev='vdb' |/>").strip()
    text = text.replace("<domain ", f"<{root} ", 1).removesuffix("</domain>") + f"</{root}>"
    before = PLAIN if root == "inactiveDomain" else ""
    text = f"<domainsnapshot><name>s</name>{before}{text}</domainsnapshot>"
    offset = text.index("|")
    found = complete(text.replace("|", ""), offset, Kind.SNAPSHOT, None)
    assert labels(found)[:2] == ["bus", "tray"]
    offset = text.index("<devices>", text.index(f"<{root} ")) + len("<devices>")
    found = complete(text.replace("|", "")[:offset] + "<" + text[offset:], offset + 1,
                     Kind.SNAPSHOT, None)  # fmt: skip
    assert labels(found)[:2] == ["disk", "controller"]
