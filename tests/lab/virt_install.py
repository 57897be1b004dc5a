"""Many command lines of virt-install at once.

It reads its database at each start, which is most of its time. Here that is done once, by the
system's own Python, and each line gets a process of its own from there.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import IO

HOME = "/usr/share/virt-manager"
IN_PARALLEL = 3


def virt_install(uri: str, *lines: str) -> list[str]:
    """The definition that each line would begin with; nothing is made.

    Raises AssertionError with what virt-install says.
    """
    head = ["virt-install", "--connect", uri, "--dry-run", "--print-xml", "1"]
    done = subprocess.run(
        ["/usr/bin/python3", "-I", __file__],
        input=json.dumps([[*head, *shlex.split(line)] for line in lines]),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    for line, (status, said, complained) in zip(lines, told, strict=True):
        assert status == 0 and "<domain" in said, f"virt-install {line}: {said}{complained}"
    return [said[said.index("<domain") :] for _, said, _ in told]


def version() -> tuple[int, ...]:
    """Which virt-install is here: 4.1, 5.0 …"""
    told = subprocess.run(
        ["virt-install", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    return tuple(int(number) for number in told.stdout.strip().split(".")[:2])


def serve() -> None:
    """Run the lines of the standard input, and tell what became of each."""
    sys.path.insert(0, HOME)
    from virtinst import OSDB, virtinstall

    OSDB.list_os()
    lines = json.load(sys.stdin)
    status: dict[int, int] = {}
    at_work: dict[int, int] = {}

    def reap() -> None:
        pid, ended = os.wait()
        status[at_work.pop(pid)] = os.waitstatus_to_exitcode(ended)

    with ExitStack() as stack:
        # Apart: what it complains of (several turn the same log over at once) holds XML as well.
        files = [
            tuple(stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2))
            for _ in lines
        ]
        for number, line in enumerate(lines):
            if len(at_work) == IN_PARALLEL:
                reap()
            pid = os.fork()
            if not pid:
                os._exit(_one(virtinstall.runcli, line, files[number]))
            at_work[pid] = number
        while at_work:
            reap()
        told = []
        for number, both in enumerate(files):
            for file in both:
                file.seek(0)
            told.append((status[number], *(file.read() for file in both)))
        json.dump(told, sys.stdout)


def _one(main: Callable[[], None], line: Sequence[str], files: Sequence[IO[str]]) -> int:
    for number, file in enumerate(files, start=1):
        os.dup2(file.fileno(), number)
    sys.argv = list(line)
    try:
        main()
    except SystemExit as ended:
        return int(bool(ended.code))
    finally:
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    serve()
