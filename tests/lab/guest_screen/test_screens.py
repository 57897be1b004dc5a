"""Screens of real guests, by SeaBIOS, GRUB, OVMF and Linux: exact text, keys that arrive."""

from __future__ import annotations

import os
import string
from collections.abc import Iterator

import pytest

from tests.conftest import skip_without_root
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.console import Console
from tests.lab.daemon import Lab
from virttui.model.commands import Command, Verb
from virttui.model.domains.guest_screen import DisplayPasswordArguments
from virttui.model.errors import TimedOut
from virttui.model.queries import DisplaysQuery, DisplaysResult
from virttui.model.secret_value import SecretBytes
from virttui.model.tasks import Task
from virttui.terminal.images.situations import situation_of

from .viewer import Viewer

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    """A lab with a guest by SeaBIOS, one by OVMF, and one that boots GRUB from a medium."""
    skip_without_root()
    with Lab(f"screens-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, "bios", memory_mib=128)
        guests.define_guest(lab, "uefi", words=["uefi"])
        define_grub(lab)
        yield lab


def define_grub(lab: Lab) -> None:
    """A guest that boots the menu of GRUB's rescue medium, and has a password on its display."""
    lab.virsh(
        "define",
        "/dev/stdin",
        text=f"""\
<domain type='qemu'>
  <name>grub</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='cdrom'/></os>
  <features><acpi/></features>
  <devices>
    <disk type='file' device='cdrom'>
      <source file='{guests.rescue_iso()}'/><target dev='sda' bus='sata'/><readonly/>
    </disk>
    <graphics type='vnc' autoport='yes' listen='127.0.0.1' passwd='first'/>
    <video><model type='vga'/></video>
  </devices>
</domain>
""",
    )
    lab.virsh("start", "grub")


@pytest.fixture(scope="module")
def client(place: Lab) -> Iterator[RecordingClient]:
    """A fleet on that lab."""
    with listening(place.uri, interval=0.5) as client:
        client.listed()
        yield client


def test_a_login_on_vga_is_read_back_exactly(place: Lab, client: RecordingClient) -> None:
    guests.wait_booted(place, "bios")
    text = Viewer(client, "bios").expect("bios login:")
    assert (text.columns, len(text.rows), text.font, text.unknown) == (80, 25, "vga", 0)
    found = situation_of(text.lines, text.columns)
    assert found is not None and found.word == "login"


def test_a_typed_login_runs_a_command_on_tty1(place: Lab, client: RecordingClient) -> None:
    guests.wait_booted(place, "bios")
    viewer = Viewer(client, "bios")
    viewer.expect("bios login:")
    viewer.type("root\n")
    viewer.expect("Password:")
    viewer.type(f"{guests.PASSWORD}\n")
    viewer.expect("bios:~#")
    viewer.type("clear; echo $((6 * 7)); tty\n")
    text = viewer.expect("/dev/tty1")
    assert "42" in text.lines
    letters = "".join(string.ascii_letters[number % 52] for number in range(400))
    viewer.type(f"echo {letters} | wc -c\n")
    viewer.expect("401")
    viewer.type("clear; exit\n")
    assert "42" not in viewer.expect("bios login:").lines


def octal(text: str) -> str:
    """A text as printf takes it whatever the shell makes of its letters."""
    return "".join(f"\\{byte:03o}" for byte in text.encode())


@pytest.mark.parametrize("guest", ["bios", "uefi"])
def test_everything_that_can_be_printed_is_read_back(
    place: Lab, client: RecordingClient, guest: str
) -> None:
    guests.wait_booted(place, guest)
    viewer = Viewer(client, guest)
    viewer.expect(f"{guest} login:")
    printable = string.printable[:94]
    first, second = octal(printable[:47]), octal(printable[47:])
    lines = "äöüéßñ│─┌┐└┘├┤┬┴┼░▒▓░"
    with Console(place, guest) as console:
        console.run(rf"printf '\n\n{first}\n{second}\n' >/dev/tty1")
        console.run(rf"printf '{octal(lines)}\n\033[7minverse\033[0m done\n' >/dev/tty1")
    text = viewer.expect("inverse done")
    at = text.lines.index(printable[:47])
    assert text.lines[at + 1] == printable[47:] and text.lines[at + 2] == lines
    assert text.unknown == 0 and text.font == {"bios": "vga", "uefi": "linux"}[guest]


def test_a_framebuffers_login_is_read_back_exactly(place: Lab, client: RecordingClient) -> None:
    guests.wait_booted(place, "uefi")
    text = Viewer(client, "uefi").expect("uefi login:")
    assert (text.columns, text.font, text.unknown) == (160, "linux", 0)


def test_firmware_and_grub_are_read_and_a_key_moves_its_menu(
    place: Lab, client: RecordingClient
) -> None:
    viewer = Viewer(client, "grub")
    menu = viewer.expect("*GNU/Linux")
    assert menu.unknown == 0 and menu.font == "vga" and "GNU GRUB  version" in menu.text
    assert any(line.strip() == f"┌{'─' * 76}┐" for line in menu.lines)
    assert any("Use the ↑ and ↓ keys" in line for line in menu.lines)
    found = situation_of(menu.lines, menu.columns)
    assert found is not None and found.word == "boot menu"
    viewer.press("down")
    moved = viewer.expect("*GNU (aka GNU/Hurd)")
    assert "*GNU/Linux" not in moved.text and not moved.same(menu)
    viewer.press("c")
    viewer.expect("grub>")
    viewer.type('echo "typed: <{[|]}>"\n')
    viewer.expect("\ntyped: <{[|]}>")


def test_seabios_is_read_exactly(place: Lab, client: RecordingClient) -> None:
    place.virsh("reset", "grub")
    text = Viewer(client, "grub").expect("SeaBIOS (version")
    assert text.unknown == 0 and text.font == "vga"


def test_displays_are_told_with_their_ports(place: Lab, client: RecordingClient) -> None:
    query = DisplaysQuery(client.the_domain("grub").key, serial=9)
    found = client.answer(query, DisplaysResult).displays
    assert found is not None and found.video == ("vga",) and found.screens == 1
    (display,) = found.displays
    assert display.type == "vnc" and display.password is True
    assert display.port is not None and display.port >= 5900


def test_the_password_of_a_display_is_set_expires_and_is_never_told(
    place: Lab, client: RecordingClient
) -> None:
    def change(guest: str, password: str | None, seconds: float | None = None) -> Task:
        sealed = SecretBytes(password.encode()) if password is not None else None
        arguments = DisplayPasswordArguments("vnc", sealed, seconds)
        command = Command(Verb.SET_DISPLAY_PASSWORD, client.target(guest), arguments)
        task = client.done(client.fleet.submit([command])[0])
        assert "hunter" not in repr(task)
        return task

    def secure() -> str:
        return place.virsh("dumpxml", "grub", "--security-info")

    assert change("grub", "hunter2").words == "its vnc password is set"
    assert "passwd='hunter2'" in secure() and "passwdValidTo" not in secure()
    assert "its vnc password is set until " in change("grub", "hunter3", 3600.0).words
    assert "passwd='hunter3' passwdValidTo='" in secure()
    assert "nobody gets in by vnc" in change("grub", None).words
    assert "hunter3" not in secure() and "passwdValidTo='" in secure()
    too_long = change("grub", "hunter-hunter")
    assert too_long.trouble is not None and "at most 8" in too_long.trouble.message
    without = change("bios", "hunter2")
    assert without.trouble is not None and "started without a password" in without.trouble.message


def test_a_hung_guest_is_told_and_others_go_on(place: Lab, client: RecordingClient) -> None:
    place.freeze_guest("uefi")
    try:
        failed = Viewer(client, "uefi").result()
        assert isinstance(failed.error, TimedOut)
        assert failed.why_not.endswith("took no picture within 5 s: its QEMU is busy")
        assert Viewer(client, "bios").look().text is not None
        again = Viewer(client, "uefi").result()
        assert isinstance(again.error, TimedOut), "the call that hangs is not put twice"
    finally:
        place.thaw_guest("uefi")
    Viewer(client, "bios").expect("bios")
    client.wait(lambda: Viewer(client, "uefi").result().screenshot, what="it answers again")
