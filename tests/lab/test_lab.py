"""The lab keeps its promises: real guests, faults that can be undone, and nothing left outside."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import BOOTED, OFF, skip_without_root
from tests.patience import PATIENCE

from . import guests, registry
from .cgroups import hierarchies
from .console import Console
from .daemon import Lab, check_machine, sweep
from .processes import PROC, LabError, alive, inhabitants, network, pids, run, wait_until

pytestmark = pytest.mark.lab

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = str(CHECKOUT / "scripts" / "lab")
LABS = "virttui-lab-"
"""How the folder of a lab, and its control groups, begin."""


@pytest.fixture(scope="module")
def workers(lab: Lab) -> Iterator[Lab]:
    """The shared lab with guests that each do one thing all the time."""
    words = {"burner": ["burn"], "reader": ["read"], "stubborn": ["deaf"]}
    for name, command_runner in words.items():
        guests.define_guest(lab, name, words=command_runner, memory_mib=128)
    for name in words:
        guests.wait_booted(lab, name)
    yield lab
    for name in words:
        if state(lab, name) != "shut off":
            lab.virsh("destroy", name)
        lab.virsh("undefine", name)


def stat(lab: Lab, name: str, field: str) -> int:
    """One number of virsh domstats."""
    found = re.search(rf"{re.escape(field)}=(\d+)", lab.virsh("domstats", name))
    return int(found[1]) if found else 0


def state(lab: Lab, name: str) -> str:
    """What virsh calls the state of a domain."""
    return lab.virsh("domstate", name).strip()


def machine() -> dict[str, object]:
    """What a lab must leave as it is. What belongs to other labs is left out."""
    kvm, own = Path("/dev/kvm"), network(os.getpid())
    return {
        "interfaces": sorted(Path("/sys/class/net").iterdir()),
        "mounts": Path("/proc/self/mountinfo").read_text(),
        "kvm": kvm.exists() and (kvm.stat().st_mode, kvm.stat().st_gid),
        "libvirt": sorted(Path("/run").glob("libvirt*")),
        "domains": sorted(Path("/etc/libvirt/qemu").glob("*.xml")),
        "images": sorted(Path("/var/lib/libvirt/images").glob("*")),
        "groups": [name for name in groups() if not name.startswith(LABS)],
        "daemons": [pid for pid in pids() if daemon(pid) and network(pid) == own],
    }


def groups() -> list[str]:
    """The names of the machine's control groups."""
    return sorted(group.name for tree in hierarchies() for group in tree.iterdir())


