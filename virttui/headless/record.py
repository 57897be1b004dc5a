"""``virttui record``: one row a domain and tick, appended to a file as whole lines."""

from __future__ import annotations

import os
import signal
import stat
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from virttui import text
from virttui.headless.gathering import DEADLINE, Gathering
from virttui.headless.output import warn
from virttui.model.backend import HostSpec
from virttui.model.errors import BadInput
from virttui.model.inventory import Inventory, Phase
from virttui.records.fields import TICK, Record, ticks
from virttui.records.write import encoded, format_of, header, lines
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet


class Sink:
    """A file that rows are appended to, or standard output; it holds whole lines only."""

    def __init__(self, name: str, format: str) -> None:
        """Open; raises BadInput when it cannot be, or holds something else already."""
        self._name = name
        self._format = "csv" if name == "-" and not format else format_of(name, format)
        try:
            self._number = 1 if name == "-" else self._open(Path(name))
        except OSError as error:
            raise self._trouble(error) from None
        self._size = 0
        self._regular = stat.S_ISREG(os.fstat(self._number).st_mode) and name != "-"
        if self._regular:
            self._size = os.fstat(self._number).st_size
        if not self._size:
            self._put(encoded(header(TICK, self._format)))

    def _open(self, path: Path) -> int:
        begin = encoded(header(TICK, self._format))
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                if file.read(len(begin)) != begin:
                    raise BadInput(f"{self._name} holds something else: name another file")
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    raise BadInput(f"{self._name} ends in the middle of a line: name another file")
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def write(self, records: Sequence[Record]) -> None:
        """Append the rows of a tick. Raises BadInput; then the file ends as it did before."""
        self._put(encoded(lines(records, TICK, self._format)))

    def _put(self, data: bytes) -> None:
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._number, left) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            if self._regular:
                os.ftruncate(self._number, self._size)
            raise self._trouble(error) from None
        self._size += len(data)

    def _trouble(self, error: OSError) -> BadInput:
        name = "standard output" if self._name == "-" else self._name
        return BadInput(f"{name} cannot be written: {error.strerror}")


class Watcher:
    """Tells on stderr, once each time, which host stopped answering and which answers again."""

    def __init__(self) -> None:
        self._away: dict[str, bool] = {}

    def see(self, hosts: Sequence[HostSpec], found: dict[str, Inventory]) -> None:
        """Look at the newest word of each host."""
        for host in hosts:
            inventory = found.get(host.id)
            live = inventory is not None and inventory.host.phase is Phase.LIVE
            before = self._away.get(host.id)
            self._away[host.id] = not live
            if before is None and live:
                continue
            if before is not (not live):
                why = "answers again" if live else _why(inventory)
                warn(f"{host.name or host.uri}: {why}")


def _why(inventory: Inventory | None) -> str:
    """Why a host tells nothing."""
    if inventory is None or inventory.host.phase is Phase.CONNECTING:
        return "no answer yet"
    trouble = inventory.host.trouble
    return trouble.sentence if trouble is not None else "does not answer"


def record(
    hosts: Sequence[HostSpec], settings: Settings, name: str, format: str, seconds: float | None
) -> int:
    """Write until ``seconds`` are over or SIGINT or SIGTERM comes; 1 when it cannot be written."""
    from virttui.hypervisor.fleet import Fleet

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    gathering = Gathering()
    fleet = None
    try:
        sink = Sink(name, format)
        fleet = Fleet(hosts, gathering.tell, settings)
        _warm_up(gathering, fleet, hosts, stop)
        rows = _write(gathering, fleet, hosts, sink, settings.interval, seconds, stop)
    except BadInput as error:
        warn(error.sentence)
        return 1
    finally:
        if fleet is not None:
            fleet.stop()
    if name != "-":
        warn(f"{text.counted(rows, 'row')} in {name}")
    return 0


def _warm_up(gathering: Gathering, fleet: Fleet, hosts: Sequence[HostSpec],
             stop: threading.Event) -> None:  # fmt: skip
    """The first row has rates too: they need two samples."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and not gathering.ready([host.id for host in hosts]):
        gathering.look_at_all(fleet.look)
        if stop.wait(0.05):
            return


def _write(
    gathering: Gathering, fleet: Fleet, hosts: Sequence[HostSpec], sink: Sink, interval: float,
    seconds: float | None, stop: threading.Event,
) -> int:  # fmt: skip
    """Write a tick after the other; returns how many rows. A tick that is late is left out."""
    watcher = Watcher()
    began = time.monotonic()
    rows, due = 0, began
    while not stop.is_set() and (seconds is None or due < began + seconds):
        gathering.look_at_all(fleet.look)
        found, epoch = gathering.newest(), time.time()
        watcher.see(hosts, found)
        told = [row for host in hosts if host.id in found for row in ticks(found[host.id], epoch)]
        sink.write(told)
        rows += len(told)
        due += interval * max(1, -(-(time.monotonic() - due) // interval))
        stop.wait(max(0.0, due - time.monotonic()))
    return rows
