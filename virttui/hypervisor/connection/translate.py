"""libvirt's numbers into our words: error codes, states and reasons. The one place that does it."""

from __future__ import annotations

import ipaddress
import re

import libvirt

from virttui.hypervisor.connection import open_errors, uris
from virttui.hypervisor.connection.error_causes import cause_of, missing, plain
from virttui.model.errors import (
    BadUri,
    Busy,
    HostDenied,
    HostLost,
    InvalidInput,
    NotFound,
    OperationError,
    ReadOnly,
    Refused,
    SchemaError,
    TimedOut,
    Unsupported,
)
from virttui.model.inventory import DomainState

_NOT_FOUND = {
    libvirt.VIR_ERR_NO_DOMAIN: "the domain is gone",
    libvirt.VIR_ERR_NO_NETWORK: "the network is gone",
    libvirt.VIR_ERR_NO_STORAGE_POOL: "the pool is gone",
    libvirt.VIR_ERR_NO_STORAGE_VOL: "the volume is gone",
    libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT: "the snapshot is gone",
    libvirt.VIR_ERR_NO_NWFILTER: "the network filter is gone",
    libvirt.VIR_ERR_NO_SECRET: "the secret is gone",
    libvirt.VIR_ERR_NO_INTERFACE: "the interface is gone",
    libvirt.VIR_ERR_NO_NODE_DEVICE: "the node device is gone",
}
_DENIED = {
    libvirt.VIR_ERR_AUTH_FAILED,
    libvirt.VIR_ERR_AUTH_CANCELLED,
    libvirt.VIR_ERR_AUTH_UNAVAILABLE,
}
_GROUP_ADVICE = "add the user to the libvirt group, or open it read-only with -r"
_NO_SUCH_FUNCTION = (Unsupported, "this hypervisor cannot do that", "")
_NOT_ALLOWED = (HostDenied, "this user may not use the daemon", _GROUP_ADVICE)
_NOT_XML = (InvalidInput, "libvirt does not accept the XML", "")
_BY_CODE: dict[int, tuple[type[OperationError], str, str]] = {
    **dict.fromkeys(_DENIED, _NOT_ALLOWED),
    libvirt.VIR_ERR_OPERATION_DENIED: (
        ReadOnly,
        "the connection is read-only",
        "start virttui without -r",
    ),
    libvirt.VIR_ERR_ACCESS_DENIED: (Refused, "this user may not do that", "ask for the right"),
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE: (TimedOut, "its guest agent does not answer", ""),
    libvirt.VIR_ERR_NO_SUPPORT: _NO_SUCH_FUNCTION,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: _NO_SUCH_FUNCTION,
    libvirt.VIR_ERR_XML_INVALID_SCHEMA: (
        SchemaError,
        "libvirt's schema does not allow it",
        "fix it, or define it without validation",
    ),
    libvirt.VIR_ERR_XML_ERROR: _NOT_XML,
    libvirt.VIR_ERR_XML_DETAIL: _NOT_XML,
}


def operation_error(error: libvirt.libvirtError, *, alive: bool = True) -> OperationError:
    """One libvirt error as a Trouble. ``alive`` is what the connection says of itself.

    A dead connection is told by ``alive`` and not by the code: libvirt gives code 1 for it.
    """
    message = _message(error)
    if not alive:
        return HostLost("the connection broke", libvirt_message=message)
    code = error.get_error_code()
    if code in _NOT_FOUND:
        return NotFound(missing(message) or _NOT_FOUND[code], libvirt_message=message)
    if code in _BY_CODE:
        kind, sentence, advice = _BY_CODE[code]
        return kind(sentence, advice=advice, libvirt_message=message)
    if code == libvirt.VIR_ERR_OPERATION_TIMEOUT:
        holder = re.search(r"held by (?:monitor=)?(\S+)", message)
        by = f", held by {holder[1]}" if holder else ""
        return Busy(
            f"another job is running on it{by}",
            advice="wait for that job, or abort it",
            libvirt_message=message,
        )
    if (found := cause_of(message)) is not None:
        return Refused(found[0], advice=found[1], libvirt_message=message)
    return Refused(plain(message), libvirt_message=message)


def _message(error: libvirt.libvirtError) -> str:
    return (error.get_error_message() or str(error)).strip()


def opening(error: libvirt.libvirtError, uri: str) -> OperationError:
    """An error from opening ``uri``."""
    code, message = error.get_error_code(), _message(error)
    # Without a driver of its own the library asks a daemon, and complains of its socket instead.
    if (uri and not uris.has_driver(uri)) or open_errors.not_taken(message) or code in _NO_URI:
        return _not_a_uri(uri, message)
    if wrong := uris.unknown_path(uri):
        return BadUri(
            f"{uris.driver(uri)} has no {wrong}", advice=uris.hint(uri), libvirt_message=message
        )
    if found := open_errors.denied(uri, message):
        return HostDenied(found[0], advice=_with_hint(found[1], uri), libvirt_message=message)
    if found := open_errors.lost(uri, message):
        return HostLost(found[0], advice=_with_hint(found[1], uri), libvirt_message=message)
    here = not uris.host_of(uri)
    if code in _DENIED or "Permission denied" in message:
        advice = open_errors.join_group() if here else "give a login in ~/.config/libvirt/auth.conf"
        return HostDenied("the daemon refuses this user", advice=advice, libvirt_message=message)
    if here and "socket" in message and re.search("No such file or directory|refused", message):
        no_socket = "no daemon: its socket is not there"
        sentence = (
            no_socket if "No such file" in message else "no daemon: nothing listens on its socket"
        )
        return HostLost(
            sentence, advice=_with_hint(open_errors.start_here(uri), uri), libvirt_message=message
        )
    cause, advice = cause_of(message) or (plain(message), "")
    return HostLost(cause, advice=_with_hint(advice, uri), libvirt_message=message)


