"""Which consoles a definition has, by alias and by the name that the guest gives them."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.guest_access.consoles import consoles


def told(devices: str) -> list[tuple[str, str, str]]:
    found = consoles(f"<domain type='kvm'><devices>{devices}</devices></domain>")
    return [(one.alias, one.name, one.type) for one in found]


LIVE = """
<serial type='pty'><target type='isa-serial' port='0'><model name='isa-serial'/></target>
  <log file='/var/log/guest.log' append='on'/><alias name='serial0'/></serial>
<serial type='tcp'><target type='isa-serial' port='1'/><alias name='serial1'/></serial>
<console type='pty'><target type='serial' port='0'/><alias name='serial0'/></console>
<console type='pty'><target type='virtio' port='1'/><alias name='console1'/></console>
<console type='pty'><target type='virtio' port='2'/><alias name='console2'/></console>
"""


def test_the_first_console_is_the_first_serial_port_and_counts_once() -> None:
    assert told(LIVE) == [
        ("serial0", "ttyS0", "isa-serial"),
        ("serial1", "ttyS1", "isa-serial"),
        ("console1", "hvc0", "virtio"),
        ("console2", "hvc1", "virtio"),
    ]


def test_a_log_and_what_cannot_be_opened_are_told() -> None:
    found = consoles(f"<domain type='kvm'><devices>{LIVE}</devices></domain>")
    assert [one.log_file for one in found] == ["/var/log/guest.log", "", "", ""]
    assert [bool(one.why_not) for one in found] == [False, True, False, False]
    assert "tcp" in found[1].why_not


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ("", []),
        ("<serial type='pty'/><console type='pty'/>", [("serial0", "ttyS0", "serial")]),
        (
            "<console type='pty'><target type='lxc' port='0'/></console>"
            "<console type='pty'><target type='lxc' port='1'/></console>",
            [("console0", "tty1", "lxc"), ("console1", "tty2", "lxc")],
        ),
        (
            "<console type='pty'><target type='virtio'/></console>",
            [("console0", "hvc0", "virtio")],
        ),
        (
            "<serial type='pty'><target type='system-serial' port='0'>"
            "<model name='pl011'/></target></serial>",
            [("serial0", "ttyAMA0", "system-serial")],
        ),
        (
            "<serial type='pty'><target type='usb-serial' port='0'/></serial>",
            [("serial0", "ttyUSB0", "usb-serial")],
        ),
        (
            "<serial type='pty'><target type='pci-serial' port='0'/></serial>",
            [("serial0", "", "pci-serial")],
        ),
        (
            "<console type='pty'><target type='sclp' port='0'/></console>",
            [("console0", "ttysclp0", "sclp")],
        ),
        ("<console type='pty'/>", [("console0", "", "console")]),
    ],
)
def test_a_domain_that_is_off_has_the_aliases_of_its_start(
    devices: str, expected: list[tuple[str, str, str]]
) -> None:
    assert told(devices) == expected
