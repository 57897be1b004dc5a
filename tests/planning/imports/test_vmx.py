"""VMX as VMware's products write it, and as people change it."""

from __future__ import annotations

import pytest

from tests.lab.appliances import VMX
from virttui.model.provision.appliance import Appliance
from virttui.planning.imports import vmx
from virttui.planning.imports.encodings import decoded

CONFIG = VMX.format(disk="a.vmdk")


def machine(*lines: str, text: str = CONFIG) -> Appliance:
    known = vmx.parse("\n".join((text, *lines)))
    return vmx.appliance(known, "/x/packed.vmx", tuple(one.disk for one in vmx.drives(known)))


def notes_of(appliance: Appliance) -> str:
    return "; ".join(appliance.notes)


@pytest.mark.parametrize(
    "line",
    [
        'nvp.vm-uuid = "x"',
        'guest.commands.sharedSecretLogin.hostd-quiescedsnap = "x"',
        'guestinfo.vice./init/units|app/cmd/args~ = "/bin/app"',
        'guestinfo.vice..init.networks|bridge.network.assigned@secret = "x"',
        'guestinfo.größe = "x"',
        'sched.cpu.min= "0"  # what a person wrote "here"',
        "tools.upgrade.policy = manual",
        'annotation = "he said "hello" to it"',
        'toolScripts.afterResume="TRUE"',
    ],
)
def test_any_key_is_a_key(line: str) -> None:
    appliance = machine(line)
    assert appliance.name == "packed" and "passed over" not in notes_of(appliance)
    assert vmx.parse(CONFIG + line).values.keys() > {"memsize"}


@pytest.mark.parametrize("line", ["hello", 'annotation = "no end', '"x" = "y"', "= 3", "<<<<<<<"])
def test_a_line_that_makes_no_sense_is_passed_over_and_said(line: str) -> None:
    appliance = machine(line)
    assert appliance.memory == 256 * 1024**2 and "line 17 of it: passed over" in notes_of(appliance)


def test_lines_that_go_on_are_one() -> None:
    appliance = machine('annotation = "first', "second \\", 'third"', "x.y = \\", ' "z"')
    assert appliance.description == "first second third" and "passed over" not in notes_of(
        appliance
    )
    assert machine('annotation = "a|0Ab |22c|22 |C3|A4|7C"').description == 'a b "c" ä|'


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("windows-1252", "cp1252"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1251", "cp1251"),
        ("GBK", "gbk"),
        ("Shift_JIS", "shift_jis"),
        ("Big5", "big5"),
        ("EUC-KR", "euc_kr"),
        ("macintosh", "mac_roman"),
        ("UTF-16", "utf-16"),
        ("UTF-16LE", "utf-16-le"),
        ("UTF-16BE", "utf-16-be"),
    ],
)
def test_its_name_is_read_in_every_encoding(encoding: str, codec: str) -> None:
    name = {"gbk": "测试", "shift_jis": "試験", "big5": "測試", "euc_kr": "시험",
            "cp1251": "Сервер"}.get(codec, "Büro")  # fmt: skip
    text = CONFIG.replace('"UTF-8"', f'"{encoding}"').replace('"packed"', f'"{name}"')
    assert machine(text=decoded(text.encode(codec))).name == name


def test_an_encoding_that_is_not_what_the_file_says_is_no_reason_to_refuse_it() -> None:
    text = CONFIG.replace('"packed"', '"Büro"').encode("cp1252")
    assert machine(text=decoded(text)).name == "Büro"
    for name in ("klingon", "zlib", "rot13", "idna", "unicode_escape"):
        told = CONFIG.replace('"UTF-8"', f'"{name}"').replace('"packed"', '"Büro"').encode()
        assert machine(text=decoded(told)).name == "Büro"


def test_what_it_does_not_tell_or_tells_wrong_is_not_told() -> None:
    less = "\n".join(one for one in CONFIG.split("\n") if not one.startswith(("mem", "numv")))
    assert (machine(text=less).vcpus, machine(text=less).memory) == (0, 0)
    for line, key in (('numvcpus = "²"', "numvcpus"), ('memsize = "0"', "memsize"),
                      ('memsize = "99999999999999999999"', "memsize")):  # fmt: skip
        appliance = machine(line)
        assert 0 in (appliance.vcpus, appliance.memory) and f"{key} is" in notes_of(appliance)


