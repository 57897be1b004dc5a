"""``Lab``: a libvirtd of its own, in namespaces of its own, that any local client can reach."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

from . import registry
from .cgroups import remove_branches
from .images import cache_folder
from .namespaces import HOMES, enter, furnish, keep
from .processes import (
    LabError,
    alive,
    end,
    inhabitants,
    run,
    send,
    stopped,
    undisturbed,
    wait_until,
)

NEEDED = {
    "libvirtd": "libvirt-daemon",
    "virtlogd": "libvirt-daemon",
    "virsh": "libvirt-clients",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "dnsmasq": "dnsmasq-base",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "busybox": "busybox-static",
    "depmod": "kmod",
    "qemu-ga": "qemu-guest-agent",
    "dropbear": "dropbear-bin",
    "mkfs.ext4": "e2fsprogs",
}
"""Program -> the Debian package that has it."""

LIBVIRTD_CONF = """\
host_uuid = "{uuid}"
unix_sock_group = "root"
unix_sock_rw_perms = "0700"
unix_sock_ro_perms = "0700"
unix_sock_admin_perms = "0700"
auth_unix_rw = "none"
auth_unix_ro = "none"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
"""

# Without control groups: same-named guests of two labs would share one and report summed CPU time.
QEMU_CONF = """\
user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = [ ]
remember_owner = 0
"""

ROOMS = (*HOMES, "cgroup", "dev", "log/qemu", "log/lxc", "lib/images", "lib/qemu", "lib/dnsmasq")


class Lab:
    """A private libvirtd. `up` and `down` may be called once each; faults and virsh in between.

    Every method raises LabError. A lab belongs to this process, and is cleaned up by the next one
    that looks if this one dies, until `release` lets it stay.
    """

    def __init__(self, name: str = "lab") -> None:
        if not re.fullmatch(r"[a-z0-9-]{1,32}", name):
            raise LabError(f"a lab's name is made of a-z, 0-9 and -, unlike {name!r}")
        self.name = name
        self.record: registry.Record | None = None
        self._child: subprocess.Popen[bytes] | None = None

    @classmethod
    def find(cls, name: str) -> Lab:
        """The lab of that name which is up."""
        lab = cls(name)
        lab.record = registry.find(name)
        if lab.record is None:
            raise LabError(f"no lab named {name} is up")
        return lab

    @classmethod
    def of(cls, record: registry.Record) -> Lab:
        """The lab of an entry of the registry, which may be gone by now."""
        lab = cls(record.name)
        lab.record = record
        return lab

    @classmethod
    def all(cls) -> list[Lab]:
        """Every lab that is up."""
        return [cls.of(record) for record in registry.records()]

    @property
    def folder(self) -> Path:
        """Where everything of the lab is kept; only root may look into it."""
        if self.record is None:
            raise LabError(f"lab {self.name} is not up")
        return self.record.folder

    @property
    def keeper(self) -> int:
        """The process that holds the namespaces."""
        return self.record.keeper if self.record else 0

    @property
    def socket(self) -> Path:
        """libvirtd's socket, as seen from outside."""
        return self.folder / "run" / "libvirt-sock"

    @property
    def uri(self) -> str:
        """Where to connect, from anywhere on this machine, for the QEMU driver."""
        return f"qemu+unix:///system?socket={self.socket}"

    @property
    def lxc_uri(self) -> str:
        """The same daemon's container driver."""
        return f"lxc+unix:///system?socket={self.socket}"

    @property
    def test_uri(self) -> str:
        """The same daemon's test driver, with libvirt's own default scene."""
        return f"test+unix:///default?socket={self.socket}"

    @property
    def pids(self) -> list[int]:
        """Every process of the lab: daemons, guests, dnsmasq, the keeper."""
        return inhabitants(self.folder)

    @property
    def daemon_pid(self) -> int:
        """The process number of libvirtd."""
        return self._pid("run/libvirtd.pid", "libvirtd")

    def up(self) -> Lab:
        """Start the daemons and wait until they answer; on any failure nothing is left behind."""
        check_machine()
        sweep()
        with undisturbed():
            record = registry.owned(self.name, Path(tempfile.mkdtemp(prefix="virttui-lab-")))
            if not registry.claim(record):
                record.folder.rmdir()
                raise LabError(f"a lab named {self.name} is up already: {Lab.find(self.name).uri}")
            self.record = record
        try:
            self._furnish()
            self.start_daemon()
            _carry(self._knowledge, cache_folder() / "capabilities")
        except BaseException:  # an interrupt, too, must leave nothing behind
            self.down()
            raise
        return self

    def __enter__(self) -> Lab:
        return self if self.record else self.up()

    def __exit__(self, *_: object) -> None:
        self.down()

    def release(self) -> None:
        """Let the lab outlive this process."""
        if self.record:
            self.record = replace(self.record, owner=0, owner_started=0)
            registry.update(self.record)

    def down(self) -> None:
        """Stop guests and networks, end every process of the lab, remove its folder.

        Does nothing when the lab is down already, and waits while another process takes it down.
        """
        if self.record is None:
            return
        with undisturbed(), registry.locked(self.record) as up:
            if up:
                self._stop_guests()
                end([pid for pid in self.pids if pid != self.keeper])
                end(self.pids)
                remove_branches(self.folder.name)
                if self.folder.exists():
                    shutil.rmtree(self.folder)
                registry.forget(self.name)
            if self._child:
                self._child.wait()
            self.record = None

    def virsh(self, *args: str, text: str | None = None, timeout: float = 60) -> str:
        """What the machine's virsh prints, run against this lab; `text` is its standard input."""
        return run("virsh", "-q", "-c", self.uri, *args, text=text, timeout=timeout)

    def inside(self, *command: str, timeout: float = 60) -> str:
        """What a command prints that is run in the lab's namespaces."""
        return run(*enter(self.keeper, *command), timeout=timeout)

    def answers(self) -> bool:
        """Whether the daemon answers within a second."""
        try:
            self.virsh("version", timeout=1)
        except LabError:
            return False
        return True

    # Faults

    def freeze_daemon(self) -> None:
        """SIGSTOP libvirtd: a host that accepts connections and answers nothing."""
        _freeze(self.daemon_pid)

    def thaw_daemon(self) -> None:
        """SIGCONT libvirtd."""
        send(self.daemon_pid, signal.SIGCONT)

    def kill_daemon(self) -> None:
        """SIGKILL libvirtd; guests and dnsmasq live on."""
        pid = self.daemon_pid
        send(pid, signal.SIGKILL)
        wait_until(lambda: not alive(pid), 5, "libvirtd to die")

    def stop_daemon(self) -> None:
        """SIGTERM libvirtd, as a restart of its service does; guests and dnsmasq live on."""
        pid = self.daemon_pid
        send(pid, signal.SIGTERM)
        wait_until(lambda: not alive(pid), 30, "libvirtd to end")

    def start_daemon(self) -> None:
        """Start the daemons, for the first time or after a kill, and wait until they answer."""
        for daemon in ("virtlogd", "libvirtd"):
            pid = self.folder / "run" / f"{daemon}.pid"
            if not (pid.exists() and alive(int(pid.read_text()))):
                self.inside(daemon, "-d", "-p", f"/run/libvirt/{daemon}.pid")
        wait_until(self.answers, 60, f"libvirtd of lab {self.name} to answer")

    def freeze_guest(self, name: str) -> None:
        """SIGSTOP a guest's QEMU: a hung domain that libvirt still calls running."""
        _freeze(self.guest_pid(name))

    def thaw_guest(self, name: str) -> None:
        """SIGCONT a guest's QEMU."""
        send(self.guest_pid(name), signal.SIGCONT)

    def guest_pid(self, name: str) -> int:
        """The process number of a running guest's QEMU."""
        return self._pid(f"run/qemu/{name}.pid", name)

    @property
    def _knowledge(self) -> Path:
        """Where libvirtd keeps what it found out about QEMU, which costs it 8 s."""
        return self.folder / "cache" / "qemu" / "capabilities"

    def _pid(self, file: str, who: str) -> int:
        try:
            pid = int((self.folder / file).read_text())
        except (FileNotFoundError, ValueError):
            raise LabError(f"{who} is not running in lab {self.name}") from None
        if not alive(pid):
            raise LabError(f"{who} is not running in lab {self.name}")
        return pid

    def _furnish(self) -> None:
        """Make the folder, its configuration, and the namespaces that show it to the daemons."""
        assert self.record is not None
        for room in ROOMS:
            (self.folder / room).mkdir(parents=True)
        (self.folder / "etc" / "libvirtd.conf").write_text(LIBVIRTD_CONF.format(uuid=uuid.uuid4()))
        (self.folder / "etc" / "qemu.conf").write_text(QEMU_CONF)
        _carry(cache_folder() / "capabilities", self._knowledge)
        self._child = keep()
        self.record = replace(self.record, keeper=self._child.pid)
        registry.update(self.record)
        furnish(self.keeper, self.folder)

    def _stop_guests(self) -> None:
        """Kill the guests at once, then let the daemon, if it can, clear away what they used."""
        for file in (self.folder / "run" / "qemu").glob("*.pid"):
            send(int(file.read_text()), signal.SIGKILL)
        try:
            self.thaw_daemon()
            for network in self.virsh("net-list", "--name", timeout=5).split():
                self.virsh("net-destroy", network, timeout=5)
            containers = ("virsh", "-q", "-c", self.lxc_uri)
            for name in run(*containers, "list", "--name", timeout=5).split():
                run(*containers, "destroy", name, timeout=5)
        except LabError:
            pass  # no daemon to ask: whatever is left ends with the processes of the lab


