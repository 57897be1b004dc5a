"""Disks of a running domain copied as they are at one moment, while it runs on.

QEMU mirrors each disk into a new volume. When all of them are whole the guest is held for that
moment, its file systems frozen where its agent answers, and the mirrors are let go. Nothing of the
domain changes, and nothing of it is left behind when virttui dies in between but a block job, which
the tasks show.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import libvirt
from msgspec import Struct

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.calls import or_none
from virttui.hypervisor.connection.types import Connection, DomainHandle, VolumeHandle
from virttui.libvirtxml import read
from virttui.libvirtxml.disks.chains import chains, copy_target_xml
from virttui.model.errors import Cancelled, OperationError, Refused

log = logging.getLogger(__name__)

# Seconds between two looks at the jobs, and at whether another copy of the same domain has ended.
EVERY = 0.2
_BREAKS = (libvirt.libvirtError, OperationError)
_turns: dict[str, threading.Lock] = {}
"""By domain: a disk has one job at a time, so clones of one domain take turns."""


class Mirror(Struct, frozen=True):
    """A disk by its target, and the volume that it is copied to, in its format ("" for raw)."""

    disk: str
    volume: VolumeHandle
    format: str


def mirror(
    connection: Connection, uuid: str, mirrors: Sequence[Mirror], control: TaskControl
) -> None:
    """Copy disks of a running domain. Raises Cancelled when ended by hand; no job is left then."""
    domain = connection.lookupByUUIDString(uuid)
    with _turn(uuid, control):
        try:
            for one in mirrors:
                _begin(domain, one)
            _follow(domain, mirrors, control)
            with _frozen(domain):
                _whole(domain, mirrors)
                for one in mirrors:
                    domain.blockJobAbort(one.disk, 0)
        except _BREAKS:
            if connection.isAlive():
                for one in mirrors:
                    _end(domain, one)
            raise


@contextmanager
def _turn(uuid: str, control: TaskControl) -> Iterator[None]:
    lock = _turns.setdefault(uuid, threading.Lock())
    while not lock.acquire(timeout=EVERY):
        control.reach(0, 0)
    try:
        yield
    finally:
        lock.release()


def _begin(domain: DomainHandle, one: Mirror) -> None:
    if not domain.isActive():
        raise Refused("it was shut down meanwhile", advice="clone it again")
    if domain.blockJobInfo(one.disk, 0):
        raise Refused(f"{one.disk} has a job already", advice="end or finish it first")
    block = one.volume.info()[0] == libvirt.VIR_STORAGE_VOL_BLOCK
    xml = copy_target_xml(one.volume.path(), one.format, block=block)
    flags = libvirt.VIR_DOMAIN_BLOCK_COPY_REUSE_EXT | libvirt.VIR_DOMAIN_BLOCK_COPY_TRANSIENT_JOB
    domain.blockCopy(one.disk, xml, {}, flags)


def _follow(domain: DomainHandle, mirrors: Sequence[Mirror], control: TaskControl) -> None:
    """Until all are whole. Raises Refused when one broke off."""
    while True:
        infos = [_job(domain, one) for one in mirrors]
        done = sum(one.get("cur", 0) for one in infos)
        total = sum(one.get("end", 0) for one in infos)
        control.reach(done, total)
        # A mirror is ready a moment after all of it was copied.
        if done >= total and _ready(domain, mirrors):
            return
        if control.rest(EVERY):
            raise Cancelled("cancelled; the disks are unchanged")


def _job(domain: DomainHandle, one: Mirror) -> dict[str, int]:
    info: dict[str, int] = domain.blockJobInfo(one.disk, 0)
    if not info:
        raise Refused(
            f"the copy of {one.disk} failed; the guest keeps running as before",
            advice="check the free space of the pool, and the log (l)",
        )
    return info


def _ready(domain: DomainHandle, mirrors: Sequence[Mirror]) -> bool:
    ready = {chain.disk for chain in chains(domain.XMLDesc(0)) if chain.ready}
    return all(one.disk in ready for one in mirrors)


def _whole(domain: DomainHandle, mirrors: Sequence[Mirror]) -> None:
    """Raises Refused when a mirror is not whole at the moment that counts."""
    for one in mirrors:
        _job(domain, one)
    if not _ready(domain, mirrors):
        raise Refused("a copy failed at its end; the guest keeps running as before")


@contextmanager
def _frozen(domain: DomainHandle) -> Iterator[None]:
    """Hold the guest for a moment: by its agent where that answers, and all of it in any case."""
    agent = read.domain(domain.XMLDesc(0)).agent
    frozen = agent and _try_agent(domain.fsFreeze, "freezing")
    paused = domain.state()[0] == libvirt.VIR_DOMAIN_RUNNING
    try:
        if paused:
            domain.suspend()
        yield
    finally:
        if paused:
            domain.resume()
        if frozen:
            _try_agent(domain.fsThaw, "thawing")


def _try_agent(what: Callable[[], object], words: str) -> bool:
    """Ask the agent; what it refuses is done without."""
    try:
        what()
    except libvirt.libvirtError as error:
        log.debug("%s: %s", words, error)
        return False
    return True


def _end(domain: DomainHandle, one: Mirror) -> None:
    """End a job that goes into our volume; another one on that disk is somebody else's."""
    chains_now = or_none(domain.connect(), lambda: chains(domain.XMLDesc(0))) or ()
    ours = any(
        chain.disk == one.disk and chain.copied_to == one.volume.path() for chain in chains_now
    )
    if ours:
        or_none(domain.connect(), lambda: domain.blockJobAbort(one.disk, 0))
