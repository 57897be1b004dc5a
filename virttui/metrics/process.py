"""The QEMU processes of the domains that this machine runs, by psutil."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psutil

from virttui.model.domains.details import QemuProcess


class QemuProcessFinder:
    """The process of one domain; looked for once a life, then asked each time."""

    def __init__(self, uuid: str) -> None:
        self._uuid = uuid
        self._life: int | None = None
        self._found: psutil.Process | None = None

    def figures(self, domain_id: int | None) -> QemuProcess | None:
        """Its present use; None when it is off, gone or not visible.

        ``life`` is the domain's id: another one means another process. The search reads every
        process of the machine: about a tenth of a millisecond each.
        """
        if domain_id is None:
            self._found = None
        elif domain_id != self._life:
            self._found = _search(self._uuid)
        self._life = domain_id
        try:
            return _figures(self._found) if self._found is not None else None
        except psutil.Error:
            self._found = None
            return None


def starts() -> dict[str, float]:
    """The start of each QEMU process of this machine (wall clock), by its domain's UUID."""
    found: dict[str, float] = {}
    for uuid, process in _qemus():
        with suppress(psutil.Error):
            found[uuid] = process.create_time()
    return found


def _search(uuid: str) -> psutil.Process | None:
    return next((process for known, process in _qemus() if known == uuid), None)


def _qemus() -> Iterator[tuple[str, psutil.Process]]:
    """The processes whose command line says ``-uuid UUID``, as libvirt starts QEMU."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if "-uuid" in words[:-1]:
            yield words[words.index("-uuid") + 1], process


def _figures(process: psutil.Process) -> QemuProcess:
    with process.oneshot():
        started, threads = process.create_time(), process.num_threads()
        rss = process.memory_info().rss
    try:
        files = process.num_fds()
    except psutil.AccessDenied:
        files = None
    return QemuProcess(process.pid, started, threads, rss, files)
