"""What libvirt made of an edit, told from what is stored afterwards."""

from __future__ import annotations

import pytest

from tests.libvirtxml.edits.test_keeping import DISKS, LINE, domain, edit
from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.edits.outcome import rejected_change
from virttui.model.commands import SettingChange
from virttui.model.domains.settings import ADD

TEXT = domain(
    devices=DISKS + LINE + "<interface type='network'><source network='lan'/></interface>"
)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (edit("memory", "8G"), "libvirt keeps memory at 4G"),
        (edit("max-memory", "8G"), "libvirt keeps max-memory at 4G"),
        (edit("vcpus", "2"), "libvirt keeps vcpus at 4"),
        (edit("title", "x"), "libvirt keeps title at nothing"),
        (edit("cache", "unsafe", "vda"), "libvirt keeps vda cache at none"),
        (edit("network", "dmz", "nic1"), "libvirt keeps nic1 network at lan"),
        (SettingChange("remove", "serial1"), "libvirt put serial1 back"),
        (SettingChange("remove", "vda"), "libvirt put vda back"),
        (SettingChange(ADD, values=(("xml", "<rng model='virtio'/>"),)), "libvirt left it out"),
    ],
    ids=lambda one: one.what if isinstance(one, SettingChange) else "",
)
def test_what_was_not_kept_is_named(edit: SettingChange, words: str) -> None:
    asked = apply(TEXT, "", edit).text
    assert rejected_change(edit, TEXT, asked, TEXT) == words
    assert rejected_change(edit, TEXT, asked, asked) == ""


def test_what_libvirt_adds_to_a_device_is_no_other_value() -> None:
    wanted = edit("cache", "unsafe", "vda")
    asked = apply(TEXT, "", wanted).text
    evaluate = asked.replace(
        "<source file='/b.raw'/>", "<driver name='qemu'/><source file='/b.raw'/>"
    )
    assert rejected_change(wanted, TEXT, asked, evaluate.replace("4194304", "4194304 ")) == ""
