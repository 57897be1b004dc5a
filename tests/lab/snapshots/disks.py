"""A guest whose disks a test writes, and what is on them: at the firmware, or off, in the lab."""

from __future__ import annotations

import re

from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.processes import LabError, run

BLOCK = 64 * 1024
"""Bytes that are written at once."""


def definition(name: str, disks: tuple[str, ...] = ("vda",)) -> str:
    """A guest of 16 MiB without an operating system; disk vda is NAME-vda.qcow2."""
    parts = (xml.file_disk(f"{guests.POOL}/{name}-{disk}.qcow2", disk) for disk in disks)
    return xml.still(name, "".join(parts))


class DiskGuest:
    """One such guest. It is started paused: a processor that spins would cost a core."""

    def __init__(self, lab: Lab, name: str, disks: tuple[str, ...] = ("vda",), size: str = "16M"):
        self.lab, self.name, self.disks = lab, name, disks
        self.folder = guests.pool_folder(lab)
        for disk in disks:
            image = self.folder / f"{name}-{disk}.qcow2"
            run("qemu-img", "create", "-q", "-f", "qcow2", str(image), size)
        lab.virsh("define", "/dev/stdin", text=definition(name, disks))

    def start(self) -> None:
        """Start it, paused."""
        self.lab.virsh("start", self.name, "--paused")

    @property
    def running(self) -> bool:
        """Whether it has a QEMU."""
        return self.name in self.lab.virsh("list", "--name").split()

    def stop(self) -> None:
        """Take its QEMU away."""
        if self.running:
            self.lab.virsh("destroy", self.name)

    def remove(self) -> None:
        """Stop it, and take all of it away."""
        self.stop()
        self.lab.virsh("undefine", self.name, "--snapshots-metadata")
        for file in self.folder.glob(f"{self.name}-*"):
            file.unlink()

    def place(self, disk: str = "vda") -> str:
        """The path of the file that a disk is written to."""
        for line in self.lab.virsh("domblklist", self.name).splitlines():
            target, _, path = line.strip().partition(" ")
            if target == disk:
                return path.strip()
        raise LabError(f"{self.name} has no {disk}")

    def write(self, block: int, pattern: int, disk: str = "vda", count: int = 1) -> None:
        """Write blocks of a disk, each byte the pattern: by its QEMU, else straight to its file."""
        wanted = f"write -q -P {pattern} {block * BLOCK} {count * BLOCK}"
        if not self.running:
            self.lab.inside("qemu-io", "-f", "qcow2", "-c", wanted, self.place(disk))
            return
        self._monitor(disk, wanted)

    def _monitor(self, disk: str, wanted: str) -> None:
        device = f"/machine/peripheral/virtio-disk{self.disks.index(disk)}/virtio-backend"
        said = self.lab.virsh(
            "qemu-monitor-command", "--hmp", self.name, f'qemu-io -d {device} "{wanted}"'
        )
        if said.strip():
            raise LabError(said)

    def take(self, name: str, memory: bool = False) -> None:
        """Take an external snapshot of all disks, by virsh."""
        options = [
            part
            for disk in self.disks
            for part in (
                "--diskspec",
                f"{disk},snapshot=external,file={guests.POOL}/{self.name}-{disk}.{name}",
            )
        ]
        if memory:
            options += ["--memspec", f"file={guests.POOL}/{self.name}-{name}.mem"]
        else:
            options.append("--disk-only")
        self.lab.virsh("snapshot-create-as", self.name, name, *options)
        if memory:
            # QEMU lets go of its disks while it saves, and takes them again when it goes on.
            self.lab.virsh("resume", self.name)
            self.lab.virsh("suspend", self.name)

    def go_back(self, name: str, suffix: str) -> None:
        """Go back to an external snapshot as one does by hand, off, in a new file of vda.

        What came after it is on a branch then that now does not stand on.
        """
        place = f"{guests.POOL}/{self.name}-vda.{suffix}"
        held = f"{guests.POOL}/{moment(self, name)}"
        xml = self.lab.virsh("dumpxml", "--inactive", self.name)
        self.lab.inside("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", held, place)
        xml = re.sub(r"<backingStore.*</backingStore>|<backingStore/>", "", xml, flags=re.DOTALL)
        self.lab.virsh("define", "/dev/stdin", text=xml.replace(self.place(), place))
        then = self.lab.virsh("snapshot-dumpxml", "--security-info", self.name, name)
        self.lab.virsh(
            "snapshot-create", self.name, "/dev/stdin", "--redefine", "--current", text=then
        )

    def snapshots(self) -> set[str]:
        """The names of its snapshots, as libvirt has them."""
        return set(self.lab.virsh("snapshot-list", self.name, "--name").split())

    def files(self) -> set[str]:
        """The names of its files that are there."""
        return {one.name for one in self.folder.glob(f"{self.name}-*")}

    def content(self, file: str = "", blocks: int = 8) -> list[int]:
        """The pattern of each of the first blocks of a file, as one reads it with all below it.

        Without a name it is that of vda. Every byte of a block must be alike.
        """
        if self.running:
            for disk in self.disks:
                self._monitor(disk, "flush")  # QEMU keeps tables in memory until then
        raw = f"{self.name}-content.raw"
        source = f"{guests.POOL}/{file}" if file else self.place()
        convert = ("qemu-img", "convert", "-U", "-f", "qcow2", "-O", "raw", source)
        self.lab.inside(*convert, f"{guests.POOL}/{raw}")
        found = []
        with (self.folder / raw).open("rb") as image:
            for block in range(blocks):
                data = image.read(BLOCK)
                if len(set(data)) > 1:
                    raise LabError(f"block {block} of {file} is torn")
                found.append(data[0] if data else 0)
        (self.folder / raw).unlink()
        return found


def moment(guest: DiskGuest, name: str) -> str:
    """The name of the file that holds the disk as it was at a snapshot."""
    xml = guest.lab.virsh("snapshot-dumpxml", guest.name, name)
    domain = xml[xml.index("<domain") + len("<domainsnapshot>") :]
    source = domain[domain.index("<domain") :].split("<source file='", 1)[1]
    return source.split("'", 1)[0].rpartition("/")[2]
