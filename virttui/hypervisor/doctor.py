"""``virttui doctor``: what stands between this user and a host, each finding with its fix."""

from __future__ import annotations

import getpass
import os
import shlex
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

import libvirt
from msgspec import Struct

from virttui.hypervisor.connection import event_loop, translate
from virttui.hypervisor.connection.connect import connect, in_process, is_here, learn
from virttui.hypervisor.connection.error_causes import plain
from virttui.hypervisor.connection.open_errors import join_group, start_here
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.connection.uris import has_driver, parameter, split_uri
from virttui.model.backend import HostSpec
from virttui.model.errors import OperationError

# An examination that takes longer is reported as a host that does not answer.
PATIENCE = 8.0
SOCKETS = ("libvirt/libvirt-sock", "libvirt/virtqemud-sock")


class DoctorCheck(Struct, frozen=True):
    """One check: what was looked at, whether it is well, what was seen, and the fix if not.

    ``well`` is None where nothing could be seen, or where it does not matter much.
    """

    what: str
    well: bool | None
    seen: str
    fix: str = ""


PrintLine = Callable[[str], object]


def examine(hosts: Sequence[HostSpec], show_message: PrintLine) -> int:
    """Examine each host and say what was found; the exit status is 1 when one is not well."""
    event_loop.start()
    status = 0
    for number, host in enumerate(hosts):
        if number:
            show_message("")
        show_message(host.name or host.uri)
        findings = _patiently(host.uri)
        for finding in findings:
            sign = {True: "+", False: "x", None: "-"}[finding.well]
            show_message(f"  {sign} {finding.what:<16}{finding.seen}")
            if finding.fix:
                show_message(f"    {'fix':<16}{finding.fix}")
        if any(finding.well is False for finding in findings):
            status = 1
    return status


def _patiently(uri: str) -> list[DoctorCheck]:
    """All findings, or those that came before the host stopped answering."""
    found: SimpleQueue[DoctorCheck | None] = SimpleQueue()

    def look() -> None:
        for finding in findings(uri):
            found.put(finding)
        found.put(None)

    threading.Thread(target=look, name="doctor", daemon=True).start()
    checks: list[DoctorCheck] = []
    while True:
        try:
            finding = found.get(timeout=PATIENCE)
        except Empty:
            fix = "see whether its libvirtd hangs: systemctl status libvirtd"
            return [*checks, DoctorCheck("answer", False, f"none within {PATIENCE:.0f} s", fix)]
        if finding is None:
            return checks
        checks.append(finding)


def findings(uri: str) -> Iterator[DoctorCheck]:
    """Look at one host, from the outside in; stops at what keeps the rest from being seen."""
    yield DoctorCheck("library", True, f"libvirt {_version(libvirt.getVersion())} on this machine")
    if is_here(uri) and not in_process(uri) and has_driver(uri):
        yield from _socket(uri)
    try:
        connection = connect(uri, read_only=False)
    except OperationError as trouble:
        yield DoctorCheck("connection", False, _both(trouble), trouble.advice)
        yield from _read_only(uri)
        return
    try:
        link = learn(connection, uri, events=True)
        yield DoctorCheck("connection", True, f"{link.hypervisor}, host {link.hostname or '–'}")
        yield DoctorCheck("daemon", True, f"libvirt {link.libvirt}")
        if link.here and link.driver == "QEMU":
            yield _kvm()
        yield from _networks(connection, uri)
        yield from _pools(connection, uri)
    except libvirt.libvirtError as error:
        broken = translate.operation_error(error, alive=bool(connection.isAlive()))
        yield DoctorCheck("answer", False, _both(broken), broken.advice)


def _both(trouble: OperationError) -> str:
    """The cause and libvirt's words on one line, once where they are the same."""
    message = plain(trouble.libvirt_message)
    same = not message or message in trouble.message or trouble.message in message
    if same:
        return max(trouble.message, message, key=len)
    return f"{trouble.message} ({message})"


