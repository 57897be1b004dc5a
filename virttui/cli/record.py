"""``virttui record``: one row a domain and tick, appended to a file as whole lines."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import stat
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.cli.collector import DEADLINE, SampleCollector
from virttui.cli.output import exact, warn
from virttui.export.fields import TICK, Record, ticks
from virttui.export.write import format_of, header, lines
from virttui.model.backend import HostSpec
from virttui.model.errors import InvalidInput
from virttui.model.inventory import ConnectionState, Inventory
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

_PATIENCE = 5.0
"""Seconds to wait for another run that appends to the same file."""
_LOOK_AGAIN = 0.01


class RecordWriter:
    """A file that rows are appended to, or standard output; it holds whole lines only.

    Several runs may write the same file: each holds a lock on it while it appends.
    """

    def __init__(self, name: str, format: str) -> None:
        """Open; raises InvalidInput when it cannot be, or holds something else already."""
        self._name = name
        self._format = "csv" if name == "-" and not format else format_of(name, format)
        self._begin = header(TICK, self._format).encode()
        try:
            self._number = 1 if name == "-" else self._open(Path(name))
            self._regular = name != "-" and stat.S_ISREG(os.fstat(self._number).st_mode)
        except OSError as error:
            raise self._write_error(error) from None
        if self._regular:
            with self._locked():
                self._append(b"")
        else:
            self._put(exact(header(TICK, self._format), self._number))

    def _open(self, path: Path) -> int:
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file, _lock(file.fileno(), self._name):
                if file.read(len(self._begin)) != self._begin:
                    raise InvalidInput(f"{self._name} holds something else: name another file")
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    raise InvalidInput(
                        f"{self._name} ends in the middle of a line: name another file"
                    )
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)

    def write(self, records: Sequence[Record]) -> None:
        """Append the rows of a tick. Raises InvalidInput; then nothing of them is in the file."""
        data = exact(lines(records, TICK, self._format), self._number)
        if self._regular:
            with self._locked():
                self._append(data)
        else:
            self._put(data)

    def _locked(self) -> contextlib.AbstractContextManager[None]:
        return _lock(self._number, self._name)

    def _append(self, data: bytes) -> None:
        """Append to a file that is locked; one that is empty, or was emptied, begins anew."""
        before = os.fstat(self._number).st_size
        self._put(data if before else self._begin + data, before)

    def _put(self, data: bytes, before: int | None = None) -> None:
        """Write all of it. What was written in part goes again, back to the size ``before``."""
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._number, left) :]
        except BrokenPipeError:
            raise
        except OSError as error:
            part = len(data) - len(left)
            if before is not None and part and not self._taken_back(before, part):
                raise InvalidInput(
                    f"{self._name} cannot be written: {error.strerror}; a line in it is not whole"
                ) from None
            raise self._write_error(error) from None

    def _taken_back(self, before: int, part: int) -> bool:
        """Drop the last ``part`` bytes, if nobody who knows of no lock wrote behind them."""
        try:
            if os.fstat(self._number).st_size != before + part:
                return False
            os.ftruncate(self._number, before)
        except OSError:
            return False
        return True

    def _write_error(self, error: OSError) -> InvalidInput:
        name = "standard output" if self._name == "-" else self._name
        return InvalidInput(f"{name} cannot be written: {error.strerror}")


@contextlib.contextmanager
def _lock(number: int, name: str) -> Iterator[None]:
    """Hold a file while it is written or looked at. Raises InvalidInput when another keeps it."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > until:
                raise InvalidInput(f"{name} is locked by another program") from None
            time.sleep(_LOOK_AGAIN)
        except OSError:
            # A file system without locks: whoever writes there writes alone.
            yield
            return
    try:
        yield
    finally:
        fcntl.flock(number, fcntl.LOCK_UN)


class HostReporter:
    """Tells on stderr, once each time, which host stopped answering and which answers again."""

    def __init__(self) -> None:
        self._away: dict[str, bool] = {}

    def see(self, hosts: Sequence[HostSpec], found: dict[str, Inventory]) -> None:
        """Look at the newest word of each host."""
        for host in hosts:
            inventory = found.get(host.id)
            live = inventory is not None and inventory.host.phase is ConnectionState.LIVE
            before = self._away.get(host.id)
            self._away[host.id] = not live
            if before is None and live:
                continue
            if before is not (not live):
                why = "answers again" if live else _why(inventory)
                warn(f"{host.name or host.uri}: {why}")


def _why(inventory: Inventory | None) -> str:
    """The reason why a host reports nothing."""
    if inventory is None or inventory.host.phase is ConnectionState.CONNECTING:
        return "no answer yet"
    trouble = inventory.host.trouble
    return trouble.message if trouble is not None else "does not answer"


def record(
    hosts: Sequence[HostSpec], settings: Settings, name: str, format: str, seconds: float | None
) -> int:
    """Write until ``seconds`` are over or SIGINT or SIGTERM comes; 1 when it cannot be written."""
    from virttui.hypervisor.fleet import Fleet

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    gathering = SampleCollector()
    fleet = None
    try:
        sink = RecordWriter(name, format)
        fleet = Fleet(hosts, gathering.receive, settings)
        _warm_up(gathering, fleet, hosts, stop)
        rows = _write(gathering, fleet, hosts, sink, settings.interval, seconds, stop)
    except InvalidInput as error:
        warn(error.message)
        return 1
    finally:
        if fleet is not None:
            fleet.stop()
    if name != "-":
        warn(f"{formatting.counted(rows, 'row')} in {name}")
    return 0


def _warm_up(gathering: SampleCollector, fleet: Fleet, hosts: Sequence[HostSpec],
             stop: threading.Event) -> None:  # fmt: skip
    """The first row has rates too: they need two samples."""
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until and not gathering.ready([host.id for host in hosts]):
        gathering.watch_all(fleet.set_interest)
        if stop.wait(0.05):
            return


def _write(
    gathering: SampleCollector, fleet: Fleet, hosts: Sequence[HostSpec], sink: RecordWriter,
    interval: float,
    seconds: float | None, stop: threading.Event,
) -> int:  # fmt: skip
    """Write a tick after the other; returns how many rows. A tick that is late is left out."""
    watcher = HostReporter()
    began = time.monotonic()
    rows, next_due = 0, began
    while not stop.is_set() and (seconds is None or next_due < began + seconds):
        gathering.watch_all(fleet.set_interest)
        found, epoch = gathering.newest(), time.time()
        watcher.see(hosts, found)
        tick = [row for host in hosts if host.id in found for row in ticks(found[host.id], epoch)]
        sink.write(tick)
        rows += len(tick)
        next_due += interval * max(1, -(-(time.monotonic() - next_due) // interval))
        stop.wait(max(0.0, next_due - time.monotonic()))
    return rows
