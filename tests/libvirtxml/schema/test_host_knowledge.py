"""What a host knows of values: read from its capabilities, held against documents."""

from __future__ import annotations

import pytest

from tests.libvirtxml.schema.documents import DEVICES, DOMAIN, NETWORKS
from virttui.libvirtxml.schema.host_knowledge import host_values
from virttui.libvirtxml.schema.validate import validate
from virttui.model.documents import HostValues, Option
from virttui.model.identity import Kind

DOMAIN_CAPABILITIES = """<domainCapabilities>
  <path>/usr/bin/qemu-system-x86_64</path>
  <domain>kvm</domain>
  <machine>pc-q35-7.2</machine>
  <arch>x86_64</arch>
  <os supported='yes'>
    <enum name='firmware'><value>efi</value></enum>
    <loader supported='yes'>
      <value>/usr/share/OVMF/OVMF_CODE.fd</value>
      <enum name='secure'><value>no</value></enum>
    </loader>
  </os>
  <cpu>
    <mode name='host-passthrough' supported='yes'/>
    <mode name='host-model' supported='no'/>
    <mode name='custom' supported='yes'>
      <model usable='no' vendor='Intel'>Icelake-Server</model>
      <model usable='yes' vendor='AMD' deprecated='yes'>Opteron_G1</model>
      <model usable='yes' vendor='unknown'>qemu64</model>
    </mode>
  </cpu>
  <devices>
    <disk supported='yes'>
      <enum name='bus'><value>virtio</value><value>sata</value></enum>
    </disk>
    <video supported='yes'><enum name='modelType'><value>virtio</value></enum></video>
    <tpm supported='no'><enum name='model'><value>tpm-crb</value></enum></tpm>
    <channel supported='yes'><enum name='type'><value>unix</value></enum></channel>
  </devices>
</domainCapabilities>"""

CAPABILITIES = """<capabilities>
  <host><cpu><arch>x86_64</arch></cpu></host>
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <machine>pc-q35-7.2</machine>
      <machine canonical='pc-q35-7.2'>q35</machine>
      <domain type='kvm'/>
    </arch>
  </guest>
  <guest>
    <os_type>hvm</os_type>
    <arch name='aarch64'>
      <machine>virt-7.2</machine>
      <domain type='qemu'/>
    </arch>
  </guest>
</capabilities>"""

NAMES = {
    "networks": ["lab", "default"],
    "pools": ["default"],
    "volumes/default": ["probe.qcow2"],
    "bridges": ["br0"],
    "nwfilters": ["clean-traffic"],
}

KNOWN = host_values(DOMAIN_CAPABILITIES, CAPABILITIES, NAMES, "QEMU 7.2 on kvm01")
PLAIN = DOMAIN.replace("{device}", DEVICES["disk volume"] + "\n" + DEVICES["interface network"])


def names(key: str, known: HostValues = KNOWN) -> list[str]:
    return [value.name for value in known.values[key]]


def problems_of(text: str, kind: Kind = Kind.DOMAIN) -> list[tuple[str, str]]:
    return [(one.words, one.level) for one in validate(text, kind, KNOWN).problems]


def test_what_the_host_says_is_read() -> None:
    assert names("os@firmware") == ["efi"]
    assert names("os/loader") == ["/usr/share/OVMF/OVMF_CODE.fd"]
    assert names("cpu@mode") == ["host-passthrough", "custom"]
    assert names("devices/disk/target@bus") == ["virtio", "sata"]
    assert names("os/type[arch=aarch64]@machine") == ["virt-7.2"]
    assert names("os/type@machine") == ["q35", "pc-q35-7.2"], "short names first"
    assert names("@type") == ["kvm", "qemu"]
    assert names("devices/interface[type=network]/source@network") == ["default", "lab"]
    assert names("devices/disk[type=volume]/source[pool=default]@volume") == ["probe.qcow2"]
    assert "devices/tpm@model" not in KNOWN.values, "what is not supported says nothing"
    assert KNOWN.source == "QEMU 7.2 on kvm01"


def test_cpu_models_that_run_here_come_first_and_say_what_they_are() -> None:
    assert KNOWN.values["cpu[mode=custom]/model"] == (
        Option("Opteron_G1", "AMD, deprecated"),
        Option("qemu64", ""),
        Option("Icelake-Server", "cannot run here"),
    )


def test_what_may_be_missing_from_a_list_is_not_called_unknown() -> None:
    assert "devices/channel@type" not in KNOWN.exhaustive
    assert "devices/interface[type=bridge]/source@bridge" not in KNOWN.exhaustive
    assert "devices/disk/target@bus" in KNOWN.exhaustive
    tcp = "<channel type='tcp'><source mode='bind' host='a' service='1'/><target type='virtio'/>"
    assert problems_of(DOMAIN.replace("{device}", f"{tcp}</channel>")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("network='default'", "network='defalt'", 'network "defalt" is not on kvm01. '
         'Did you mean "default"?'),
        ("pool='default'", "pool='other'", 'pool "other" is not on kvm01'),
        ("volume='probe.qcow2'", "volume='probe.qcow'", 'volume "probe.qcow" is not on kvm01. '
         'Did you mean "probe.qcow2"?'),
        ("bus='virtio'", "bus='scsi'", 'disk bus "scsi" is not known on kvm01'),
        ("machine='q35'", "machine='pc-q35-99'", 'machine type "pc-q35-99" is not known on kvm01. '
         'Did you mean "pc-q35-7.2"?'),
        ("filter='clean-traffic'", "filter='mine'", 'network filter "mine" is not on kvm01'),
    ],
)  # fmt: skip
def test_what_the_host_does_not_know_is_a_warning(old: str, new: str, words: str) -> None:
    assert problems_of(PLAIN) == []
    assert problems_of(PLAIN.replace(old, new)) == [(words, "warning")]


def test_what_is_empty_says_what_the_host_knows() -> None:
    """The schema refuses an empty model; the words are the host's."""
    empty = PLAIN.replace("<model type='virtio'/>", "<model type=''/>")
    words = "model type is empty. The host knows virtio, e1000e, e1000 and 4 more"
    assert problems_of(empty) == [(words, "error")]
    assert problems_of(PLAIN.replace("network='default'", "network=''")) == [
        ("source network is empty. The host knows default and lab", "warning")
    ]


def test_other_documents_are_not_held_against_what_domains_know() -> None:
    pool = "<pool type='dir'><name>x</name><target><path>/x</path></target></pool>"
    assert problems_of(pool, Kind.POOL) == []
    assert problems_of(NETWORKS["nat"], Kind.NETWORK) == []


@pytest.mark.parametrize("xml", ["", "<", "<other/>", "<!DOCTYPE x []><x/>"])
def test_what_cannot_be_read_says_nothing(xml: str) -> None:
    assert host_values(xml, xml, {}, "a host") == HostValues(source="a host")