def _version(number: int) -> str:
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


def _socket(uri: str) -> Iterator[DoctorCheck]:
    """The daemon's socket and this user's right to it."""
    named = parameter(uri, "socket")
    session = split_uri(uri).path == "/session"
    if session and not named:
        yield DoctorCheck("socket", None, "the session daemon starts by itself when it is asked")
        return
    candidates = [Path(named)] if named else [Path("/run") / name for name in SOCKETS]
    for path in candidates:
        try:
            mode = path.stat().st_mode
        except PermissionError:
            yield DoctorCheck(
                "socket", False, f"you may not read the folder of {path}", _group_fix()
            )
            return
        except FileNotFoundError:
            continue
        if not stat.S_ISSOCK(mode):
            yield DoctorCheck(
                "socket", False, f"{path} is not a socket", "name the daemon's socket"
            )
        elif os.access(path, os.R_OK | os.W_OK):
            yield DoctorCheck("socket", True, str(path))
        else:
            yield DoctorCheck("socket", None, f"{path}: not for {getpass.getuser()}", _group_fix())
        return
    fix = "start the daemon whose socket it is" if named else start_here(uri)
    yield DoctorCheck("socket", False, f"{candidates[0]} is not there", fix)


def _group_fix() -> str:
    return f"{join_group()} (root's equal)"


def _virsh(uri: str) -> str:
    return f"virsh -c {shlex.quote(uri)}" if uri else "virsh"


def _read_only(uri: str) -> Iterator[DoctorCheck]:
    """A check that passes if a read-only connection opens where a full one does not."""
    try:
        connect(uri, read_only=True)
    except OperationError:
        return
    yield DoctorCheck("read-only", True, "works: virttui -r shows everything and changes nothing")


def _kvm() -> DoctorCheck:
    path = Path("/dev/kvm")
    if not path.exists():
        fix = "turn on virtualization in the firmware, then modprobe kvm_intel or kvm_amd"
        return DoctorCheck("KVM", None, "no /dev/kvm: guests are emulated, slowly", fix)
    mode = path.stat()
    if mode.st_mode & 0o060 != 0o060:
        fix = "chgrp kvm /dev/kvm && chmod 660 /dev/kvm"
        return DoctorCheck("KVM", None, "/dev/kvm is not for its group: libvirt starts slowly", fix)
    return DoctorCheck("KVM", True, "/dev/kvm is there")


def _networks(connection: Connection, uri: str) -> Iterator[DoctorCheck]:
    try:
        networks = {network.name(): network for network in connection.listAllNetworks(0)}
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        yield DoctorCheck("networks", None, "this driver has none")
        return
    default = networks.get("default")
    if default is None:
        seen = f"no network called default ({len(networks)} others)"
        fix = f"{_virsh(uri)} net-define /usr/share/libvirt/networks/default.xml, on that host"
        yield DoctorCheck("networks", None, seen, fix)
    elif not default.isActive():
        yield DoctorCheck("networks", None, "default is off", f"{_virsh(uri)} net-start default")
    else:
        yield DoctorCheck("networks", True, f"default is active, {len(networks)} in all")


def _pools(connection: Connection, uri: str) -> Iterator[DoctorCheck]:
    try:
        pools = connection.listAllStoragePools(0)
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        yield DoctorCheck("storage", None, "this driver has none")
        return
    off = [pool.name() for pool in pools if not pool.isActive()]
    if not pools:
        fix = f"{_virsh(uri)} pool-define-as default dir --target /var/lib/libvirt/images"
        yield DoctorCheck("storage", None, "no storage pool", fix)
    elif off:
        fix = f"{_virsh(uri)} pool-start --pool {shlex.quote(off[0])}"
        yield DoctorCheck("storage", None, f"off: {', '.join(off)}", fix)
    else:
        yield DoctorCheck("storage", True, f"{len(pools)} pools, all active")
