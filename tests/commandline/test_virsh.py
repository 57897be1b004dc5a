from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from virttui.commandline.virsh import (
    ASKS,
    EDITS,
    REFUSED,
    TERMINAL,
    CheckedVirshLine,
    argument_list,
    check,
    secret,
)
from virttui.commandline.virsh_reads import ALWAYS, LOOKS


def test_arguments_are_split_without_a_shell() -> None:
    assert check("dumpxml 'a b; rm -rf /' --inactive").arguments == (
        "dumpxml", "a b; rm -rf /", "--inactive",
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(ASKS))
def test_what_loses_something_asks(name: str) -> None:
    assert check(f"{name} web-01").asks and check(f"{name} web-01").consequence


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_belongs_to_virshs_own_shell_is_refused(name: str) -> None:
    found = check(f"{name} web-01")
    assert found.error.startswith(f"virsh {name}: ") and not found.arguments


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "virsh needs a command"),
        ("dominfo 'web", "no closing quotation"),
        ("-c qemu:///session list", "a command comes first"),
        ("'list; destroy web-01'", "virsh has no command list; destroy"),
    ],
)
def test_what_is_wrong_is_said(line: str, words: str) -> None:
    assert words in check(line).error


@pytest.mark.parametrize(
    "line",
    [
        *(f"{name} web-01" for name in sorted(TERMINAL)),
        "desc web-01 --edit",
        "start web-01 --console",
    ],
)
def test_what_wants_a_terminal_gets_one(line: str) -> None:
    assert check(line).terminal
    assert not check("start web-01").terminal


def test_an_editor_asks_only_where_no_history_keeps_what_it_replaces() -> None:
    assert len(TERMINAL) == 11
    asking = {name for name in EDITS if check(f"{name} web-01").asks}
    assert asking == {"checkpoint-edit", "save-image-edit"}
    assert not check("console web-01").asks
    assert check("console web-01 --force").asks


@pytest.mark.parametrize(
    "line",
    [
        "list --all --title",
        "dominfo web-01",
        "dumpxml web-01 --inactive",
        "domstats --raw --block web-01",
        "event --all --loop",
        "vol-list default --details",
        "net-dhcp-leases default",
        "dumpxml --domain=web-01",
        "schedinfo web-01 --live",
        "desc web-01 --title",
        "vcpupin web-01",
        "blockjob web-01 vda --info",
        "snapshot-current web-01 --name",
        "metadata web-01 http://a/b --config",
        "help start",
    ],
)
def test_what_reads_only_does_not_ask(line: str) -> None:
    assert check(line) == CheckedVirshLine(tuple(line.split()))


@pytest.mark.parametrize(
    "line",
    [
        "vol-download data.qcow2 /root/precious --pool default",
        "screenshot web-01 /root/precious",
        "save web-01 /root/f",
        "managedsave web-01",
        "dump web-01 f",
        "dump web-01 f --crash",
        "net-update default delete ip-dhcp-host '<host/>'",
        "suspend web-01",
        "define a.xml",
        "secret-set-value x --file y",
        "secret-get-value x",
        "update-device web-01 a.xml",
        "blockcopy web-01 vda /b --reuse-external",
        "snapshot-create-as web-01 s --reuse-external",
        "metadata web-01 http://a/b --remove",
        "metadata web-01 http://a/b --set '<a/>'",
        "start web-01",
        "desc web-01 new words",
        "desc web-01 --new-desc=x",
        "desc --title web-01 New",
        "schedinfo web-01 --set cpu_shares=1",
        "schedinfo web-01 cpu_shares=1",
        "vcpupin web-01 0 0-3",
        "vcpupin web-01 --vcpu=0 --cpulist=1",
        "emulatorpin web-01 0-3",
        "memtune web-01 --hard-limit 1",
        "blockjob web-01 vda --abort",
        "blockjob web-01 vda --pivot",
        "dommemstat web-01 --period 5",
        "domtime web-01 --now",
        "snapshot-current web-01 s1",
        "guestvcpus web-01 --cpulist 1 --disable",
        "node-memory-tune --shm-pages-to-scan 5",
        "migrate-compcache web-01 1024",
        "dumpxml web-01 --security-info",
        "domdisplay web-01 --include-password",
        "dumpxml web-01 --output /root/precious",
        "dumpxml web-01 --output=/root/precious",
        "no-such-command-yet web-01",
    ],
)
def test_whatever_is_not_known_to_read_only_asks(line: str) -> None:
    assert check(line).asks


def test_what_may_lose_data_is_known_as_such() -> None:
    assert check("save web-01 f").consequence and check("dump web-01 f --crash").consequence
    assert not check("autostart web-01").consequence


@pytest.mark.skipif(shutil.which("virsh") is None, reason="virsh is not installed")
@pytest.mark.parametrize("name", sorted({*ALWAYS, *LOOKS}))
def test_the_options_of_what_reads_only_are_known(name: str) -> None:
    told = subprocess.run(["virsh", "help", name], capture_output=True, text=True, check=False)
    options = set(re.findall(r"^ +--([a-zA-Z-]+)", told.stdout, re.MULTILINE))
    asking = {one for one in options if check(f"{name} --{one}").asks}
    if name in ALWAYS:
        assert asking <= {"security-info", "include-password"}
    else:
        assert asking or name in ("desc", "net-desc") or not options, "what sets it is unknown"


def test_a_read_only_run_opens_read_only() -> None:
    assert argument_list("u", ["list"], read_only=True) == ["virsh", "-c", "u", "-r", "list"]
    assert argument_list("u", ["list"], read_only=False) == ["virsh", "-c", "u", "list"]


@pytest.mark.parametrize(
    "line",
    [
        "virsh secret-set-value 1 --base64 Zm9v",
        "virsh set-user-password web-01 root hunter2",
        "virsh x --password y",
        "!qemu-agent-command web-01 '{}'",
        "virsh send-key web-01 KEY_H KEY_U KEY_N",
        "virsh migrate web-01 qemu+libssh2://root:hunter2@kvm02/system",
    ],
)
def test_what_may_hold_a_secret_is_known(line: str) -> None:
    assert secret(line)
    assert not secret("virsh dominfo web-01")
