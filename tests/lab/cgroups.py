"""Control groups of a lab: a branch of its own in each hierarchy, shown inside as if it were all.

Without that, containers leave their groups behind on the machine. QEMU guests use none here, see
`QEMU_CONF` in daemon.py.
"""

from __future__ import annotations

import os
from pathlib import Path

from .processes import LabError, wait_until

ROOT = Path("/sys/fs/cgroup")
INHERITED = ("cpuset.cpus", "cpuset.mems")
"""Files that are empty in a new branch of the cpuset controller, which is unusable till then."""


def hierarchies() -> list[Path]:
    """Where control groups are mounted: folders of version 1, else the one of version 2.

    The `unified` tree of a mixed setup is left out: containers do not start with it.
    """
    mounted = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    kinds = {Path(words[4]): words[words.index("-") + 1] for words in mounted}
    old = sorted(path for path, kind in kinds.items() if kind == "cgroup" and path.parent == ROOT)
    return old or [path for path, kind in kinds.items() if kind == "cgroup2" and path == ROOT]


def make_branches(lab: str) -> list[Path]:
    """Make the branches of a lab."""
    branches = [hierarchy / lab for hierarchy in hierarchies()]
    for branch in branches:
        try:
            branch.mkdir(exist_ok=True)
        except OSError as refused:
            raise LabError(f"control groups are not ours to make: {refused}") from None
        for file in INHERITED:
            above = branch.parent / file
            if above.exists():
                (branch / file).write_text(above.read_text())
    return branches


def remove_branches(lab: str) -> None:
    """Remove the branches of a lab, whose processes are gone."""

    def felled() -> bool:
        try:
            for hierarchy in hierarchies():
                for folder, _, _ in os.walk(hierarchy / lab, topdown=False):
                    Path(folder).rmdir()
        except OSError:  # the kernel is still burying the last process
            return False
        return True

    wait_until(felled, 5, "the control groups to empty")
