"""The last backups of each domain as OpenMetrics, read now and then from the pools of its host."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from virttui.export.openmetrics import Family
from virttui.model.backup.chains import good_of_each
from virttui.model.backup.manifest import BackupManifest, StoredBackup
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Inventory
from virttui.model.messages import FleetMessage
from virttui.model.queries import BackupsQuery, BackupsResult

EVERY = 600.0
"""Seconds between two times that the pools of a host are read: each is refreshed for it."""

FIGURES: tuple[tuple[str, str, str, Callable[[BackupManifest], float | None]], ...] = (
    ("timestamp_seconds", "seconds", "Moment of the last backup that can be restored",
     lambda manifest: manifest.begun),
    ("size_bytes", "bytes", "Size of its files", lambda manifest: manifest.size),
    ("duration_seconds", "seconds", "How long it took",
     lambda manifest: manifest.ended - manifest.begun),
)  # fmt: skip


class BackupReader:
    """Asks the hosts for their backups, and keeps the newest answers; called from any thread."""

    def __init__(self, ask: Callable[[BackupsQuery], None]) -> None:
        self._ask = ask
        self._changed = threading.Condition()
        self._due: dict[str, float] = defaultdict(float)
        self._open: set[str] = set()
        self._found: dict[str, tuple[StoredBackup, ...]] = {}

    def receive(self, message: FleetMessage) -> None:
        """Take a message of the fleet."""
        if isinstance(message, BackupsResult) and not message.more_follows:
            host = message.query.key.host
            with self._changed:
                if message.error is None:
                    self._found[host] = message.backups
                self._open.discard(host)
                self._changed.notify_all()

    def read_due(self, found: Mapping[str, Inventory]) -> None:
        """Ask the hosts that answer and whose turn it is."""
        now = time.monotonic()
        live = [id for id, one in found.items() if one.host.phase is ConnectionState.LIVE]
        with self._changed:
            due = [id for id in live if self._due[id] <= now]
            self._due.update(dict.fromkeys(due, now + EVERY))
            self._open.update(due)
        for id in due:
            self._ask(BackupsQuery(ObjectId(id, "")))

    def wait(self, seconds: float) -> Collection[str]:
        """Wait for what was asked; returns the hosts that have not answered by then."""
        until = time.monotonic() + seconds
        with self._changed:
            while self._open and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
            return frozenset(self._open)

    def newest(self) -> dict[str, tuple[StoredBackup, ...]]:
        """The backups of each host that has told them."""
        with self._changed:
            return dict(self._found)


def backup_families(
    labels: Mapping[str, str], found: Mapping[str, tuple[StoredBackup, ...]]
) -> list[Family]:
    """The last good backup of each domain; ``labels`` are the names of the hosts by their ids.

    A domain without one has no sample: unknown is not zero.
    """
    last = [Family(f"virttui_backup_{name}", help, unit) for name, unit, help, _ in FIGURES]
    verified = Family(
        "virttui_backup_verified_timestamp_seconds",
        "Moment of the last backup that was verified to be good",
        "seconds",
    )
    for host, label in labels.items():
        for good in good_of_each(found.get(host, ())).values():
            if not good:
                continue
            manifest = good[0].manifest
            named = {"host": label, "uuid": manifest.uuid, "name": manifest.domain}
            for family, (_, _, _, figure) in zip(last, FIGURES, strict=True):
                family.add(named, figure(manifest))
            read = [one for one in good if one.verified is not None]
            if read:
                verified.add(named, read[0].manifest.begun)
    return [*last, verified]
