"""What to put into a lab: networks, pools, guests that boot, guests that only count, containers."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import xml
from .daemon import Lab
from .images import BUSYBOX, RESCUE_ISO, images
from .processes import LabError, run, wait_until

POOL = "/var/lib/libvirt/images"
"""The folder of the pool `default`, as the lab sees it; from outside see `pool_folder`."""

SPARE = "/var/lib/libvirt/spare"
"""The folder of the pool `spare`, which is off, as the lab sees it."""

WORDS = {
    "burn": "keep the processor busy",
    "read": "read the disk, about 10 MB a second",
    "fill": "keep a file system on the disk, nearly full, mounted at /data",
    "mount": "mount the ext4 file system of its disk at /data",
    "write": "mount that, and write numbered lines to /data/lines all the time",
    "ssh": "run an ssh server",
    "hvc": "have a virtio console too, with a login",
    "bios": "have its firmware write to its serial console",
    "uefi": "boot by OVMF, with a framebuffer as its console",
    "talk": "ping the network's gateway with large packets",
    "deaf": "ignore the power button and the agent's shutdown",
    "mute": "run no guest agent",
}
"""What a guest can be told to do, on its kernel's command line; some change its hardware too."""

PASSWORD = "lab"
"""The password of root in each guest."""

BOOT_SECONDS = 240.0
"""Four to six seconds on a quiet machine, and 15 of an emulated processor's for a reboot; a failure
alone takes so long."""


def furnish_lab(lab: Lab) -> None:
    """The networks `default` and `isolated`, a pool `default` with volumes, a pool `spare` off."""
    for network in (xml.DEFAULT_NETWORK, xml.ISOLATED_NETWORK):
        lab.virsh("net-define", "/dev/stdin", text=network)
    lab.virsh("net-start default; net-autostart default; net-start isolated")
    (lab.folder / "lib" / "spare").mkdir(exist_ok=True)
    lab.virsh("pool-define", "/dev/stdin", text=xml.pool("default", POOL))
    lab.virsh("pool-define", "/dev/stdin", text=xml.pool("spare", SPARE))
    if RESCUE_ISO.exists():
        shutil.copy(RESCUE_ISO, pool_folder(lab) / "rescue.iso")
    lab.virsh(
        "pool-start default; pool-autostart default;"
        "vol-create-as default data.qcow2 256M --format qcow2;"
        "vol-create-as default spare.raw 16M --format raw"
    )


def limit_spare(lab: Lab, mib: int) -> None:
    """Start the pool `spare` on a file system of so many MiB."""
    lab.inside("mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", SPARE)
    lab.virsh("pool-start", "spare")


def fill(folder: Path, count: int) -> None:
    """Make so many empty qcow2 images of 10 GiB in a folder, disk-00000.qcow2 and so on."""
    folder.mkdir(exist_ok=True)
    first = folder / "first"
    run("qemu-img", "create", "-q", "-f", "qcow2", str(first), "10G")
    image = first.read_bytes()
    first.unlink()
    for number in range(count):
        (folder / f"disk-{number:05}.qcow2").write_bytes(image)


def pool_folder(lab: Lab) -> Path:
    """The folder of the pool `default`, as seen from outside."""
    return lab.folder / "lib" / "images"


def rescue_iso() -> str:
    """A bootable ISO image in the pool `default`, as the lab sees it (GRUB's rescue shell)."""
    if not RESCUE_ISO.exists():
        raise LabError("the lab needs a bootable image: apt install grub-rescue-pc")
    return f"{POOL}/rescue.iso"


def define_guest(
    lab: Lab,
    name: str,
    *,
    words: Iterable[str] = (),
    memory_mib: int = 256,
    start: bool = True,
) -> None:
    """Define a guest and start it, without waiting for its boot; `words` are keys of WORDS.

    Its disk NAME.qcow2 (64 MiB, empty or as its words want it) is in the pool `default`.
    """
    words = tuple(words)
    if unknown := set(words) - set(WORDS):
        raise LabError(f"a guest knows no such word: {', '.join(sorted(unknown))}")
    made = images()
    disk = made.ext4_disk if {"mount", "write"} & set(words) else made.disk
    shutil.copyfile(disk, pool_folder(lab) / f"{name}.qcow2")
    definition = xml.guest(name, made, f"{POOL}/{name}.qcow2", words, memory_mib)
    lab.virsh("define", "/dev/stdin", text=definition)
    if start:
        lab.virsh("start", name)


def define_still(lab: Lab, name: str, *, start: bool = True) -> None:
    """Define the smallest possible guest and start it paused; it never runs an instruction."""
    lab.virsh("define", "/dev/stdin", text=xml.still(name))
    if start:
        lab.virsh("start", name, "--paused")


def define_stills(lab: Lab, count: int, prefix: str = "still-") -> list[str]:
    """Many of them at once, still-000 and on, 5 a second and 20 MB each; their names."""
    names = [f"{prefix}{number:03}" for number in range(count)]
    with ThreadPoolExecutor(3) as threads:
        for _ in threads.map(functools.partial(define_still, lab), names):
            pass  # taking the results raises what went wrong
    return names


def define_container(lab: Lab, name: str, *, start: bool = True) -> None:
    """Define a container (see `lab.lxc_uri`) with a root folder of busybox alone, and start it."""
    root = lab.folder / "lib" / "containers" / name
    for room in ("bin", "dev", "proc", "sys", "root", "tmp", "etc"):
        (root / room).mkdir(parents=True, exist_ok=True)
    shutil.copy(BUSYBOX, root / "bin" / "busybox")
    for applet in ("sh", "ls", "ps", "cat", "sleep", "hostname", "free", "top", "poweroff"):
        link = root / "bin" / applet
        if not link.exists():
            link.symlink_to("busybox")
    definition = xml.container(name, f"/var/lib/libvirt/containers/{name}")
    virsh = ("virsh", "-q", "-c", lab.lxc_uri)
    run(*virsh, "define", "/dev/stdin", text=definition)
    if start:
        run(*virsh, "start", name)


def wait_booted(lab: Lab, name: str, seconds: float = BOOT_SECONDS) -> None:
    """Return when a guest has an address from the lab's DHCP and its agent answers."""
    try:
        wait_until(lambda: bool(address(lab, name)), seconds, f"{name} to get an address", 0.25)
        wait_until(lambda: agent_answers(lab, name), seconds, f"the agent of {name}", 0.25)
    except LabError as late:
        raise LabError(f"{late}; its console says: {serial_log(lab, name)[-500:]!r}") from None


def address(lab: Lab, name: str) -> str | None:
    """The IPv4 address the DHCP server gave a guest, or None."""
    for line in lab.virsh("domifaddr", name, "--source", "lease").splitlines():
        return line.split()[-1].partition("/")[0]
    return None


def agent_answers(lab: Lab, name: str) -> bool:
    """Whether a guest's agent answers a ping."""
    try:
        lab.virsh("qemu-agent-command", name, '{"execute": "guest-ping"}', "--timeout", "2")
    except LabError:
        return False
    return True


def serial_log(lab: Lab, name: str) -> str:
    """Everything a guest has written to its serial console since it was started."""
    file = lab.folder / "log" / "qemu" / f"{name}-serial.log"
    return file.read_text(errors="replace") if file.exists() else ""
