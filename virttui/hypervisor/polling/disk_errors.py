"""The disk and the I/O error that paused a guest."""

from __future__ import annotations

from functools import partial

import libvirt

from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.types import DomainHandle
from virttui.libvirtxml.read import domain as facts_of

_WHY = {libvirt.VIR_DOMAIN_DISK_ERROR_NO_SPACE: "no space left on its storage"}
_OTHER = "an I/O error"


def paused_by_error(domain: DomainHandle) -> bool:
    """Return true if the domain is paused by an I/O error of a disk. No QEMU is queried."""
    state, reason = domain.state(0)
    by_error = reason == libvirt.VIR_DOMAIN_PAUSED_IOERROR
    return bool(state == libvirt.VIR_DOMAIN_PAUSED and by_error)


def disk_errors(domain: DomainHandle) -> tuple[tuple[str, str], ...]:
    """The disks that QEMU names, as ``("vda (/srv/a.qcow2)", "no space left on its storage")``.

    None where the driver does not tell. Raises libvirtError.
    """
    unavailable = (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_ERR_OPERATION_INVALID)
    errors = or_none_on(unavailable, partial(domain.diskErrors, 0)) or {}
    failed = {disk: why for disk, why in errors.items() if why}
    if not failed:
        return ()
    sources = {disk.target: disk.source for disk in facts_of(domain.XMLDesc(0)).disks}
    return tuple(
        (f"{disk} ({source})" if (source := sources.get(disk)) else disk, _WHY.get(why, _OTHER))
        for disk, why in sorted(failed.items())
    )


def in_words(errors: tuple[tuple[str, str], ...]) -> str:
    """``vda (/srv/a.qcow2): no space left on its storage``."""
    return "; ".join(f"{disk}: {why}" for disk, why in errors)