BUSES = """
ide0:0.present = "TRUE"
ide0:0.fileName = "data.vmdk"
ide1:0.present = "TRUE"
ide1:0.deviceType = "cdrom-image"
scsi0.present = "TRUE"
scsi0:0.present = "TRUE"
scsi0:0.fileName = "system.vmdk"
"""


def turns(*lines: str) -> list[str]:
    appliance = machine(BUSES, *lines)
    first = [(one.boot_order, one.label) for one in appliance.disks] + [
        (one.boot_order, "network") for one in appliance.nics
    ]
    return [label for boot, label in sorted(first) if boot]


@pytest.mark.parametrize(
    ("lines", "order"),
    [
        ((), []),
        (('bios.bootOrder = "hdd,cdrom"', 'bios.hddOrder = "scsi0:0,ide0:0"'),
         ["scsi0:0", "ide0:0", "sata0:0", "ide1:0"]),
        (('bios.hddOrder = "scsi0:0"',), ["scsi0:0", "ide0:0", "sata0:0"]),
        (('bios.bootOrder = "cdrom,ethernet0"',), ["ide1:0", "network"]),
        (('bios.bootOrder = "HDD"',), ["ide0:0", "sata0:0", "scsi0:0"]),
        (('bios.bootDeviceClasses = "allow:net,hd"',),
         ["network", "ide0:0", "sata0:0", "scsi0:0"]),
        (('bios.bootDeviceClasses = "deny:net"',), []),
        (('bios.bootOrder = "scsi0:0, nonsense"',), ["scsi0:0"]),
    ],
)  # fmt: skip
def test_what_boots_first_is_read_over_all_buses(lines: tuple[str, ...], order: list[str]) -> None:
    assert turns(*lines) == order


@pytest.mark.parametrize(
    ("lines", "network"),
    [
        (('ethernet0.networkName = "VM Network"',), "VM Network"),
        (('ethernet0.dvs.switchId = "50 2a"', 'ethernet0.dvs.portgroupId = "dvportgroup-81"'),
         "distributed port group dvportgroup-81"),
        (('ethernet0.opaqueNetwork.id = "4f0a"',), "logical switch 4f0a"),
        (('ethernet0.connectionType = "pvn"', 'ethernet0.pvnID = "52 9b"'), "LAN segment 52 9b"),
        (('ethernet0.connectionType = "custom"', 'ethernet0.vnet = "VMnet8"'), "VMnet8"),
        (('ethernet0.connectionType = "hostonly"',), "host-only"),
    ],
)  # fmt: skip
def test_a_card_is_on_what_it_was_on(lines: tuple[str, ...], network: str) -> None:
    bare = CONFIG.replace('ethernet0.connectionType = "nat"\n', "")
    assert [one.network for one in machine(*lines, text=bare).nics] == [network]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('checkpoint.vmState = "x.vmss"', "it was suspended"),
        ('guestinfo.userdata = "aGVsbG8="', "guest (1 value) is left out"),
        ('cpuid.coresPerSocket = "4"', "on sockets (4 cores on each) is left out"),
        ('ethernet0.startConnected = "FALSE"', "card 1 was not connected there"),
        ('nvme0:0.present = "TRUE"', "nvme0:0 is left out: its controller is not present"),
    ],
)
def test_what_is_lost_is_said(line: str, words: str) -> None:
    assert words in notes_of(machine(line)) and words not in notes_of(machine())


def test_a_system_for_another_processor_is_told() -> None:
    arm = machine(text=CONFIG.replace("debian12-64", "arm-debian12-64"))
    assert (arm.arch, machine().arch) == ("aarch64", "x86_64")


def test_an_address_that_is_none_is_left_out() -> None:
    for address in ("", "00:00:00:00:00:00", "hello", "01:00:5e:00:00:01"):
        (card,) = machine(text=CONFIG.replace("00:0c:29:12:34:56", address)).nics
        assert card.mac == ""


def test_a_long_line_takes_no_time() -> None:
    assert machine("a" + " " * 500_000 + "b", '"' * 300_000).name == "packed"
