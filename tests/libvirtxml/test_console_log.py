"""Logging consoles to files: of serial ports and virtio consoles, by their numbers."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.guest_access.consoles import consoles
from virttui.model.commands import SettingChange
from virttui.model.errors import InvalidInput

BOTH = """<domain type='kvm'><name>web</name><devices>
<serial type='pty'><target type='isa-serial' port='0'/></serial>
<console type='pty'><target type='serial' port='0'/></console>
<console type='pty'><target type='virtio' port='1'/></console>
</devices></domain>"""
VIRTIO = """<domain type='kvm'><name>web</name><devices>
<console type='pty'><target type='virtio' port='0'/></console></devices></domain>"""


def logged(xml: str, device: str) -> dict[str, str]:
    edit = SettingChange("log", device, (("", "/var/log/web.log"),))
    return {one.alias: one.log_file for one in consoles(apply(xml, "", edit).text)}


def test_each_console_is_named_by_its_kind_and_number() -> None:
    assert logged(BOTH, "serial1") == {"serial0": "/var/log/web.log", "console1": ""}
    assert logged(BOTH, "console2") == {"serial0": "", "console1": "/var/log/web.log"}
    assert logged(VIRTIO, "console1") == {"console0": "/var/log/web.log"}


def test_without_a_name_it_is_the_only_one_there_is() -> None:
    assert logged(VIRTIO, "") == {"console0": "/var/log/web.log"}
    with pytest.raises(InvalidInput, match="it has several serial ports"):
        logged(BOTH, "")


def test_the_first_console_that_is_the_serial_port_once_more_is_not_logged_apart() -> None:
    with pytest.raises(InvalidInput, match="log serial1"):
        logged(BOTH, "console1")
