"""What libvirtd spends on one VirtTUI, beside what it spends on the tools of the field."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.lab.daemon import Lab

from .app import App
from .budgets import Row, Table, median
from .faults import STILL, fill
from .plan import BenchError, Plan


def daemon(table: Table, plan: Plan) -> None:
    """The CPU of libvirtd with a hundred guests: for VirtTUI, virsh domstats and virt-top."""
    with Lab("bench-daemon") as lab:
        fill(lab, plan.guarded)
        ours, virsh, top = [], [], []
        for _ in range(plan.runs):
            with App(["-c", lab.uri], STILL) as app:
                app.settle(plan)
                ours.append(_spent(lab, plan.seconds))
            with _domstats(lab):
                time.sleep(plan.window)
                virsh.append(_spent(lab, plan.seconds))
            if shutil.which("virt-top"):
                with _virt_top(lab):
                    time.sleep(plan.window)
                    top.append(_spent(lab, plan.seconds))
    what = f"libvirtd's cpu, {plan.guarded} guests"
    table.add(Row(f"{what}: VirtTUI", median(ours), "%"))
    for name, figures in (("virsh domstats", virsh), ("virt-top", top)):
        if not figures:
            table.add(Row(f"{what}: {name}", 0.0, "%", "not installed, not measured"))
            continue
        theirs = median(figures)
        if not theirs:
            raise BenchError(f"{name} took none of libvirtd's time")
        table.add(Row(f"{what}: {name}", theirs, "%", "every second"))
        ratio = median(ours) / theirs
        table.add(Row(f"{what}: against {name}", ratio, budget="libvirtd's cpu against others"))


def _spent(lab: Lab, seconds: float) -> float:
    """Percent of a core that libvirtd takes in the next seconds, at least one question's time."""
    seconds = max(seconds, 1.5)
    began, before = time.monotonic(), _cpu_seconds(lab.daemon_pid)
    time.sleep(seconds)
    return 100 * (_cpu_seconds(lab.daemon_pid) - before) / (time.monotonic() - began)


def _cpu_seconds(pid: int) -> float:
    """Processor time of all present threads, to the nanosecond."""
    spent = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # it has just ended
            spent += int((thread / "schedstat").read_text().split()[0])
    return spent / 1e9


@contextmanager
def _domstats(lab: Lab) -> Iterator[None]:
    """One virsh, told ``domstats`` every second: it connects once, which is in its favour."""
    with _child(["virsh", "-q", "-c", lab.uri], subprocess.PIPE) as virsh:
        feeder = subprocess.Popen(
            ["sh", "-c", "while echo domstats; do sleep 1; done"], stdout=virsh.stdin
        )
        try:
            yield
        finally:
            feeder.terminate()
            feeder.wait()


@contextmanager
def _virt_top(lab: Lab) -> Iterator[None]:
    """virt-top as text, every second."""
    with _child(["virt-top", "-c", lab.uri, "-d", "1", "--stream"], subprocess.DEVNULL):
        yield


@contextmanager
def _child(command: list[str], stdin: int) -> Iterator[subprocess.Popen[bytes]]:
    """A child whose output is dropped, ended afterwards."""
    child = subprocess.Popen(command, stdin=stdin, stdout=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.terminate()
        child.wait()
        if child.stdin is not None:
            child.stdin.close()
