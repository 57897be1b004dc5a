"""VirtTUI as a script starts it: children without a terminal, with a home of their own.

Starting Python and loading libvirt takes most of the time of a call. So one child loads both, and
each call is a fork of it that runs what the console script runs, with its arguments.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from . import inside

TEST = "test:///default"
NOWHERE = "qemu+unix:///system?socket=/nonexistent/virttui-sock"
IN_PARALLEL = 12

_CALLER = """
import importlib, json, os, sys
told = json.load(sys.stdin)
main = getattr(importlib.import_module(told["module"]), told["function"])
for name in told["loads"]:
    importlib.import_module(name)
at_work = {}

def reap():
    pid, status = os.wait()
    with open(f"{at_work.pop(pid)}.status", "w") as file:
        file.write(str(os.waitstatus_to_exitcode(status)))

for number, (arguments, environment) in enumerate(told["calls"]):
    if len(at_work) >= told["at_once"]:
        reap()
    pid = os.fork()
    if pid:
        at_work[pid] = number
        continue
    os.environ.update(environment)
    for fd, name in ((0, os.devnull), (1, f"{number}.out"), (2, f"{number}.err")):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), fd)
    sys.argv = ["virttui", *arguments]
    status = 70
    try:
        status = main()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)
while at_work:
    reap()
"""


class Done(NamedTuple):
    """A call that has ended."""

    status: int
    out: str
    err: str


def environment(home: Path) -> dict[str, str]:
    """What a call finds in its environment: nothing of the user's but where programs are."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTHON")}
    return {
        **kept,
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "1000",
        "NO_COLOR": "1",
    }


def run(*arguments: str, home: Path) -> Done:
    """One call by ``python -m virttui``."""
    done = subprocess.run(
        [sys.executable, "-m", "virttui", *arguments], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, env=environment(home), cwd=home,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


def run_all(calls: Sequence[tuple[Sequence[str], Mapping[str, str]]], home: Path) -> list[Done]:
    """Many calls, each with more of an environment, side by side."""
    told = {
        "module": inside.MAIN[0],
        "function": inside.MAIN[1],
        "loads": inside.LOADS,
        "calls": [(list(arguments), dict(more)) for arguments, more in calls],
        "at_once": IN_PARALLEL,
    }
    done = subprocess.run(
        [sys.executable, "-c", _CALLER], input=json.dumps(told), capture_output=True, text=True,
        timeout=120, env=environment(home), cwd=home,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [
        Done(
            int((home / f"{number}.status").read_text()),
            (home / f"{number}.out").read_bytes().decode(),
            (home / f"{number}.err").read_bytes().decode(),
        )
        for number in range(len(calls))
    ]
