"""libvirt's events into marks: what changed, and what to say of it in the events pane.

The callbacks run on libvirt's event thread. They read the name and UUID that the handle already
holds, hand a mark over and do nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import libvirt
from msgspec import Struct

from virttui.hypervisor.connection.translate import BLOCK_JOBS, OPERATIONS
from virttui.hypervisor.connection.types import (
    Connection,
    DomainHandle,
    NetworkHandle,
    NodeDeviceHandle,
    PoolHandle,
    SecretHandle,
    Stats,
)
from virttui.model.identity import Kind
from virttui.model.severity import Severity


class ChangeEvent(Struct, frozen=True):
    """One event: which object to read again, and the words for it ("" when it needs none).

    ``xml`` says that the definition may have changed, ``started`` that its process began now.
    """

    kind: Kind
    uuid: str
    name: str
    what: str = ""
    xml: bool = False
    level: Severity = Severity.OK
    started: bool = False


OnChange = Callable[[ChangeEvent], None]

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
    libvirt.VIR_DOMAIN_EVENT_ID_PMWAKEUP: ("woke up", False),
    libvirt.VIR_DOMAIN_EVENT_ID_PMSUSPEND: ("fell asleep", False),
    libvirt.VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK: ("hibernates", False),
    libvirt.VIR_DOMAIN_EVENT_ID_TUNABLE: ("its limits were tuned", True),
    libvirt.VIR_DOMAIN_EVENT_ID_RTC_CHANGE: ("its clock was set", False),
    libvirt.VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE: ("a memory device changed size", True),
}
_VIEWERS = {
    libvirt.VIR_DOMAIN_EVENT_GRAPHICS_CONNECT: "a viewer came to its screen",
    libvirt.VIR_DOMAIN_EVENT_GRAPHICS_DISCONNECT: "a viewer left its screen",
}
_JOB_ENDS = {
    libvirt.VIR_DOMAIN_BLOCK_JOB_COMPLETED: ("is done", Severity.OK),
    libvirt.VIR_DOMAIN_BLOCK_JOB_FAILED: ("failed", Severity.WARNING),
    libvirt.VIR_DOMAIN_BLOCK_JOB_CANCELED: ("was cancelled", Severity.OK),
    libvirt.VIR_DOMAIN_BLOCK_JOB_READY: ("is ready to pivot", Severity.OK),
}
_NETWORK = {0: "defined", 1: "definition removed", 2: "started", 3: "stopped"}
_POOL = {0: "defined", 1: "definition removed", 2: "started", 3: "stopped", 4: "made", 5: "deleted"}


class Subscription:
    """The event callbacks of one connection. ``domains``: whether the driver tells of domains."""

    def __init__(self, connection: Connection, on_change: OnChange) -> None:
        self._connection = connection
        self._on_change = on_change
        self._registered: list[tuple[Any, int]] = []
        self.domains = self._listen()

    def _listen(self) -> bool:
        """Register for every kind the driver has; true when it tells of domains."""
        c = self._connection
        domain = (c.domainEventRegisterAny, c.domainEventDeregisterAny)
        domains = self._register(domain, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._on_lifecycle)
        for event, handler in self._handlers().items():
            self._register(domain, event, handler)
        for event, plain in _PLAIN.items():
            self._register(domain, event, self._on_plain, plain)
        network = (c.networkEventRegisterAny, c.networkEventDeregisterAny)
        self._register(network, libvirt.VIR_NETWORK_EVENT_ID_LIFECYCLE, self._on_network)
        pool = (c.storagePoolEventRegisterAny, c.storagePoolEventDeregisterAny)
        self._register(pool, libvirt.VIR_STORAGE_POOL_EVENT_ID_LIFECYCLE, self._on_pool)
        self._register(pool, libvirt.VIR_STORAGE_POOL_EVENT_ID_REFRESH, self._on_pool_refresh)
        device = (c.nodeDeviceEventRegisterAny, c.nodeDeviceEventDeregisterAny)
        self._register(device, libvirt.VIR_NODE_DEVICE_EVENT_ID_LIFECYCLE, self._on_device)
        secret = (c.secretEventRegisterAny, c.secretEventDeregisterAny)
        self._register(secret, libvirt.VIR_SECRET_EVENT_ID_LIFECYCLE, self._on_secret)
        return domains

    def _handlers(self) -> dict[int, Callable[..., None]]:
        return {
            libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON: self._on_io_error,
            libvirt.VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2: self._on_block_job,
            libvirt.VIR_DOMAIN_EVENT_ID_JOB_COMPLETED: self._on_job_completed,
            libvirt.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED: self._on_removal_failed,
            libvirt.VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD: self._on_threshold,
            libvirt.VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE: self._on_memory_failure,
            libvirt.VIR_DOMAIN_EVENT_ID_GRAPHICS: self._on_graphics,
            libvirt.VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE: self._on_balloon,
        }

    def _register(
        self,
        calls: tuple[Any, Any],
        event: int,
        handler: Callable[..., None],
        opaque: object = None,
    ) -> bool:
        """Make one registration; a driver without that event, or a dead connection, has none."""
        register, deregister = calls
        try:
            self._registered.append((deregister, register(None, event, handler, opaque)))
        except libvirt.libvirtError:
            return False
        return True

    def end(self) -> None:
        """Deregister; callbacks hold references that would keep the connection open."""
        while self._registered:
            deregister, number = self._registered.pop()
            # A dead connection has forgotten them.
            with suppress(libvirt.libvirtError):
                deregister(number)

    def _on_lifecycle(
        self, _c: object, domain: DomainHandle, event: int, detail: int, _o: object
    ) -> None:
        words, details = _LIFECYCLE.get(event, ("changed", {}))
        level = Severity.ERROR if (event, detail) in _ALARMS else Severity.OK
        xml = event in (libvirt.VIR_DOMAIN_EVENT_DEFINED, libvirt.VIR_DOMAIN_EVENT_STARTED)
        uuid, name = domain.UUIDString(), domain.name()
        # A guest that was migrated in or restored began before; a fresh one begins now.
        began = event == libvirt.VIR_DOMAIN_EVENT_STARTED and not detail
        text = details.get(detail, words)
        self._on_change(
            ChangeEvent(Kind.DOMAIN, uuid, name, text, xml=xml, level=level, started=began)
        )

    def _on_io_error(
        self,
        _c: object,
        domain: DomainHandle,
        _path: str,
        alias: str,
        action: int,
        reason: str,
        _o: object,
    ) -> None:
        disk = alias.removeprefix("virtio-disk") or alias
        why = f": {reason}" if reason else ""
        paused = ", paused" if action == libvirt.VIR_DOMAIN_EVENT_IO_ERROR_PAUSE else ""
        self._domain_mark(domain, f"I/O error on disk {disk}{why}{paused}", level=Severity.ERROR)

    def _on_plain(self, _c: object, domain: DomainHandle, *rest: tuple[str, bool]) -> None:
        words, xml = rest[-1]
        self._domain_mark(domain, words, xml=xml)

    def _on_block_job(
        self, _c: object, domain: DomainHandle, disk: str, kind: int, status: int, _o: object
    ) -> None:
        job = BLOCK_JOBS.get(kind, "job")
        words, level = _JOB_ENDS.get(status, ("changed", Severity.OK))
        self._domain_mark(domain, f"{job} of {disk} {words}", xml=True, level=level)

    def _on_job_completed(self, _c: object, domain: DomainHandle, stats: Stats, _o: object) -> None:
        operation = OPERATIONS.get(stats.get("operation", 0), "job")
        seconds = stats.get("time_elapsed", 0) / 1000
        self._domain_mark(domain, f"{operation} ended after {seconds:.1f} s")

    def _on_removal_failed(self, _c: object, domain: DomainHandle, alias: str, _o: object) -> None:
        self._domain_mark(domain, f"its guest kept device {alias}", level=Severity.WARNING)

    def _on_threshold(
        self, _c: object, domain: DomainHandle, disk: str, _p: str, _t: int, _e: int, _o: object
    ) -> None:
        self._domain_mark(domain, f"disk {disk} passed its threshold", level=Severity.WARNING)

    def _on_memory_failure(self, _c: object, domain: DomainHandle, *_rest: object) -> None:
        self._domain_mark(domain, "a memory failure of its host", level=Severity.ERROR)

    def _on_graphics(self, _c: object, domain: DomainHandle, phase: int, *_rest: object) -> None:
        if phase in _VIEWERS:
            self._domain_mark(domain, _VIEWERS[phase])

    def _on_balloon(self, _c: object, domain: DomainHandle, kibibytes: int, _o: object) -> None:
        self._domain_mark(domain, f"its balloon is {kibibytes // 1024} MiB", xml=True)

    def _on_device(
        self, _c: object, device: NodeDeviceHandle, event: int, _detail: int, _o: object
    ) -> None:
        came = event == libvirt.VIR_NODE_DEVICE_EVENT_CREATED
        text = "device came" if came else "device went or changed"
        self._on_change(ChangeEvent(Kind.HOST, "", device.name(), text))

    def _on_secret(
        self, _c: object, secret: SecretHandle, event: int, _detail: int, _o: object
    ) -> None:
        defined = event == libvirt.VIR_SECRET_EVENT_DEFINED
        text = "secret defined" if defined else "secret removed"
        self._on_change(ChangeEvent(Kind.HOST, "", secret.usageID() or secret.UUIDString(), text))

    def _domain_mark(
        self, domain: DomainHandle, what: str, *, xml: bool = False, level: Severity = Severity.OK
    ) -> None:
        uuid, name = domain.UUIDString(), domain.name()
        self._on_change(ChangeEvent(Kind.DOMAIN, uuid, name, what, xml=xml, level=level))

    def _on_network(
        self, _c: object, network: NetworkHandle, event: int, _detail: int, _o: object
    ) -> None:
        self._on_change(
            ChangeEvent(
                Kind.NETWORK, network.UUIDString(), network.name(), _NETWORK.get(event, "changed")
            )
        )

    def _on_pool(self, _c: object, pool: PoolHandle, event: int, _detail: int, _o: object) -> None:
        self._on_change(
            ChangeEvent(Kind.POOL, pool.UUIDString(), pool.name(), _POOL.get(event, "changed"))
        )

    def _on_pool_refresh(self, _c: object, pool: PoolHandle, _o: object) -> None:
        self._on_change(ChangeEvent(Kind.POOL, pool.UUIDString(), pool.name()))
