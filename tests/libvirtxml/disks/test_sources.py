"""Every form of a disk's source has one text, equal for the same storage alone."""

from __future__ import annotations

import pytest

from virttui.libvirtxml import read

FORMS = {
    "<disk type='file'><source file='/a/b.qcow2'/></disk>": "/a/b.qcow2",
    "<disk type='block'><source dev='/dev/vg/a'/></disk>": "/dev/vg/a",
    "<disk type='dir'><source dir='/srv/fat'/></disk>": "/srv/fat",
    "<disk type='volume'><source pool='p' volume='v'/></disk>": "v",
    "<disk type='file' device='cdrom'></disk>": "",
    "<disk type='file' device='cdrom'><source startupPolicy='optional'/></disk>": "",
    "<disk type='network'><source protocol='nbd'><host name='h' port='10809'/></source></disk>":
        "nbd://h:10809",
    "<disk type='network'><source protocol='nbd'><host name='h'/></source></disk>": "nbd://h:10809",
    "<disk type='network'><source protocol='nbd' name='e'><host name='::1' port='1'/></source>"
    "</disk>": "nbd://[::1]:1/e",
    "<disk type='network'><source protocol='nbd'><host transport='unix' socket='/run/n'/></source>"
    "</disk>": "nbd+unix:/run/n",
    "<disk type='network'><source protocol='rbd' name='a/b'><host name='m1'/></source></disk>":
        "rbd:a/b",
    "<disk type='network'><source protocol='iscsi' name='a/b'><host name='m1'/></source></disk>":
        "iscsi:a/b",
    "<disk type='network'><source protocol='https' name='i/x.iso' query='v=1'><host name='m'/>"
    "</source></disk>": "https://m:443/i/x.iso?v=1",
    "<disk type='nvme'><source type='pci' namespace='1'><address domain='0x0000' bus='0x01' "
    "slot='0x00' function='0x0'/></source></disk>": "nvme:0000:01:00.0/1",
    "<disk type='vhostuser'><source type='unix' path='/run/s'/></disk>": "vhost-user:/run/s",
    "<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/></disk>": "vdpa:/dev/vhost-vdpa-0",
}  # fmt: skip


def domain(devices: str, rest: str = "") -> read.DomainFacts:
    return read.domain(f"<domain>{rest}<devices>{devices}</devices></domain>")


@pytest.mark.parametrize("form", FORMS)
def test_a_source_has_a_text(form: str) -> None:
    assert domain(form).disks[0].source == FORMS[form]
    backing = form.replace("<disk type=", "<disk><backingStore type=", 1)
    xml = backing.replace("</disk>", "</backingStore></disk>")
    named = read.sources(f"<domain><devices>{xml}</devices></domain>")
    assert [place for _, place in named] in ([FORMS[form]], []), "also of what a disk lies on"


def test_monitors_are_no_part_of_an_image() -> None:
    one, other = (
        domain(f"<disk type='network'><source protocol='rbd' name='a/b'>{hosts}</source></disk>")
        for hosts in ("<host name='m1'/><host name='m2'/>", "<host name='m2' port='6789'/>")
    )
    assert one.disks[0].source == other.disks[0].source


@pytest.mark.parametrize(
    ("nvram", "path"),
    [
        ("<nvram>/nv/a.fd</nvram>", "/nv/a.fd"),
        ("<nvram type='file'><source file='/nv/a.fd'/></nvram>", "/nv/a.fd"),
        ("<nvram type='block'><source dev='/dev/vg/nv'/></nvram>", "/dev/vg/nv"),
        ("<nvram template='/t'/>", ""),
    ],
)
def test_nvram_is_found_in_every_form(nvram: str, path: str) -> None:
    assert domain("", f"<os>{nvram}</os>").nvram == path


@pytest.mark.parametrize(
    ("card", "source"),
    [
        ("<interface type='hostdev'><source><address type='pci' domain='0x0000' bus='0x3b' "
         "slot='0x10' function='0x6'/></source></interface>", "0000:3b:10.6"),
        ("<interface type='vhostuser'><source type='unix' path='/run/v'/></interface>", "/run/v"),
        ("<interface type='vdpa'><source dev='/dev/vdpa0'/></interface>", "/dev/vdpa0"),
        ("<interface type='mcast'><source address='230.0.0.1' port='5558'/></interface>",
         "230.0.0.1:5558"),
    ],
)  # fmt: skip
def test_a_card_says_what_it_is_plugged_into(card: str, source: str) -> None:
    assert domain(card).nics[0].source == source
