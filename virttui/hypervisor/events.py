"""libvirt's events into marks: what changed, and what to say of it in the events pane.

The callbacks run on libvirt's event thread. They read the name and UUID that the handle already
holds, hand a mark over and do nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import libvirt

from virttui.model.inventory import Kind


@dataclass(frozen=True, slots=True)
class Mark:
    """One event: which object to read again, and the words for it ("" when it needs none).

    ``xml`` says that the definition may have changed, ``started`` that its process began now.
    ``level`` is "", "warn" or "alarm".
    """

    kind: Kind
    uuid: str
    name: str
    what: str = ""
    xml: bool = False
    level: str = ""
    started: bool = False


Hand = Callable[[Mark], None]

# virDomainEventType -> words by detail. The state itself is always read, never derived from these.
_LIFECYCLE: dict[int, tuple[str, dict[int, str]]] = {
    libvirt.VIR_DOMAIN_EVENT_DEFINED: (
        "defined",
        {1: "definition changed", 2: "renamed", 3: "defined from a snapshot"},
    ),
    libvirt.VIR_DOMAIN_EVENT_UNDEFINED: ("definition removed", {1: ""}),
    libvirt.VIR_DOMAIN_EVENT_STARTED: (
        "started",
        {1: "migrated in", 2: "restored", 3: "started from a snapshot", 4: "woke up"},
    ),
    libvirt.VIR_DOMAIN_EVENT_SUSPENDED: (
        "paused",
        {
            1: "paused for migration",
            2: "paused on an I/O error",
            3: "paused by its watchdog",
            4: "restored paused",
            7: "paused for post-copy",
            8: "post-copy failed",
        },
    ),
    libvirt.VIR_DOMAIN_EVENT_RESUMED: ("resumed", {1: "resumed after migration"}),
    libvirt.VIR_DOMAIN_EVENT_STOPPED: (
        "off",
        {
            0: "off: shut down",
            1: "off: forced",
            2: "off: crashed",
            3: "off: migrated away",
            4: "off: saved",
            5: "off: failed",
            6: "off: a snapshot",
        },
    ),
    libvirt.VIR_DOMAIN_EVENT_SHUTDOWN: ("shutting down", {}),
    libvirt.VIR_DOMAIN_EVENT_PMSUSPENDED: ("asleep", {1: "hibernated"}),
    libvirt.VIR_DOMAIN_EVENT_CRASHED: ("crashed", {1: "crash loaded"}),
}
_ALARMS = {
    (libvirt.VIR_DOMAIN_EVENT_SUSPENDED, 2),
    (libvirt.VIR_DOMAIN_EVENT_STOPPED, 2),
    (libvirt.VIR_DOMAIN_EVENT_CRASHED, 0),
    (libvirt.VIR_DOMAIN_EVENT_CRASHED, 1),
}
# Events of a domain that say little beyond "look again": id -> (words, definition changed).
_PLAIN = {
    libvirt.VIR_DOMAIN_EVENT_ID_REBOOT: ("rebooted", False),
    libvirt.VIR_DOMAIN_EVENT_ID_WATCHDOG: ("its watchdog fired", False),
    libvirt.VIR_DOMAIN_EVENT_ID_CONTROL_ERROR: ("libvirt lost control of it", False),
    libvirt.VIR_DOMAIN_EVENT_ID_DISK_CHANGE: ("a disk changed", True),
    libvirt.VIR_DOMAIN_EVENT_ID_TRAY_CHANGE: ("a tray moved", True),
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED: ("a device was added", True),
    libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED: ("a device was removed", True),
    libvirt.VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE: ("its agent came or went", True),
    libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE: ("title or metadata changed", True),
}
_NETWORK = {0: "defined", 1: "definition removed", 2: "started", 3: "stopped"}
_POOL = {0: "defined", 1: "definition removed", 2: "started", 3: "stopped", 4: "made", 5: "deleted"}


class Subscription:
    """The event callbacks of one connection. ``domains``: whether the driver tells of domains."""

    def __init__(self, connection: Any, hand: Hand) -> None:
        self._connection = connection
        self._hand = hand
        self._domain: list[int] = []
        self._network: list[int] = []
        self._pool: list[int] = []
        self.domains = self._listen()

    def _listen(self) -> bool:
        register = self._connection.domainEventRegisterAny
        lifecycle = libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE
        domains = _tried(self._domain, register, None, lifecycle, self._on_lifecycle, None)
        io_error = libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON
        _tried(self._domain, register, None, io_error, self._on_io_error, None)
        for event, (words, xml) in _PLAIN.items():
            _tried(self._domain, register, None, event, self._on_plain, (words, xml))
        _tried(
            self._network,
            self._connection.networkEventRegisterAny,
            None,
            libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE,
            self._on_network,
            None,
        )
        pools = self._connection.storagePoolEventRegisterAny
        for event, handler in (
            (libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, self._on_pool),
            (libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH, self._on_pool_refresh),
        ):
            _tried(self._pool, pools, None, event, handler, None)
        return domains

    def end(self) -> None:
        """Deregister; callbacks hold references that would keep the connection open."""
        for numbers, deregister in (
            (self._domain, self._connection.domainEventDeregisterAny),
            (self._network, self._connection.networkEventDeregisterAny),
            (self._pool, self._connection.storagePoolEventDeregisterAny),
        ):
            for number in _drained(numbers):
                _tried([], deregister, number)

    def _on_lifecycle(self, _c: Any, domain: Any, event: int, detail: int, _o: Any) -> None:
        words, details = _LIFECYCLE.get(event, ("changed", {}))
        level = "alarm" if (event, detail) in _ALARMS else ""
        xml = event in (libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_STARTED)
        uuid, name = domain.UUIDString(), domain.name()
        # A guest that was migrated in or restored began before; a fresh one begins now.
        began = event == libvirt.VIR_DOMAIN_EVENT_STARTED and not detail
        said = details.get(detail, words)
        self._hand(Mark(Kind.DOMAIN, uuid, name, said, xml=xml, level=level, started=began))

    def _on_io_error(
        self, _c: Any, domain: Any, _path: str, alias: str, action: int, reason: str, _o: Any
    ) -> None:
        disk = alias.removeprefix("virtio-disk") or alias
        why = f": {reason}" if reason else ""
        paused = ", paused" if action == libvirt.VIR_DOMAIN_EVENT_IO_ERROR_PAUSE else ""
        self._domain_mark(domain, f"I/O error on disk {disk}{why}{paused}", level="alarm")

    def _on_plain(self, _c: Any, domain: Any, *rest: Any) -> None:
        words, xml = rest[-1]
        self._domain_mark(domain, words, xml=xml)

    def _domain_mark(self, domain: Any, what: str, *, xml: bool = False, level: str = "") -> None:
        uuid, name = domain.UUIDString(), domain.name()
        self._hand(Mark(Kind.DOMAIN, uuid, name, what, xml=xml, level=level))

    def _on_network(self, _c: Any, network: Any, event: int, _detail: int, _o: Any) -> None:
        self._hand(
            Mark(Kind.NETWORK, network.UUIDString(), network.name(), _NETWORK.get(event, "changed"))
        )

    def _on_pool(self, _c: Any, pool: Any, event: int, _detail: int, _o: Any) -> None:
        self._hand(Mark(Kind.POOL, pool.UUIDString(), pool.name(), _POOL.get(event, "changed")))

    def _on_pool_refresh(self, _c: Any, pool: Any, _o: Any) -> None:
        self._hand(Mark(Kind.POOL, pool.UUIDString(), pool.name()))


def _tried(numbers: list[int], call: Any, *arguments: Any) -> bool:
    """Make one registration; a driver without that event, or a dead connection, has none."""
    try:
        numbers.append(call(*arguments))
    except libvirt.libvirtError:
        return False
    return True


def _drained(numbers: list[int]) -> Iterator[int]:
    while numbers:
        yield numbers.pop()
