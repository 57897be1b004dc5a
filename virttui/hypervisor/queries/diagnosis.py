"""The diagnosis of a failed domain: libvirt's messages, and the end of its QEMU log.

libvirt gives no log over its API, so it is read where this machine's daemon writes it. The daemon
may live in a mount namespace of its own (a container): the peer of its socket names its process,
and through that its root can be seen.
"""

from __future__ import annotations

import os
import re
import socket
import struct
from functools import partial
from pathlib import Path

from virttui.hypervisor.connection.calls import or_none_unless_gone
from virttui.hypervisor.connection.connect import is_here
from virttui.hypervisor.connection.error_causes import cause_of
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.connection.uris import parameter, split_uri
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.domains.known_messages import FAILURES

TAIL_BYTES = 64 * 1024
TAIL_LINES = 200

_BEGINNING = re.compile(r": starting up libvirt version")
_END = re.compile(r": shutting down, reason=([\w-]+)")
# How a life ends when somebody asked for it: its log tells of no trouble then.
_NORMAL_ENDS = ("shutdown", "destroyed", "saved", "migrated", "from-snapshot")


def diagnose(connection: Connection, uri: str, domain: DomainHandle) -> Diagnosis:
    """Everything that can be found out. Raises libvirtError when the domain is gone."""
    log, note = read_log(uri, connection.getType(), domain.name())
    cause, advice = meaning(log)
    return Diagnosis(log, note, _messages(domain), cause, advice)


def _messages(domain: DomainHandle) -> tuple[str, ...] | None:
    """libvirt's own messages, or None where the library or the driver has none to give."""
    messages = or_none_unless_gone(partial(domain.messages, 0))
    return None if messages is None else tuple(messages)


def meaning(log: tuple[str, ...]) -> tuple[str, str]:
    """The most likely cause that the log tells of, and what to do; "" where it tells none."""
    last, end = _last_life(log)
    if end in _NORMAL_ENDS:
        return "", ""
    for line in last:
        for known in FAILURES:
            if match := re.search(known.pattern, line):
                return known.meaning.format(**match.groupdict()), known.advice
        if (found := cause_of(line)) is not None:
            return found
    return ("its QEMU crashed", "look at the end of its log") if end == "crashed" else ("", "")


def _last_life(log: tuple[str, ...]) -> tuple[list[str], str]:
    """The lines of the last life, newest first, and how it ended ("" while it goes on).

    It begins where libvirt writes that it starts the process, or after the end of another life:
    a start that fails before there is a process leaves nothing but its end.
    """
    lines: list[str] = []
    end = ""
    for line in reversed(log):
        if match := _END.search(line):
            if lines or end:
                break
            end = match[1]
        elif _BEGINNING.search(line):
            break
        else:
            lines.append(line)
    return lines, end


def read_log(uri: str, driver: str, name: str) -> tuple[tuple[str, ...], str]:
    """The last lines of a domain's log, oldest first, and where they are from or why not."""
    if not is_here(uri):
        return (), "kept on its own host, out of reach from here"
    why = "there is none"
    for path in _log_paths(uri, driver, name):
        try:
            return _tail(path), f"/{path.relative_to(_root_of(path))}"
        except FileNotFoundError:
            continue
        except OSError as error:
            why = f"cannot be read: {error.strerror}"
    return (), why


def _tail(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    # The first line of a tail is half of one.
    return tuple(lines[1 if size > TAIL_BYTES else 0 :][-TAIL_LINES:])


def _log_paths(uri: str, driver: str, name: str) -> list[Path]:
    """The paths at which the daemon behind ``uri`` writes the log of the domain ``name``."""
    path = qemu_log(uri, driver, name)
    if path is None:
        return []
    if split_uri(uri).path.startswith("/session"):
        return [Path(path)]
    roots = [Path("/")]
    if (pid := daemon(uri)) is not None:
        roots.insert(0, Path(f"/proc/{pid}/root"))
    return [root / path.lstrip("/") for root in roots]


def qemu_log(uri: str, driver: str, name: str) -> str | None:
    """The path on its host at which a daemon writes the log of a domain; None for a bad name.

    Of another host's user it is relative to the folder in which a login begins.
    """
    if "/" in name or not name:
        return None
    file = f"{name}.log"
    if not split_uri(uri).path.startswith("/session"):
        return f"/var/log/libvirt/{driver.lower()}/{file}"
    if not is_here(uri):
        return f".cache/libvirt/{driver.lower()}/log/{file}"
    return str(_cache() / "libvirt" / driver.lower() / "log" / file)


def daemon_log(uri: str, program: str) -> str:
    """The path on its host at which a daemon writes its own messages where it has a file.

    It may keep them in the system's journal alone.
    """
    file = f"{program}.log"
    if not split_uri(uri).path.startswith("/session"):
        return f"/var/log/libvirt/{file}"
    return f".cache/libvirt/{file}" if not is_here(uri) else str(_cache() / "libvirt" / file)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _root_of(path: Path) -> Path:
    return Path(*path.parts[:4]) if path.parts[1:2] == ("proc",) else Path("/")


def daemon(uri: str) -> int | None:
    """The process behind the daemon's socket, as the kernel tells; None where it cannot."""
    named = parameter(uri, "socket")
    places = [named] if named else ["/run/libvirt/libvirt-sock", "/run/libvirt/virtqemud-sock"]
    for place in places:
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.settimeout(1.0)
                door.connect(place)
                raw = door.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            except OSError:
                continue
        return int(struct.unpack("3i", raw)[0])
    return None
