"""The result of a command, by verb, whose connection broke while it was running."""

from __future__ import annotations

from virttui.model.commands import ArchiveArguments, Command
from virttui.model.errors import HostLost
from virttui.model.volumes import VolumeOperation


def unknown(_command: Command) -> HostLost:
    """The error for most verbs: the result is known only from the next reading of the object."""
    return HostLost(
        "the connection broke while this was running",
        advice="its row shows the result when the host is back",
    )


def upload(command: Command) -> HostLost:
    """The volume exists and holds a part of the file."""
    work = command.arguments
    if not isinstance(work, VolumeOperation):
        return unknown(command)
    return HostLost(
        f"the connection broke: {command.target.name} in {work.pool_name} is not whole",
        advice=":leftovers lists and removes it once the host answers",
    )


def copy_to_host(command: Command) -> HostLost:
    """The new volume on the other host holds a part of the data."""
    work = command.arguments
    if not isinstance(work, VolumeOperation) or work.new is None:
        return unknown(command)
    return HostLost(
        f"the connection broke: {work.new.name} in {work.target_pool_name} is not whole",
        advice="it is deleted there if that host answers, else :leftovers lists it",
    )


def archive(command: Command) -> HostLost:
    """The file of this machine is deleted as soon as the call returns."""
    if not isinstance(command.arguments, ArchiveArguments):
        return unknown(command)
    file = command.arguments.file
    return HostLost(
        f"the connection broke while {file} was written",
        advice=f"{file}.part is deleted when the running call returns",
    )


def provision(_command: Command) -> HostLost:
    """Some of its resources exist; the provision journal names them."""
    return HostLost(
        "the connection broke while it was created",
        advice=":leftovers lists and removes what is left once the host answers",
    )


def back_up(_command: Command) -> HostLost:
    """libvirt goes on copying; what it writes has no manifest, so it is no backup."""
    return HostLost(
        "the connection broke while it was backed up: this is no backup",
        advice=":leftovers lists its volumes once the host answers; the next backup cleans up",
    )


def freeze(_command: Command) -> HostLost:
    """A process of its own lets the writes go; it waits for the host as well."""
    return HostLost(
        "the connection broke while its writes were held",
        advice="they are let go by themselves; :let go makes sure of it once the host is back",
    )


def block_job(_command: Command) -> HostLost:
    """QEMU does the work and needs no connection for it."""
    return HostLost(
        "the connection broke; QEMU continues the job",
        advice="the tasks (5) show the job when the host is back: f finishes it, X ends it",
    )


def delete_snapshots(_command: Command) -> HostLost:
    """QEMU may go on with a merge; a journal names the snapshot and its files."""
    return HostLost(
        "the connection broke while snapshots were deleted; nothing of now is lost",
        advice=":leftovers lists what is left and finishes it once the host answers",
    )