def daemon(pid: int) -> bool:
    """Whether a process is one that a lab starts."""
    try:
        name = (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return False
    return name in {"libvirtd", "virtlogd", "dnsmasq"}


# Guests


def test_guests_have_an_address_and_an_agent(lab: Lab) -> None:
    addresses = {guests.address(lab, name) for name in BOOTED}
    assert len(addresses) == len(BOOTED)
    for address in addresses:
        assert address is not None and address.startswith("192.168.122.")
    assert all(guests.agent_answers(lab, name) for name in BOOTED)
    assert state(lab, OFF) == "shut off"


def test_networks_and_pools_are_there(lab: Lab) -> None:
    assert set(lab.virsh("net-list", "--name").split()) == {"default", "isolated"}
    assert lab.virsh("pool-list", "--name").split() == ["default"]
    assert lab.virsh("pool-list", "--inactive", "--name").split() == ["spare"]
    assert "data.qcow2" in lab.virsh("vol-list", "default")
    assert guests.rescue_iso() in lab.virsh("vol-list", "default")


def test_the_serial_console_is_a_shell(lab: Lab) -> None:
    with Console(lab, "alpha") as console:
        assert console.run("echo $((6 * 7))") == "42"
        assert "vda" in console.run("ls /sys/block")


def test_the_balloon_tells_what_the_guest_uses(lab: Lab) -> None:
    wait_until(
        lambda: stat(lab, "alpha", "balloon.available") > 0, PATIENCE, "balloon numbers", 0.3
    )
    available, usable = (stat(lab, "alpha", f"balloon.{word}") for word in ("available", "usable"))
    assert 0 < usable < available < 256 * 1024


def test_the_screen_can_be_photographed(lab: Lab, tmp_path: Path) -> None:
    lab.virsh("screenshot", "alpha", str(tmp_path / "screen"))
    assert (tmp_path / "screen").read_bytes()[:2] in (b"P6", b"\x89P")


def test_words_make_a_guest_busy(workers: Lab) -> None:
    before = stat(workers, "burner", "cpu.time"), stat(workers, "reader", "block.0.rd.bytes")
    wait_until(
        lambda: stat(workers, "burner", "cpu.time") - before[0] > 1_000_000_000,
        PATIENCE,
        "the burner to use a second of processor time",
    )
    wait_until(
        lambda: stat(workers, "reader", "block.0.rd.bytes") - before[1] > 4 << 20,
        PATIENCE,
        "the reader to read 4 MiB",
    )


@pytest.mark.parametrize(("name", "mode"), [("burner", "acpi"), ("reader", "agent")])
def test_shutdown_works_both_ways(workers: Lab, name: str, mode: str) -> None:
    workers.virsh("shutdown", name, "--mode", mode)
    wait_until(lambda: state(workers, name) == "shut off", PATIENCE, f"{name} to shut down", 0.1)


def test_a_deaf_guest_ignores_both(workers: Lab) -> None:
    workers.virsh("shutdown", "stubborn")
    workers.virsh("shutdown", "stubborn", "--mode", "acpi")
    with pytest.raises(LabError):
        wait_until(lambda: state(workers, "stubborn") == "shut off", 4, "what never comes", 0.2)


def test_an_unknown_word_is_refused(lab: Lab) -> None:
    with pytest.raises(LabError, match="dance"):
        guests.define_guest(lab, "dancer", words=["dance"])


def test_a_container_runs(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("boxes")
    guests.define_container(lab, "box")
    listed = run("virsh", "-q", "-c", lab.lxc_uri, "list", "--name")
    assert listed.split() == ["box"]
    assert run("virsh", "-q", "-c", lab.test_uri, "list", "--name").split() == ["test"]


def test_a_guest_moves_takes_a_disk_and_reboots(new_lab: Callable[[str], Lab]) -> None:
    here, there = new_lab("here"), new_lab("there")
    guests.define_guest(here, "mover", memory_mib=128)
    guests.wait_booted(here, "mover")
    shutil.copy(guests.pool_folder(here) / "mover.qcow2", guests.pool_folder(there))
    way = f"unix:{here.folder}/migration"
    here.virsh("migrate", "mover", there.uri, way, "--live", "--p2p", "--unsafe")
    assert state(there, "mover") == "running"

    there.virsh("attach-disk", "mover", f"{guests.POOL}/data.qcow2", "vdb", "--driver", "qemu")
    with Console(there, "mover") as console:
        console.run("until [ -e /dev/vdb ]; do usleep 100000; done")
    there.virsh("reboot", "mover")
    wait_until(lambda: not guests.agent_answers(there, "mover"), PATIENCE, "the reboot", 0.1)
    wait_until(lambda: guests.agent_answers(there, "mover"), PATIENCE, "the guest to be back", 0.25)


# Faults


def test_guests_live_on_when_the_daemon_is_killed(lab: Lab) -> None:
    before = {name: lab.guest_pid(name) for name in BOOTED}
    lab.kill_daemon()
    assert not lab.answers()
    lab.start_daemon()
    assert {name: lab.guest_pid(name) for name in BOOTED} == before
    assert all(state(lab, name) == "running" for name in BOOTED)
    wait_until(lambda: guests.agent_answers(lab, "alpha"), PATIENCE, "alpha's agent", 0.2)


def test_a_frozen_daemon_is_silent_until_thawed(lab: Lab) -> None:
    lab.freeze_daemon()
    assert not lab.answers()
    lab.thaw_daemon()
    assert lab.answers()


def test_a_frozen_guest_still_counts_as_running(lab: Lab) -> None:
    lab.freeze_guest("beta")
    assert state(lab, "beta") == "running"
    assert not guests.agent_answers(lab, "beta")
    lab.thaw_guest("beta")
    wait_until(lambda: guests.agent_answers(lab, "beta"), PATIENCE, "beta's agent", 0.2)


# Beside each other, and beside the machine


def test_labs_side_by_side_share_nothing(lab: Lab, new_lab: Callable[[str], Lab]) -> None:
    other = new_lab("other")
    guests.define_still(other, "alpha")
    assert state(other, "alpha") == "paused"
    booted, still = (stat(each, "alpha", "cpu.time") for each in (lab, other))
    assert booted > 4 * still > 0
    uuids = {re.findall("<uuid>.*", each.virsh("capabilities"))[0] for each in (lab, other)}
    assert len(uuids) == 2


def test_the_machine_is_left_as_it_was(new_lab: Callable[[str], Lab]) -> None:
    before = machine()
    lab = new_lab("guest")
    guests.define_still(lab, "still")
    guests.define_container(lab, "box")
    assert machine() == before
    folder, inside = lab.folder, lab.pids
    assert folder.name.startswith(LABS) and folder.name in groups()
    assert folder.stat().st_mode & 0o077 == 0
    lab.down()
    assert machine() == before and folder.name not in groups()
    assert not folder.exists()
    assert not inhabitants(folder)
    assert not any(alive(pid) for pid in inside)
    assert registry.find(lab.name) is None


def test_a_lab_whose_owner_was_killed_is_swept() -> None:
    skip_without_root()
    name = f"orphan-{os.getpid()}"
    code = (
        "import os, signal\n"
        "from tests.lab.daemon import Lab\n"
        f"print(Lab({name!r}).up().folder, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    python = [sys.executable, "-c", code]
    done = subprocess.run(python, cwd=CHECKOUT, capture_output=True, text=True)
    folder = Path(done.stdout.strip())
    assert inhabitants(folder)
    sweep()
    # It may be another run's lab that swept it, a moment ago.
    assert registry.find(name) is None
    assert not inhabitants(folder) and not folder.exists()


# scripts/lab


def test_the_command_starts_finds_and_stops_a_lab() -> None:
    skip_without_root()
    name = f"command-{os.getpid()}"
    try:
        uri = run(COMMAND, "up", name, "0").splitlines()[-1]
        assert run("virsh", "-c", uri, "hostname").strip()
        assert f"{uri}\n" in run(COMMAND, "list")
        assert "default" in run(COMMAND, "virsh", name, "net-list")
        with pytest.raises(LabError, match=f"named {name} is up already"):
            run(COMMAND, "up", name)
    finally:
        run(COMMAND, "down", name)
    assert name not in run(COMMAND, "list")


def test_labs_that_end_at_the_same_time_end_once_each() -> None:
    """Ten processes take down one lab and its neighbour; nobody complains of the other's end."""
    skip_without_root()
    names = [f"{word}-{os.getpid()}" for word in ("one", "two")]
    labs = [Lab(name).up() for name in names]
    folders = [lab.folder for lab in labs]
    code = (
        "import sys\n"
        "from tests.lab.daemon import Lab\n"
        "for lab in Lab.all():\n"
        "    if lab.name in sys.argv[1:]:\n"
        "        lab.down()\n"
    )
    ends = [
        subprocess.Popen([sys.executable, "-c", code, *names], cwd=CHECKOUT, stderr=subprocess.PIPE)
        for _ in range(10)
    ]
    said = [end.communicate()[1] for end in ends]
    for lab in labs:
        lab.down()
    assert [end.returncode for end in ends] == [0] * 10, said
    assert not any(folder.exists() or inhabitants(folder) for folder in folders)
    assert not any(registry.find(name) for name in names)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_nothing(number: signal.Signals) -> None:
    skip_without_root()
    name = f"hasty-{os.getpid()}"
    with subprocess.Popen(
        [COMMAND, "up", name],
        stderr=subprocess.PIPE,
        text=True,
        # Where the tests run in the background, children are born deaf to ctrl+c.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as command:
        assert command.stderr is not None
        assert "libvirtd answers" in command.stderr.readline()
        record = registry.find(name)
        command.send_signal(number)
        assert "nothing left behind" in command.stderr.read()
    assert command.returncode == 130
    assert record is not None and registry.find(name) is None
    assert not record.folder.exists() and not inhabitants(record.folder)


@pytest.mark.parametrize("name", ["", "Lab", "a b", "../etc", "x" * 33])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(LabError, match="a-z"):
        Lab(name)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabError, match="root"):
        check_machine()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda program, path: None)
    with pytest.raises(LabError, match=r"apt install .*libvirt-daemon"):
        check_machine()
