"""A kernel for the guests: the machine's own cloud kernel, else Debian's, fetched and unpacked.

It is never installed: a package of a kernel would add an entry to the machine's boot menu.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .processes import LabError, run

PACKAGE = "linux-image-cloud-amd64"


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel image, its version, and the root below which its modules lie in lib/modules."""

    image: Path
    version: str
    root: Path

    @property
    def modules(self) -> Path:
        """The folder of its modules."""
        return self.root / "lib" / "modules" / self.version


def kernel(cache: Path) -> Kernel:
    """The newest cloud kernel at hand; fetched into ``cache`` first when there is none."""
    found = _newest(Path("/")) or _newest(cache / "kernel")
    if found is None:
        _fetch(cache)
        found = _newest(cache / "kernel")
    if found is None:
        raise LabError(f"the lab needs a kernel for its guests, and {PACKAGE} has none")
    return found


def _newest(root: Path) -> Kernel | None:
    images = (root / "boot").glob("vmlinuz-*-cloud-*")
    for image in sorted(images, key=lambda path: path.stat().st_mtime, reverse=True):
        found = Kernel(image, image.name.removeprefix("vmlinuz-"), root)
        if found.modules.is_dir():
            return found
    return None


def _fetch(cache: Path) -> None:
    """Download the package that the meta package names, and unpack it below ``cache``."""
    draft = Path(tempfile.mkdtemp(dir=cache))
    try:
        depends = run("apt-cache", "depends", PACKAGE)
        if "Depends" not in depends:
            run("apt-get", "-qq", "update", timeout=300)
            depends = run("apt-cache", "depends", PACKAGE)
        named = re.search(r"Depends: (linux-image-\S+)", depends)
        if named is None:
            raise LabError(f"apt knows no {PACKAGE}: the lab needs Debian's or Ubuntu's packages")
        # Run in the draft's folder, because apt-get downloads to where it stands.
        run("env", "-C", str(draft), "apt-get", "-qq", "download", named[1], timeout=300)
        (package,) = draft.glob("*.deb")
        root = draft / "root"
        run("dpkg-deb", "-x", str(package), str(root), timeout=120)
        if not (root / "lib").exists():
            (root / "lib").symlink_to("usr/lib")
        for modules in (root / "lib" / "modules").iterdir():
            run("depmod", "-b", str(root), modules.name, timeout=120)
        root.rename(cache / "kernel")
    finally:
        shutil.rmtree(draft, ignore_errors=True)
