"""libvirt's numbers into our words: error codes, states and reasons. The one place that does it."""

from __future__ import annotations

import ipaddress
import re

import libvirt

from virttui.model.errors import (
    BadInput,
    BadUri,
    Busy,
    HostDenied,
    HostLost,
    Invalid,
    NotAnswering,
    NotFound,
    ReadOnly,
    Refused,
    Trouble,
    Unsupported,
)
from virttui.model.inventory import DomainState

_GONE = {
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
# The schemes libvirt's documentation names ("Connection URIs" and the driver pages).
_DRIVERS = (
    "qemu xen lxc test ch vbox vz virtuozzo bhyve esx gsx vpx hyperv openvz vmwareplayer "
    "vmwarews vmwarefusion mock network storage interface nodedev nwfilter secret"
)
_GROUP_ADVICE = "add the user to the libvirt group, or open it read-only with -r"
_NO_SUCH_FUNCTION = (Unsupported, "this hypervisor cannot do that", "")
_NOT_ALLOWED = (HostDenied, "this user may not use the daemon", _GROUP_ADVICE)
_NOT_XML = (BadInput, "libvirt does not accept the XML", "")
_BY_CODE: dict[int, tuple[type[Trouble], str, str]] = {
    **dict.fromkeys(_DENIED, _NOT_ALLOWED),
    libvirt.VIR_ERR_OPERATION_DENIED: (
        ReadOnly,
        "the connection is read-only",
        "start virttui without -r",
    ),
    libvirt.VIR_ERR_ACCESS_DENIED: (Refused, "this user may not do that", "ask for the right"),
    libvirt.VIR_ERR_AGENT_UNRESPONSIVE: (NotAnswering, "its guest agent does not answer", ""),
    libvirt.VIR_ERR_NO_SUPPORT: _NO_SUCH_FUNCTION,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED: _NO_SUCH_FUNCTION,
    libvirt.VIR_ERR_XML_INVALID_SCHEMA: (
        Invalid,
        "libvirt's schema does not allow it",
        "mend it, or define it without validation",
    ),
    libvirt.VIR_ERR_XML_ERROR: _NOT_XML,
    libvirt.VIR_ERR_XML_DETAIL: _NOT_XML,
}

# What libvirt says, and the sentence and advice an operator needs. First match wins.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (r"[Cc]annot access storage file '(?P<file>/[^']*)'.*No such file", "{file} is not there",
     "see that its pool is on and the file exists, then try again"),
    (r"No such file or directory.*|cannot access storage file", "a file it needs is not there",
     "see that its pool is on and the file exists, then try again"),
    (r"Cannot open log file: '(?P<file>[^']+)': Device or resource busy",
     "the log of its serial console, {file}, is written by another guest",
     "give it a log file of its own, in its XML"),
    (r"[Nn]etwork '?(?P<name>[^']+)'? is not active", "network {name} is off",
     "start it on the networks pane (2, s), then try again"),
    (r"storage pool '?(?P<name>[^']+)'? .*is not active", "pool {name} is off",
     "start it on the storage pane (3, s), then try again"),
    (r"domain is already running", "it is already running", ""),
    (r"domain is not running", "it is not running", ""),
    (r"domain is not paused", "it is not paused", ""),
    (r"already exists with uuid|already defined", "the name is taken", "choose another name"),
    (r"cannot rename active domain|domain has to be shutoff before renaming",
     "it runs, and libvirt renames only what is off", "shut it down first"),
    (r"Refusing to undefine while .*managed save", "it has a saved state",
     "tick the saved state in the dialog, so that it goes too"),
    (r"cannot (undefine|delete) .*(with|has) \d* ?snapshot", "it has snapshots",
     "tick the snapshots in the dialog, so that they go too"),
    (r"cannot undefine domain with nvram", "it has an NVRAM file",
     "tick the NVRAM in the dialog, so that it goes too"),
    (r"cannot set autostart for transient", "it is transient: libvirt keeps no definition of it",
     "define it first"),
    (r"already built: Device '(?P<device>[^']+)' already formatted using '(?P<what>[^']+)'",
     "{device} holds {what} already; nothing was changed", "O formats it whatever is on it"),
    (r"Unable to get accurate CPU usage",
     "qemu-img could not measure how fast this host makes keys; nothing was made",
     "try again: it happens on a busy host"),
    (r"Compression program for (?P<what>\w+) image format .* isn't available",
     "the host lacks the program that its {what} image is to be compressed with",
     "install it there (xz-utils, zstd, lzop …), or change {what}_image_format in its qemu.conf"),
    (r"(?P<what>\w+) graphics are not supported with this QEMU",
     "the host's QEMU has no {what} screens", "make it vnc, or install {what} for QEMU there"),
    (r"no space left on device|No space left", "the file system is full", "free some space there"),
    (r"Cannot allocate memory|cannot set up guest memory", "the host has not enough free memory",
     "stop something, or give it less memory"),
    (r"already in use by another|Failed to get \"?write\"? lock",
     "one of its disks is in use by another process", "see who uses the disk"),
)  # fmt: skip


