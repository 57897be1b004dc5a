"""Programs on a terminal that lead into guests: virsh's editors, a container's shell, ssh."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.ssh_server import ssh_server
from tests.local.programs import Program
from virttui.commandline.virsh import argument_list
from virttui.planning.ssh_login import arguments, jump_of, login

pytestmark = pytest.mark.lab

GUEST, BOX = "sshd", "box"


@pytest.fixture(scope="module")
def place() -> Iterator[Lab]:
    """A lab with a guest that runs an ssh server, and a container."""
    skip_without_root()
    with Lab(f"programs-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        guests.define_guest(lab, GUEST, words=["ssh"])
        guests.define_container(lab, BOX)
        guests.wait_booted(lab, GUEST)
        yield lab


def test_virsh_edit_edits_on_a_terminal(place: Lab, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\ntty\nsed -i 's|<memory|<title>edited</title><memory|' \"$1\"\n")
    editor.chmod(0o755)
    line = argument_list(place.uri, ("edit", GUEST), read_only=False)
    program = Program(*line, environment={**os.environ, "VISUAL": str(editor)})
    assert program.ended() == 0, program.output
    assert b"/dev/pts/" in program.output
    assert "<title>edited</title>" in place.virsh("dumpxml", "--inactive", GUEST)


def test_a_shell_in_a_container_knows_its_size(place: Lab) -> None:
    words = ("lxc-enter-namespace", "--noseclabel", BOX, "/bin/sh")
    program = Program(*argument_list(place.lxc_uri, words, read_only=False))
    program.wait(lambda: b"# " in program.output)
    program.process.write(b"hostname; busybox stty size; exit\r")
    assert program.ended() == 0, program.output
    assert f"{BOX}\r\n".encode() in program.output
    assert b"30 100\r\n" in program.output


def test_ssh_asks_for_a_password_and_logs_in(place: Lab, tmp_path: Path) -> None:
    address = guests.address(place, GUEST)
    assert address is not None
    ssh, *rest = arguments(login(address, "root", "22"))
    known = ("-o", f"UserKnownHostsFile={tmp_path}/known", "-o", "StrictHostKeyChecking=no")
    network = ("nsenter", "-t", str(place.daemon_pid), "-n")
    program = Program(*network, ssh, *known, *rest)
    program.wait(lambda: b"password:" in program.output)
    program.process.write(f"{guests.PASSWORD}\r".encode())
    program.wait(lambda: b":~# " in program.output)
    program.process.write(b"stty size; exit 5\r")
    assert program.ended() == 5, program.output
    assert b"30 100\r\n" in program.output


def test_ssh_logs_in_through_the_host_that_knows_the_way(place: Lab, tmp_path: Path) -> None:
    address = guests.address(place, GUEST)
    assert address is not None
    network = ("nsenter", "-t", str(place.daemon_pid), "-n")
    with ssh_server(tmp_path / "server", network, 2222) as server:
        jump = jump_of(f"qemu+ssh://root@127.0.0.1:{server.port}/system")
        ssh, *rest = arguments(login(address, "root", "22", jump))
        program = Program(*network, ssh, "-F", str(server.config), *rest)
        program.wait(lambda: b"password:" in program.output)
        program.process.write(f"{guests.PASSWORD}\r".encode())
        program.wait(lambda: b":~# " in program.output)
        program.process.write(b"echo $SSH_CONNECTION; exit 5\r")
        assert program.ended() == 5, program.output
        assert "Pubkey auth succeeded for 'root'" in server.log
