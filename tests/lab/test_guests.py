"""What a guest of the lab has: logins, passwords, ssh, a file system, lines of its firmware."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import skip_without_root
from tests.patience import PATIENCE

from . import guests
from .console import Console
from .daemon import Lab
from .processes import run, wait_until

pytestmark = pytest.mark.lab

GUEST = "whole"


@pytest.fixture(scope="module")
def whole() -> Iterator[Lab]:
    """A lab with one guest that has everything a word can give it."""
    skip_without_root()
    with Lab(f"whole-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, GUEST, words=["write", "ssh", "hvc", "bios"])
        guests.wait_booted(lab, GUEST)
        yield lab


def ask_agent(lab: Lab, command: str, **arguments: object) -> Any:
    """What the agent returns."""
    request = {"execute": command, "arguments": arguments}
    reply = lab.virsh("qemu-agent-command", GUEST, json.dumps(request))
    return json.loads(reply)["return"]


def lines_written(lab: Lab) -> int:
    """The number of the last line in the file that the guest writes."""
    with Console(lab, GUEST) as console:
        return int(console.run("tail -n 1 /data/lines"))


@pytest.mark.parametrize(("device", "tty"), [("serial0", "ttyS0"), ("console1", "hvc0")])
def test_root_logs_in_on_the_consoles(whole: Lab, device: str, tty: str) -> None:
    with Console(whole, GUEST, device=device) as console:
        assert console.run("tty; id -un").split() == [f"/dev/{tty}", "root"]


def test_a_login_waits_on_the_screen(whole: Lab) -> None:
    with Console(whole, GUEST) as console:
        assert ask_agent(whole, "guest-get-users")[0]["user"] == "root"
        terminals = console.run("ps -o args | grep 'getty .* tty[1]'")
    assert terminals.endswith("tty1 linux")
    assert ask_agent(whole, "guest-get-users") == []


def test_firmware_writes_to_the_serial_console(whole: Lab) -> None:
    assert "SeaBIOS" in guests.serial_log(whole, GUEST)


def test_passwords_are_changed_in_the_guest_and_by_its_agent(whole: Lab) -> None:
    with Console(whole, GUEST) as console:
        console.send("passwd\r")
        for _ in range(2):
            console.expect("password: ")
            console.send("first-of-two\r")
        console.expect("changed by root")
    with Console(whole, GUEST, password="first-of-two") as console:
        assert console.run("id -un") == "root"
    for password in ("by-the-agent", guests.PASSWORD):
        whole.virsh("set-user-password", GUEST, "root", password)
        with Console(whole, GUEST, password=password) as console:
            assert console.run("id -un") == "root"


def test_root_logs_in_by_ssh_with_a_key_that_the_agent_took(whole: Lab, tmp_path: Path) -> None:
    address, key = guests.address(whole, GUEST), tmp_path / "key"
    assert address is not None
    run("dropbearkey", "-t", "ed25519", "-f", str(key))
    lines = run("dropbearkey", "-y", "-f", str(key)).splitlines()
    public = next(line for line in lines if line.startswith("ssh-ed25519 "))
    ask_agent(whole, "guest-ssh-add-authorized-keys", username="root", keys=[public])
    # The first -y takes the guest's key, the second keeps it from being written down.
    client = ("dbclient", "-y", "-y", "-i", str(key), f"root@{address}")
    assert whole.inside(*client, "hostname").strip() == GUEST


def test_a_file_system_that_is_written_to_can_be_frozen(whole: Lab) -> None:
    assert ask_agent(whole, "guest-get-fsinfo")[0]["mountpoint"] == "/data"
    before = lines_written(whole)
    assert ask_agent(whole, "guest-fsfreeze-freeze") == 1
    try:
        frozen = lines_written(whole)
        with Console(whole, GUEST) as console:
            console.run("usleep 300000")
        assert frozen >= before and lines_written(whole) == frozen
    finally:
        assert ask_agent(whole, "guest-fsfreeze-thaw") == 1
    wait_until(lambda: lines_written(whole) > frozen, PATIENCE, "the guest to write on")


def test_a_usual_guest_has_none_of_it(new_lab: Callable[[str], Lab]) -> None:
    """Neither a second console nor lines of its firmware, which tests of others count on."""
    lab = new_lab("usual")
    guests.define_guest(lab, GUEST)
    guests.wait_booted(lab, GUEST)
    assert lab.virsh("dumpxml", GUEST).count("<console ") == 1
    assert "SeaBIOS" not in guests.serial_log(lab, GUEST)
    with Console(lab, GUEST) as console:
        assert "/data" not in console.run("cat /proc/mounts")
