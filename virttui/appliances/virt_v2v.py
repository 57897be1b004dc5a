"""Conversion with ``virt-v2v``, where it is installed: it converts disks and puts virtio drivers
into the guest.

It writes only into a private folder of this computer; its result is imported like every other
appliance. It gets a list of arguments, and only files that were opened and checked before.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from msgspec.structs import replace

from virttui.appliances.image_headers import examine
from virttui.libvirtxml import read
from virttui.local import subprocesses
from virttui.model.errors import InvalidInput
from virttui.model.provision.appliance import Appliance, ApplianceDisk, ApplianceFormat
from virttui.model.provision.file_slice import FileSlice
from virttui.model.types import OnStatus
from virttui.planning.imports.from_xml import appliance_from_xml

PROGRAM = "virt-v2v"
_POLL_INTERVAL = 0.2
_MAX_XML = 8 * 1024**2


def available(appliance: Appliance) -> bool:
    """True if it is installed and accepts such a file."""
    return _source(appliance) != [] and shutil.which(PROGRAM) is not None


def _source(appliance: Appliance) -> list[str]:
    if appliance.packaging is ApplianceFormat.OVF:
        return ["-i", "ova", appliance.path]
    return ["-i", "vmx", appliance.path] if appliance.packaging is ApplianceFormat.VMX else []


def convert(appliance: Appliance, folder: Path, on_status: OnStatus) -> Appliance:
    """Convert an appliance, into a folder. Raises InvalidInput, and any error of ``on_status``."""
    into = ["-o", "local", "-os", str(folder), "-of", "qcow2"]
    _run(["--machine-readable", *_source(appliance), *into], folder / "log", on_status)
    found = [one for one in folder.iterdir() if one.suffix == ".xml"]
    if len(found) != 1:
        raise InvalidInput(f"virt-v2v made {len(found)} definitions")
    text = found[0].read_text(encoding="utf-8", errors="replace")[:_MAX_XML]
    disks = []
    for disk in read.domain(text).disks:
        path = Path(disk.source)
        if path.parent == folder and not path.is_symlink():
            image = examine(str(path))
            part = FileSlice(str(path), path.stat().st_size, label=path.name, delete_after_use=True)
            disks.append(
                ApplianceDisk(part, image.capacity, target=disk.target, format=image.format)
            )
    result = appliance_from_xml(
        Appliance(ApplianceFormat.XML, appliance.path, xml=text, disks=tuple(disks))
    )
    note = "virt-v2v chose its hardware, and changed what boots on its disks for it"
    return replace(result, notes=(note,))


def _run(arguments: list[str], log: Path, on_status: OnStatus) -> None:
    """Run virt-v2v to its end; any error meanwhile stops it."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        with log.open("wb") as errors:
            line = [PROGRAM, *arguments]
            process = subprocesses.begin(line, subprocess.PIPE, errors, environment)
    except OSError as error:
        raise InvalidInput(f"virt-v2v: {error.strerror}") from error
    with subprocesses.running(process):
        message, rest = "", b""
        for data in subprocesses.output(process, _POLL_INTERVAL):
            *lines, rest = (rest[-4096:] + data).split(b"\n")
            message = next((words for one in reversed(lines) if (words := _message(one))), message)
            on_status(message)
        if process.wait():
            raise InvalidInput(
                _error_text(log), advice="without it, qemu-img converts the disks alone"
            )


def _message(line: bytes) -> str:
    """Return the message in one line of its output, "" for any other line."""
    try:
        found = json.loads(line)
    except ValueError:
        return ""
    message = found.get("message", "") if isinstance(found, dict) else ""
    return message if isinstance(message, str) else ""


def _error_text(log: Path) -> str:
    """Return the error from its log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    error = [line for line in lines if "error:" in line] or lines[-1:] or ["it failed"]
    return f"virt-v2v: {error[-1].partition('error: ')[2] or error[-1]}"[:300]