_NO_URI = (libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_NO_CONNECT)


def _with_hint(advice: str, uri: str) -> str:
    return "; ".join(words for words in (advice, uris.hint(uri)) if words)


def _not_a_uri(uri: str, message: str) -> BadUri:
    usual = "such as qemu:///system or qemu+ssh://root@host/system"
    return BadUri(
        "no libvirt driver takes this URI", advice=uris.hint(uri) or usual, libvirt_message=message
    )


_STATES = {
    libvirt.VIR_DOMAIN_NOSTATE: DomainState.NOSTATE,
    libvirt.VIR_DOMAIN_RUNNING: DomainState.RUNNING,
    libvirt.VIR_DOMAIN_BLOCKED: DomainState.IDLE,
    libvirt.VIR_DOMAIN_PAUSED: DomainState.PAUSED,
    libvirt.VIR_DOMAIN_SHUTDOWN: DomainState.SHUTDOWN,
    libvirt.VIR_DOMAIN_SHUTOFF: DomainState.SHUTOFF,
    libvirt.VIR_DOMAIN_CRASHED: DomainState.CRASHED,
    libvirt.VIR_DOMAIN_PMSUSPENDED: DomainState.PMSUSPENDED,
}

_PREFIX = {
    DomainState.NOSTATE: "VIR_DOMAIN_NOSTATE_",
    DomainState.RUNNING: "VIR_DOMAIN_RUNNING_",
    DomainState.IDLE: "VIR_DOMAIN_BLOCKED_",
    DomainState.PAUSED: "VIR_DOMAIN_PAUSED_",
    DomainState.SHUTDOWN: "VIR_DOMAIN_SHUTDOWN_",
    DomainState.SHUTOFF: "VIR_DOMAIN_SHUTOFF_",
    DomainState.CRASHED: "VIR_DOMAIN_CRASHED_",
    DomainState.PMSUSPENDED: "VIR_DOMAIN_PMSUSPENDED_",
}


def _reasons() -> dict[tuple[DomainState, int], str]:
    found: dict[tuple[DomainState, int], str] = {}
    for state, prefix in _PREFIX.items():
        for name in dir(libvirt):
            if name.startswith(prefix) and not name.endswith("_LAST"):
                found[state, getattr(libvirt, name)] = name.removeprefix(prefix).lower()
    return found


_REASONS = _reasons()


def state(number: int) -> DomainState:
    """``virDomainState`` as ours; a number of a later libvirt is NOSTATE."""
    return _STATES.get(number, DomainState.NOSTATE)


def reason(of: DomainState, number: int) -> str:
    """libvirt's constant for the reason, in lower case and without its prefix."""
    return _REASONS.get((of, number), "unknown")


# virDomainJobOperation and virDomainBlockJobType in the words of the tasks pane.
OPERATIONS = {
    libvirt.VIR_DOMAIN_JOB_OPERATION_START: "start",
    libvirt.VIR_DOMAIN_JOB_OPERATION_SAVE: "save",
    libvirt.VIR_DOMAIN_JOB_OPERATION_RESTORE: "restore",
    libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN: "migrate in",
    libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT: "migrate",
    libvirt.VIR_DOMAIN_JOB_OPERATION_SNAPSHOT: "snapshot",
    libvirt.VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT: "revert",
    libvirt.VIR_DOMAIN_JOB_OPERATION_DUMP: "dump",
    libvirt.VIR_DOMAIN_JOB_OPERATION_BACKUP: "backup",
}
BLOCK_JOBS = {
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_PULL: "pull",
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COPY: "copy",
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COMMIT: "commit",
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_ACTIVE_COMMIT: "commit",
    libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_BACKUP: "backup",
}


def address(value: object) -> str:
    """An IP address as it is usually written; "" for anything else that a guest calls one."""
    try:
        return str(ipaddress.ip_address(str(value)))
    except ValueError:
        return ""


_MOST_BYTES = 2**63
_MOST_LOAD = 1e6


def evaluate(used: object, total: object) -> tuple[int, int] | None:
    """The used share from used and total bytes of a guest; None for impossible values."""
    if isinstance(used, int) and isinstance(total, int) and 0 <= used <= total < _MOST_BYTES:
        return used, total
    return None


def load(value: object) -> float | None:
    """A load average that a guest tells; None for what is none."""
    if isinstance(value, int | float) and 0 <= value < _MOST_LOAD:
        return float(value)
    return None


def moment(value: object) -> float:
    """Seconds since 1970 of milliseconds that a guest tells; 0 for what is no moment of ours."""
    if isinstance(value, int | float) and 0 <= value < 253_402_300_800_000:  # the year 10000
        return value / 1000
    return 0.0
