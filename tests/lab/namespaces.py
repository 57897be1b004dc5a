"""The mount and network namespace of a lab: libvirt's folders are the lab's, and so is the network.

A keeper process holds the namespaces; everything else enters through it. Nothing done here is seen
outside: propagation is private, and it all goes away with the last process inside.
"""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

from .cgroups import ROOT as CGROUPS
from .cgroups import make_branches
from .processes import PROC, LabError, alive, network, run, wait_until

HOMES = {
    "etc": "/etc/libvirt",
    "run": "/run/libvirt",
    "lib": "/var/lib/libvirt",
    "cache": "/var/cache/libvirt",
    "log": "/var/log/libvirt",
}
"""Folders of the lab, and where the daemons find them."""

ACCOUNTS = {
    Path("/etc/passwd"): "libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin",
    Path("/etc/group"): "libvirt-qemu:x:64055:",
}
"""What libvirtd asks for at its start, before it reads that nothing is to run as it."""

KVM = Path("/dev/kvm")


def keep() -> subprocess.Popen[bytes]:
    """Start the keeper of a new pair of namespaces."""
    keeper = subprocess.Popen(
        ["unshare", "--mount", "--net", "--propagation", "private", "sleep", "infinity"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )

    def settled() -> bool:
        if keeper.poll() is not None:
            raise LabError("namespaces were refused: is this a container without rights?")
        name = (PROC / str(keeper.pid) / "comm").read_text().strip()
        return name == "sleep" and network(keeper.pid) != network(os.getpid())

    try:
        wait_until(settled, 5, "the namespaces")
    except BaseException:  # not in the lab yet, so nobody would find it
        keeper.kill()
        keeper.wait()
        raise
    return keeper


def enter(keeper: int, *command: str) -> tuple[str, ...]:
    """The command line that runs a command inside."""
    return ("nsenter", "--target", str(keeper), "--mount", "--net", "--", *command)


def furnish(keeper: int, folder: Path) -> None:
    """Put the lab's own folders, sysfs and loopback device in place."""

    def inside(*command: str) -> None:
        run(*enter(keeper, *command))

    if not alive(keeper):
        raise LabError("the lab's namespaces are gone")
    # The whole of /run: no system bus to talk to, no lock shared with the outside.
    inside("mount", "-t", "tmpfs", "-o", "mode=0755,size=64m", "tmpfs", "/run")
    inside("mkdir", "-p", "/run/libvirt", "/run/dbus", "/run/lock")
    for room, home in HOMES.items():
        inside("mount", "--bind", str(folder / room), home)

    for book in ACCOUNTS:
        own = folder / "etc" / book.name
        own.write_text(book.read_text() + _missing(book))
        inside("mount", "--bind", str(own), str(book))

    # A fresh sysfs shows the bridges of this network namespace, and brings no control groups.
    groups = folder / "cgroup"
    branches = make_branches(folder.name)
    inside("mount", "-t", "tmpfs", "-o", "mode=0755,size=1m", "tmpfs", str(groups))
    for branch in branches:
        place = groups / branch.parent.relative_to(CGROUPS)
        inside("mkdir", "-p", str(place))
        inside("mount", "--bind", str(branch), str(place))
    if branches:
        inside("umount", "--recursive", str(CGROUPS))
    inside("mount", "-t", "sysfs", "sysfs", "/sys")
    inside("mount", "--rbind", str(groups), str(CGROUPS))

    if locked_kvm():
        # libvirt distrusts its cache of what QEMU can do while its probe is denied /dev/kvm, and
        # probes for 48 s at each start. The lab gets a node of its own; the machine's stays as is.
        own = folder / "dev" / "kvm"
        device = KVM.stat().st_rdev
        inside("mount", "-t", "tmpfs", "-o", "mode=0755,size=1m", "tmpfs", str(own.parent))
        inside("mknod", str(own), "c", str(os.major(device)), str(os.minor(device)))
        inside("chmod", "666", str(own))
        inside("mount", "--bind", str(own), str(KVM))
    inside("ip", "link", "set", "lo", "up")


def _missing(book: Path) -> str:
    """The line that an account book lacks, "" where it has the account."""
    line = ACCOUNTS[book]
    account = line.partition(":")[0]
    known = {one.partition(":")[0] for one in book.read_text().splitlines()}
    return "" if account in known else f"{line}\n"


def locked_kvm() -> bool:
    """Whether /dev/kvm is there for root alone."""
    return KVM.exists() and stat.S_IMODE(KVM.stat().st_mode) & 0o060 == 0