def check_machine() -> None:
    """Raise LabError with one clear sentence when this machine cannot have a lab."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root, for namespaces and libvirtd")
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    missing = [program for program in NEEDED if not shutil.which(program, path=path)]
    if missing:
        packages = " ".join(sorted({NEEDED[program] for program in missing}))
        raise LabError(f"the lab needs {', '.join(missing)}: apt install {packages}")
    homeless = [home for home in HOMES.values() if home[:4] != "/run" and not Path(home).is_dir()]
    if homeless:
        raise LabError(f"the lab needs {', '.join(homeless)}: scripts/setup --tests makes them")


def sweep() -> list[str]:
    """Take down the labs whose owner is gone or whose processes are; their names."""
    left = [Lab.of(record) for record in registry.records() if record.abandoned]
    for lab in left:
        lab.down()
    return [lab.name for lab in left]


def _carry(source: Path, target: Path) -> None:
    """Copy the files of a folder, if there is one, each of them whole."""
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("*.xml"):
        draft = target / f".{file.name}.{os.getpid()}"
        shutil.copy2(file, draft)
        draft.replace(target / file.name)


def _freeze(pid: int) -> None:
    send(pid, signal.SIGSTOP)
    wait_until(lambda: stopped(pid), 5, f"process {pid} to stop")
