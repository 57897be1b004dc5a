"""Hold a guest's writes (freeze its file systems), and let them go (thaw).

A guest that is held stands still sooner or later. So nothing is held before a process that lets go
again is ready: it does so after a minute, whether or not this program still runs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

import libvirt

from virttui import formatting
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.types import DomainHandle
from virttui.hypervisor.guest_agent.state import UNANSWERED, is_frozen, refuses_as_frozen
from virttui.hypervisor.guest_agent.thaw_timer import FAILED, OFF, ThawTimer
from virttui.model.domains.guest_agent import FREEZE_SECONDS
from virttui.model.errors import Refused

log = logging.getLogger(__name__)

_EVERY = 0.25
_MOMENT_SECONDS = 30.0
"""So long writes are held for one call at most, whatever becomes of this program."""


class _Timers:
    """The timers of this program's held guests, by UUID; used by several workers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_uuid: dict[str, ThawTimer] = {}

    def add(self, uuid: str, timer: ThawTimer) -> None:
        with self._lock:
            self._by_uuid[uuid] = timer

    def forget(self, uuid: str, timer: ThawTimer) -> None:
        with self._lock:
            if self._by_uuid.get(uuid) is timer:
                del self._by_uuid[uuid]

    def end(self, uuid: str) -> None:
        """End the timer of a guest that was let go: it would cut the next hold short."""
        with self._lock:
            timer = self._by_uuid.pop(uuid, None)
        if timer is not None:
            timer.end()


_TIMERS = _Timers()


def freeze(domain: DomainHandle, control: TaskControl) -> str:
    """Hold the writes, until somebody lets them go or the time is over; returns words.

    Raises Refused where nothing is held, libvirtError.
    """
    uuid = domain.UUIDString()
    timer = ThawTimer(domain.connect().getURI(), uuid, FREEZE_SECONDS)
    try:
        count = domain.fsFreeze(None, 0)
        held = is_frozen(domain)
    except libvirt.libvirtError as error:
        if error.get_error_code() in UNANSWERED or not domain.connect().isAlive():
            raise  # it may be held all the same: the timer lets it go
        timer.end()
        timer.wait()
        if refuses_as_frozen(domain, error):
            raise Refused("its writes are held already", advice=":let go has them go on") from error
        raise
    began = time.monotonic()
    _TIMERS.add(uuid, timer)
    if not count or not held:
        thaw(domain)
        timer.wait()
        why = "its agent says that it did, and it is not" if count else "none of them can be"
        raise Refused(f"none of its file systems is held: {why}")
    systems = formatting.counted(count, "file system")
    while not timer.has_ended():
        if control.rest(_EVERY):
            thaw(domain)
            break
    _TIMERS.forget(uuid, timer)
    said = timer.wait()
    lasted = formatting.span(time.monotonic() - began)
    if said.startswith(FAILED):
        raise Refused(
            f"its writes may still be held: {said}", advice=":let go tries again, D ends it"
        )
    if said == OFF:
        return f"{systems} stood still until it was off"
    return f"{systems} stood still for {lasted}"


def thaw(domain: DomainHandle) -> str:
    """Let the writes go on; returns words. Raises Refused where they are still held."""
    count = domain.fsThaw(None, 0)
    if is_frozen(domain):
        raise Refused("its agent says that its writes go on, and they are held")
    _TIMERS.end(domain.UUIDString())
    return f"{formatting.counted(count, 'file system')} let go" if count else "nothing was held"


class FreezeResult(NamedTuple):
    """How long a guest's writes were held for a call; None where they were not, with the reason."""

    seconds: float | None
    reason: str = ""


def while_frozen(domain: DomainHandle, act: Callable[[], object]) -> FreezeResult:
    """Call ``act`` while the guest's writes are held; without that where they cannot be.

    Raises what ``act`` raises, once the writes go on.
    """
    try:
        timer = ThawTimer(domain.connect().getURI(), domain.UUIDString(), _MOMENT_SECONDS)
    except Refused as refused:
        act()
        return FreezeResult(None, refused.message)
    began = time.monotonic()
    try:
        count = domain.fsFreeze(None, 0)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in UNANSWERED:
            timer.end()
            timer.wait()
        act()
        return FreezeResult(None, f"its agent does not hold them: {error.get_error_message()}")
    try:
        act()
    finally:
        _end_freeze(domain, timer)
    if not count:
        return FreezeResult(None, "its agent holds none of its file systems")
    return FreezeResult(time.monotonic() - began)


def _end_freeze(domain: DomainHandle, timer: ThawTimer) -> None:
    """Let the writes go on; where that is not known to be done, the timer does it."""
    try:
        domain.fsThaw(None, 0)
        if is_frozen(domain):
            return
    except libvirt.libvirtError as error:
        log.warning("%s may be held for %s s: %s", domain.name(), _MOMENT_SECONDS, error)
        return
    timer.end()
    timer.wait()
