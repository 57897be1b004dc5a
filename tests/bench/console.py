"""What is measured of consoles: how fast a container prints, beside virsh, and a guest's echo."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import threading
import time
from collections.abc import Callable

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.consoles.typist import Typist
from tests.lab.daemon import Lab
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest

from .budgets import Row, Table, median, p99
from .plan import BenchError, Plan

LATEST = 300.0
LINE = 1_000
"""Bytes in a line that a container prints."""
_END = b"ended\r\n"


def console(table: Table, plan: Plan) -> None:
    """What a container prints against virsh console, and the echo of a key by a guest."""
    with Lab("bench-console") as lab:
        guests.furnish_lab(lab)
        guests.define_container(lab, "box")
        ours: list[float] = []
        theirs: list[float] = []
        with listening(lab.lxc_uri) as client:
            client.listed()
            for _ in range(plan.runs):
                ours.append(_print_to_us(client, plan.printed))
                theirs.append(_print_to_virsh(lab, plan.printed))
        speed, beside = plan.printed / median(ours), plan.printed / median(theirs)
        known = "console throughput against virsh"
        note = f"{plan.printed} MB: {speed:.1f} MB/s, virsh {beside:.1f} MB/s"
        table.add(Row(known, speed / beside, note=note, budget=known))
        guests.define_guest(lab, "guest")
        guests.wait_booted(lab, "guest")
        with listening(lab.uri) as client:
            client.listed()
            waited = _echoes(client, plan.keys)
        note = f"before painting; median {median(waited):.1f}, worst {max(waited):.1f}"
        table.add(Row("console echo p99", p99(waited), note=note, budget="console echo p99"))


def _command(megabytes: int) -> bytes:
    """A line for the shell that prints so much between "begin" and "ended"."""
    lines = megabytes * 1_000_000 // LINE
    program = f'for (i = 0; i < {lines}; i++) printf "%0{LINE - 1}d\\n", i'
    return f"echo be''gin; busybox awk 'BEGIN {{ {program} }}'; echo en''ded\n".encode()


class _Counter:
    """A sink that counts what came and tells when the end did."""

    def __init__(self) -> None:
        self.count = 0
        self.ended = threading.Event()
        self._tail = b""

    def take(self, data: bytes) -> None:
        self.count += len(data)
        self._tail = (self._tail + data)[-len(_END) - 64 :]
        if _END in self._tail:
            self.ended.set()


def _print_to_us(client: RecordingClient, megabytes: int) -> float:
    """Seconds in which all of it came."""
    counter = _Counter()
    request = ConsoleRequest(client.the_domain("box").key, "console0")
    number = client.fleet.open_console(request, counter.take)
    _reach(client, number, ConsolePhase.ATTACHED)
    began = time.monotonic()
    client.fleet.write_console(number, _command(megabytes))
    if not counter.ended.wait(LATEST):
        raise BenchError(f"only {counter.count} bytes came from a container")
    seconds = time.monotonic() - began
    client.fleet.close_console(number)
    _reach(client, number, ConsolePhase.CLOSED)
    return _complete(counter.count, megabytes, seconds)


def _reach(client: RecordingClient, number: int, phase: ConsolePhase) -> None:
    def reached() -> bool:
        return any(s.id == number and s.phase is phase for s in client.console_states[-3:])

    client.wait(reached, what=phase.value)


def _print_to_virsh(lab: Lab, megabytes: int) -> float:
    """The same with virsh on a pseudo terminal that is read as fast as it writes."""
    terminal, theirs = pty.openpty()
    line = ["virsh", "-c", lab.lxc_uri, "console", "box"]
    virsh = subprocess.Popen(
        line, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        # It drops what is typed before it has the terminal to itself.
        _until(terminal, lambda heard: b"Escape character" in heard)
        while not _until(terminal, lambda heard: b"ready" in heard, 1.0):
            os.write(terminal, b"echo re''ady\n")
        counter, began = _Counter(), time.monotonic()
        os.write(terminal, _command(megabytes))
        while not counter.ended.is_set():
            if not select.select([terminal], [], [], LATEST)[0]:
                raise BenchError(f"only {counter.count} bytes came from virsh")
            counter.take(os.read(terminal, 1 << 16))
        return _complete(counter.count, megabytes, time.monotonic() - began)
    finally:
        virsh.kill()
        virsh.wait()
        os.close(terminal)


def _complete(count: int, megabytes: int, seconds: float) -> float:
    """The seconds. BenchError where not all bytes came: a terminal makes two of each newline."""
    least = megabytes * 1_000_000 // LINE * (LINE + 1)
    if count < least:
        raise BenchError(f"{count} of {least} bytes came")
    return seconds


def _until(terminal: int, holds: Callable[[bytes], bool], seconds: float = LATEST) -> bool:
    """Read until something holds of what was read; false when it does not within ``seconds``."""
    heard, until = b"", time.monotonic() + seconds
    while not holds(heard):
        left = until - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            return False
        heard += os.read(terminal, 1 << 16)
    return True


def _echoes(client: RecordingClient, keys: int) -> list[float]:
    """Milliseconds from each of so many keys to its echo, one after the other."""
    guest = Typist(client, "guest")
    guest.reach(ConsolePhase.ATTACHED)
    guest.type("\r")
    guest.log_in()
    guest.type("echo re''ady; cat >/dev/null\r")
    guest.expect("ready\r\n")
    waited: list[float] = []
    for number in range(keys):
        key = "abcdefghij"[number % 10]
        began = time.monotonic()
        guest.type(key)
        guest.expect(key)
        waited.append((time.monotonic() - began) * 1000)
        if number % 50 == 49:  # a terminal takes lines of 4,095 bytes
            guest.type("\r")
            guest.expect("\r\n")
    guest.close()
    return waited
