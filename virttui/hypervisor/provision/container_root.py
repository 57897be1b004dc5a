"""A container's root folder filled from a tar file, where the host is this machine.

libvirt has no call for files in folders. The folder is reached through the root of libvirt's
daemon, which may be in a mount namespace of its own.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

import libvirt

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.connect import is_here
from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.provision import subprocesses
from virttui.hypervisor.queries.diagnosis import daemon
from virttui.libvirtxml.parse import root_of
from virttui.model.errors import InvalidInput, Refused
from virttui.model.provision.plan import RootFolder


def place(connection: Connection, root: RootFolder) -> Path:
    """The path of the folder for this process. Raises Refused where it cannot be reached."""
    path = PurePosixPath(root.path)
    if not path.is_absolute() or ".." in path.parts or len(path.parts) < 3:
        raise InvalidInput(f"{root.path} is not a folder for a container")
    uri = connection.getURI()
    process = daemon(uri) if is_here(uri) else None
    if process is None or os.geteuid():
        raise Refused(
            "a tar file can be unpacked as root of the host alone",
            advice="unpack it there, then name its folder",
        )
    return Path(f"/proc/{process}/root") / path.relative_to("/")


def unpack(connection: Connection, root: RootFolder, control: TaskControl) -> None:
    """Make the folder and fill it. Raises Refused where something is in it already."""
    file = Path(root.file).expanduser()
    if not file.is_file():
        raise InvalidInput(f"{root.file} is not a file")
    folder = place(connection, root)
    try:
        folder.mkdir(mode=0o755, parents=True)
    except FileExistsError as error:
        raise Refused(f"{root.path} is there already", advice="name another folder") from error
    except OSError as error:
        raise Refused(f"{root.path} cannot be made: {error.strerror}") from error
    line = ["tar", "--extract", "--numeric-owner", "--same-permissions", "--xattrs"]
    line += ["--file", str(file.resolve()), "--directory", str(folder)]
    subprocesses.run(line, control, "look whether it is a tar file, and whether there is room")


def users(connection: Connection, path: str, without: str) -> list[str]:
    """The containers, but for one, whose definition names the folder or what is in it."""
    found = []
    for domain in connection.listAllDomains(0):
        if domain.UUIDString() == without:
            continue
        try:
            root = root_of(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))
        except libvirt.libvirtError as error:
            if error.get_error_code() != libvirt.VIR_ERR_NO_DOMAIN:
                raise
            continue
        named = [source.get("dir", "") for source in root.iterfind("devices/filesystem/source")]
        if any(PurePosixPath(one).is_relative_to(path) for one in named):
            found.append(domain.name())
    return sorted(found)


def remove(connection: Connection, root: RootFolder) -> None:
    """Take the folder away again with all that is in it."""
    folder = place(connection, root)
    if os.path.ismount(folder):
        raise Refused(f"{root.path} is in use")
    shutil.rmtree(folder, ignore_errors=False)
