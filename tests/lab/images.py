"""What guests boot: a kernel, an initramfs of busybox, the guest agent and dropbear, disks.

Built once and kept in a cache that only root can enter, named by kernel version and content.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import gzip
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .kernel import Kernel, kernel
from .processes import LabError, run

GUEST = Path(__file__).parent / "guest"
BUSYBOX = Path("/bin/busybox")
AGENT = Path("/usr/sbin/qemu-ga")
SSH_SERVER = Path("/usr/sbin/dropbear")
RESCUE_ISO = Path("/usr/lib/grub-rescue/grub-rescue-cdrom.iso")
MODULES = (
    *("virtio_pci", "virtio_console", "virtio_net", "virtio_blk", "virtio_balloon", "virtio-rng"),
    *("virtio_scsi", "sr_mod", "isofs", "ext4", "button", "evdev"),
)
PLACES = {
    "init": "init",
    "inittab": "etc/inittab",
    "boot": "etc/boot",
    "words": "etc/words",
    "agent": "etc/agent",
    "lease": "etc/lease",
    "profile": "etc/profile",
    "terminal": "etc/terminal",
    "login": "etc/login",
    "passwd": "etc/passwd",
    "group": "etc/group",
    "shadow": "etc/shadow",
    "chpasswd": "usr/sbin/chpasswd",
    "os-release": "etc/os-release",
    "power": "etc/acpi/PWRF/00000080",
    "shutdown": "sbin/shutdown",
}
"""Files in `guest/`, and where they go inside."""

DISK_MIB = 64


@dataclass(frozen=True, slots=True)
class Images:
    """Paths of what a guest boots.

    `disk` is an empty qcow2 to be copied, `ext4_disk` one with a file system named data.
    """

    kernel: Path
    initramfs: Path
    disk: Path
    ext4_disk: Path


@functools.cache
def images() -> Images:
    """The images of this machine, built first when the cache has none."""
    with _alone(cache_folder()) as cache:
        found = kernel(cache)
        folder = cache / f"{found.version}-{_fingerprint(found.image)}"
        if not folder.is_dir():
            draft = Path(tempfile.mkdtemp(dir=cache))
            try:
                _build(found, draft)
                draft.rename(folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    names = ("vmlinuz", "initramfs", "disk.qcow2", "ext4.qcow2")
    return Images(*(folder / name for name in names))


def cache_folder() -> Path:
    """The cache folder; LabError when anybody but root could have written to it."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "virttui-lab"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise LabError(f"{folder} must be a folder that root owns and nobody else enters")
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[Path]:
    """Let other processes wait, so that nothing is fetched or built by two of them at once."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(handle)


def _fingerprint(image: Path) -> str:
    """Changes with anything that goes into the images."""
    digest = hashlib.sha256()
    for path in (image, BUSYBOX, AGENT, SSH_SERVER, Path(__file__), *sorted(GUEST.iterdir())):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _build(chosen: Kernel, folder: Path) -> None:
    root = folder / "root"
    _furnish_root(root)
    _add_modules(root, chosen)
    for program in (AGENT, SSH_SERVER):
        for library in _libraries(program):
            _copy(library, root)
        _copy(program, root)
    (folder / "initramfs").write_bytes(b"".join(_archive(root)))
    shutil.rmtree(root)
    shutil.copyfile(chosen.image, folder / "vmlinuz")
    run("qemu-img", "create", "-q", "-f", "qcow2", str(folder / "disk.qcow2"), f"{DISK_MIB}M")
    raw = folder / "ext4.raw"
    run("mkfs.ext4", "-q", "-L", "data", str(raw), f"{DISK_MIB}M")
    run("qemu-img", "convert", "-O", "qcow2", str(raw), str(folder / "ext4.qcow2"))
    raw.unlink()


def _furnish_root(root: Path) -> None:
    """Busybox under each of its names, the empty folders, and our own few files."""
    for name in ("dev", "proc", "sys", "run", "tmp", "root", "mnt", "bin", "var/run", "var/log"):
        (root / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin" / "busybox")
    for applet in run(str(BUSYBOX), "--list-full").split():
        link = root / applet
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to("/bin/busybox")
    for name, place in PLACES.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(GUEST / name, target)
        target.chmod(0o755)


def _add_modules(root: Path, chosen: Kernel) -> None:
    asked = ("modprobe", "-d", str(chosen.root), "-S", chosen.version, "--show-depends")
    for module in MODULES:
        for line in run(*asked, module).splitlines():
            words = line.split()
            if words[0] == "insmod":
                # modprobe puts the root before the path, and "/" makes two slashes of it.
                _copy(Path("/" + words[1].lstrip("/")), root, below=chosen.root)
    for index in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        _copy(chosen.modules / index, root, below=chosen.root)
    run("depmod", "-b", str(root), chosen.version)


def _libraries(program: Path) -> Iterator[Path]:
    """The shared libraries of a program, its loader included."""
    for line in run("ldd", str(program)).splitlines():
        for word in line.split():
            if word.startswith("/"):
                yield Path(word)


def _copy(path: Path, root: Path, below: Path = Path("/")) -> None:
    """Copy a file from below one root to the same place under another."""
    target = root / path.relative_to(below)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(path, target)


def _archive(root: Path) -> Iterator[bytes]:
    """The initramfs: a cpio archive in the kernel's "newc" form, uncompressed as that boots faster.

    Written here and not by cpio(1), because it needs no rights to contain the console device.
    """
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            yield _entry(name, mode, bytes(path.readlink()))
        else:
            yield _entry(name, mode, path.read_bytes() if stat.S_ISREG(mode) else b"")
    yield _entry("dev/console", stat.S_IFCHR | 0o600, b"", device=(5, 1))
    yield _entry("TRAILER!!!", 0, b"")


def _entry(name: str, mode: int, content: bytes, device: tuple[int, int] = (0, 0)) -> bytes:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
    fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return _padded(head) + _padded(content)


def _padded(part: bytes) -> bytes:
    return part + b"\0" * (-len(part) % 4)


def bootable(words: str) -> Path:
    """An image that boots by itself, from a CD or as a disk: GRUB, the kernel and the initramfs.

    `words` are the kernel's command line. Made once for each, beside the other images.
    """
    made = images()
    file = made.kernel.parent / f"boot-{hashlib.sha256(words.encode()).hexdigest()[:12]}.iso"
    if file.exists():
        return file
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        root = Path(folder) / "root"
        (root / "boot" / "grub").mkdir(parents=True)
        shutil.copyfile(made.kernel, root / "vmlinuz")
        # GRUB moves what it loaded byte by byte, which takes an emulated processor 0.2 s a MiB: of
        # 11.9 s of a boot 9.9 are left with a smaller initramfs.
        (root / "initramfs").write_bytes(gzip.compress(made.initramfs.read_bytes(), 6))
        menu = f"set timeout=0\nlinux /vmlinuz {words}\ninitrd /initramfs\nboot\n"
        (root / "boot" / "grub" / "grub.cfg").write_text(menu)
        draft = Path(folder) / "boot.iso"
        run("grub-mkrescue", "-o", str(draft), str(root), "--", "-volid", "LAB_BOOT", timeout=120)
        draft.rename(file)
    return file