def trouble(error: libvirt.libvirtError, *, alive: bool = True) -> Trouble:
    """One libvirt error as a Trouble. ``alive`` is what the connection says of itself.

    A dead connection is told by ``alive`` and not by the code: libvirt gives code 1 for it.
    """
    said = _said(error)
    if not alive:
        return HostLost("the connection broke", said=said)
    code = error.get_error_code()
    if code in _GONE:
        # By its name it was asked for by a definition: it need never have been there.
        named = re.search(r"no (?P<kind>[\w ]+) with matching name '(?P<name>[^']*)'", said)
        sentence = f'there is no {named["kind"]} "{named["name"]}"' if named else _GONE[code]
        return NotFound(sentence, said=said)
    if code in _BY_CODE:
        kind, sentence, advice = _BY_CODE[code]
        return kind(sentence, advice=advice, said=said)
    if code == libvirt.VIR_ERR_OPERATION_TIMEOUT:
        held = re.search(r"held by (?:monitor=)?(\S+)", said)
        by = f", held by {held[1]}" if held else ""
        return Busy(f"another job holds it{by}", advice="wait for that job, or abort it", said=said)
    for pattern, sentence, advice in _KNOWN:
        if match := re.search(pattern, said):
            found = match.groupdict()
            return Refused(sentence.format(**found), advice=advice.format(**found), said=said)
    return Refused(_plain(said), said=said)


def _said(error: libvirt.libvirtError) -> str:
    return (error.get_error_message() or str(error)).strip()


def opening(error: libvirt.libvirtError, uri: str) -> Trouble:
    """An error from opening ``uri``."""
    code, said = error.get_error_code(), _said(error)
    # Without a driver of its own the library asks a daemon, and complains of its socket instead.
    if uri and not has_driver(uri):
        return _not_a_uri(said)
    if code in _DENIED or "Permission denied" in said:
        if "ssh" in uri.partition(":")[0]:
            return HostDenied(
                "ssh does not let this user in",
                advice="log in with a key: ssh-copy-id, or an ssh-agent",
                said=said,
            )
        return HostDenied("the daemon refuses this user", advice=_GROUP_ADVICE, said=said)
    if "No such file or directory" in said and "socket" in said:
        return HostLost(
            "no daemon: its socket is not there",
            advice="start libvirtd, or virtqemud where the daemons are split",
            said=said,
        )
    if "Connection refused" in said:
        return HostLost("nothing listens there", advice="start the daemon on that host", said=said)
    if code in (libvirt.VIR_ERR_INVALID_ARG, libvirt.VIR_ERR_NO_CONNECT) or re.search(
        r"no connection driver available|[Mm]alformed|URI", said
    ):
        return _not_a_uri(said)
    return HostLost(_plain(said), said=said)


def has_driver(uri: str) -> bool:
    """Whether libvirt has a driver for the scheme of ``uri``."""
    return uri.partition(":")[0].partition("+")[0].lower() in _DRIVERS.split()


def _not_a_uri(said: str) -> BadUri:
    return BadUri(
        "no libvirt driver takes this URI",
        advice="such as qemu:///system or qemu+ssh://root@host/system",
        said=said,
    )


def _plain(said: str) -> str:
    """libvirt's own words, without the prefix that says which kind of error it is."""
    return re.sub(
        r"^(internal error|Requested operation is not valid|operation failed): ", "", said
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


def address(told: object) -> str:
    """An IP address as it is usually written; "" for anything else that a guest calls one."""
    try:
        return str(ipaddress.ip_address(str(told)))
    except ValueError:
        return ""


_MOST_BYTES = 2**63
_MOST_LOAD = 1e6


def filled(used: object, total: object) -> tuple[int, int] | None:
    """How much of how many bytes is used, as a guest tells; None for what cannot be so."""
    if isinstance(used, int) and isinstance(total, int) and 0 <= used <= total < _MOST_BYTES:
        return used, total
    return None


def load(told: object) -> float | None:
    """A load average that a guest tells; None for what is none."""
    if isinstance(told, int | float) and 0 <= told < _MOST_LOAD:
        return float(told)
    return None


def moment(told: object) -> float:
    """Seconds since 1970 of milliseconds that a guest tells; 0 for what is no moment of ours."""
    if isinstance(told, int | float) and 0 <= told < 253_402_300_800_000:  # the year 10000
        return told / 1000
    return 0.0
