"""The virsh lines that do, or show, the same by hand."""

from __future__ import annotations

import shlex

from virttui.actions import Subject
from virttui.model.commands import Command, Verb
from virttui.model.identity import Kind
from virttui.model.jobs import Job

_VIRSH: dict[Verb, tuple[str, ...]] = {
    Verb.START: ("start",),
    Verb.RESUME: ("resume",),
    Verb.PAUSE: ("suspend",),
    Verb.SHUTDOWN: ("shutdown",),
    Verb.REBOOT: ("reboot",),
    Verb.RESET: ("reset",),
    Verb.FORCE_OFF: ("destroy",),
    Verb.STOP: ("destroy",),
    Verb.SAVE: ("managedsave",),
    Verb.DROP_SAVE: ("managedsave-remove",),
    Verb.AUTOSTART_ON: ("autostart",),
    Verb.AUTOSTART_OFF: ("autostart", "--disable"),
    Verb.RENAME: ("domrename",),
    Verb.DELETE: ("undefine",),
    Verb.ABORT_JOB: ("domjobabort",),
    Verb.TAG: ("metadata", "--uri", "urn:virttui:tags", "--key", "virttui", "--edit"),
}
_PREFIX = {Kind.DOMAIN: "", Kind.NETWORK: "net-", Kind.POOL: "pool-"}


def virsh(command: Command, uri: str) -> str:
    """The line that does the same by hand, quoted for a shell."""
    target = command.target
    word, *options = _VIRSH[command.verb]
    if command.disk:
        word, options = "blockjob", [command.disk, "--abort"]
    line = ["virsh", "-c", uri, _PREFIX.get(target.kind, "") + word, target.name]
    if command.new_name:
        line.append(command.new_name)
    if command.with_saved:
        options.append("--managed-save")
    if command.with_nvram:
        options.append("--nvram")
    if command.with_snapshots:
        options.append("--snapshots-metadata")
    if command.volumes:
        options += ["--storage", ",".join(command.volumes)]
    return shlex.join([*line, *options])


def virsh_job(job: Job, uri: str) -> str:
    """The line that shows a job of libvirt's, quoted for a shell."""
    tail = ["blockjob", job.name, job.disk] if job.disk else ["domjobinfo", job.name]
    return shlex.join(["virsh", "-c", uri, *tail])


def virsh_info(subject: Subject) -> str:
    """The line that shows an object by hand, quoted for a shell."""
    word = {Kind.DOMAIN: "dominfo", Kind.NETWORK: "net-info", Kind.POOL: "pool-info"}
    show = word.get(subject.kind)
    tail = [show, subject.name] if show else ["nodeinfo"]
    return shlex.join(["virsh", "-c", subject.host.uri, *tail])


def console_line(subject: Subject) -> list[str]:
    """The argument list that opens a domain's serial console."""
    return ["virsh", "-c", subject.host.uri, "console", "--domain", subject.key.uuid]
