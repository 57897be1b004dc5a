"""Programs run in a guest by its agent: the raw command, which taints the domain."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

import libvirt_qemu

from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.model.domains.guest_agent import GuestProgram
from virttui.model.errors import ReadOnly, Refused

_SECONDS = 5
"""The agent gets so long for one answer; the program may run as long as it likes."""


def start(connection: Connection, uuid: str, line: Sequence[str]) -> GuestProgram:
    """Start a program. Raises libvirtError, and Refused for an answer that is none."""
    path, *arguments = line
    answer = _ask(
        connection.lookupByUUIDString(uuid),
        "guest-exec",
        {"path": path, "arg": arguments, "capture-output": True},
    )
    return GuestProgram(int(answer["pid"]))


def look(connection: Connection, uuid: str, pid: int) -> GuestProgram:
    """What became of a program: its output comes with its end. Raises libvirtError."""
    answer = _ask(connection.lookupByUUIDString(uuid), "guest-exec-status", {"pid": pid})
    return GuestProgram(
        pid,
        bool(answer.get("exited")),
        _number(answer.get("exitcode")),
        _number(answer.get("signal")),
        _bytes(answer.get("out-data")),
        _bytes(answer.get("err-data")),
        bool(answer.get("out-truncated") or answer.get("err-truncated")),
    )


def refuse_read_only(read_only: bool) -> None:
    """Raises ReadOnly in a run that may change nothing: a program may."""
    if read_only:
        raise ReadOnly("this run is read-only", advice="start virttui without -r")


def _ask(domain: DomainHandle, command: str, arguments: dict[str, object]) -> dict[str, Any]:
    text = json.dumps({"execute": command, "arguments": arguments})
    answer = json.loads(libvirt_qemu.qemuAgentCommand(domain, text, _SECONDS, 0))
    found = answer.get("return") if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise Refused("its agent gave an answer that is none")
    return found


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _bytes(value: object) -> bytes:
    return base64.b64decode(value) if isinstance(value, str) else b""
