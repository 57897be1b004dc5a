"""Children, deadlines, and which processes belong to a lab."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

PROC = Path("/proc")


class LabError(Exception):
    """The lab cannot do what was asked; the message is one sentence for a person."""


def run(*command: str, text: str | None = None, timeout: float = 60) -> str:
    """The standard output of a command, `text` being its standard input.

    Raises LabError with the command's own last words when it fails or takes over `timeout` seconds.
    """
    try:
        done = subprocess.run(
            command,
            input=text or "",
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
    except FileNotFoundError:
        raise LabError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"no answer within {timeout:g} s: {' '.join(command)}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"exit status {done.returncode}"
        raise LabError(f"{' '.join(command)}: {said}")
    return done.stdout


def wait_until(
    holds: Callable[[], bool], seconds: float, what: str, pause: float = 0.03, often: bool = False
) -> None:
    """Return as soon as `holds()`, asked every `pause` seconds; LabError naming `what` if late.

    What takes long to ask, such as virsh, is asked less often, so that those who wait do not take
    the processor from what they wait for; unless it passes quickly and has to be asked `often`.
    """
    deadline = time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        if holds():
            return
        now = time.monotonic()
        if now > deadline:
            raise LabError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(pause if often else max(pause, min(4 * (now - asked), 1.0)))


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let an interrupt or a polite kill wait until this block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def pids() -> list[int]:
    """Every process of the machine."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def status(pid: int) -> tuple[str, int] | None:
    """State letter and start time in clock ticks since boot (proc(5)), or None when it is gone."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return fields[0], int(fields[19])


def alive(pid: int, started: int | None = None) -> bool:
    """Whether a process runs (zombies do not) and, if asked, is still the one started then.

    One that was killed holds its files and locks until the last of its threads is gone.
    """
    now = status(pid)
    if now is None or started not in (None, now[1]):
        return False
    return now[0] not in "ZX" or _threads(pid) > 1


def _threads(pid: int) -> int:
    try:
        return len(list((PROC / str(pid) / "task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def stopped(pid: int) -> bool:
    """Whether a process is frozen by SIGSTOP."""
    now = status(pid)
    return now is not None and now[0] == "T"


def inhabitants(folder: Path) -> list[int]:
    """The processes living in the lab whose folder this is.

    Its mounts have their source in the folder, whose name is unique, and they are seen in the lab's
    namespaces alone; so the mount table of a process tells. That also finds what made a namespace
    of its own inside (QEMU, containers). What joined only the network is found by that.
    """
    mark = folder.name.encode()
    inside: list[int] = []
    others: dict[int, str] = {}
    networks: set[str] = set()
    own = network(os.getpid())
    for pid in pids():
        try:
            mounts = (PROC / str(pid) / "mountinfo").read_bytes()
        except OSError:
            continue
        if mark in mounts:
            inside.append(pid)
            networks.add(network(pid))
        else:
            others[pid] = network(pid)
    strangers = {own, network(1), ""}
    return inside + [pid for pid, net in others.items() if net in networks - strangers]


def network(pid: int) -> str:
    """The network namespace of a process, empty when the process is gone."""
    try:
        return str((PROC / str(pid) / "ns" / "net").readlink())
    except OSError:
        return ""


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone by now."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def end(victims: Iterable[int], grace: float = 3) -> None:
    """SIGTERM, and SIGKILL for what is left after `grace` seconds; frozen ones are thawed."""
    victims = list(victims)
    for pid in victims:
        send(pid, signal.SIGTERM)
        send(pid, signal.SIGCONT)

    def all_ended() -> bool:
        return not any(alive(pid) for pid in victims)

    try:
        wait_until(all_ended, grace, "processes to end")
    except LabError:
        for pid in victims:
            send(pid, signal.SIGKILL)
        wait_until(all_ended, 10, "killed processes to end")
