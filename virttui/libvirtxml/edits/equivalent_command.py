"""The shell command that makes the same edit exactly, or the editor in which it can be made.

It is virsh where that has a command, else virt-xml, which comes with virt-install. Both are worked
out from the present definition, since the same edit may need one step or two.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from msgspec import Struct

from virttui.libvirtxml.edits import device_commands, domain_commands
from virttui.libvirtxml.edits.apply import apply
from virttui.libvirtxml.edits.edit_case import Commands, EditCase
from virttui.libvirtxml.edits.operands import parsed_domain
from virttui.model.commands import ApplyWhen, SettingChange
from virttui.model.domains.settings import ADD, REMOVE


class EquivalentCommand(Struct, frozen=True):
    """A command, quoted for a shell. ``opens_editor``: it opens the definition, and the user edits
    it there.

    ``file`` is the name of a file that must hold the new device, "" for none.
    """

    line: str
    opens_editor: bool = False
    file: str = ""


def equivalent_command(
    edit: SettingChange, when: ApplyWhen, before: str, name: str, uri: str, *, live: bool
) -> EquivalentCommand:
    """Return the command for one domain. ``before`` is the stored definition, or the live one where
    only that changes.

    ``live``: the running domain takes it at once. Raises InvalidInput where the edit is not
    possible.
    """
    if edit.what == ADD:
        return _add_command(edit, when, name, uri, live=live)
    after = apply(before, "", edit).text
    now = when.now and live
    case = EditCase(edit, parsed_domain(before), parsed_domain(after), when, now, uri, name)
    lines = (
        device_commands.remove_commands(case) if edit.what == REMOVE else _COMMANDS[edit.what](case)
    )
    if lines is None:
        return EquivalentCommand(shlex.join(case.virsh("edit")), opens_editor=True)
    return EquivalentCommand(" && ".join(map(shlex.join, lines)))


def _add_command(
    edit: SettingChange, when: ApplyWhen, name: str, uri: str, *, live: bool
) -> EquivalentCommand:
    words = edit.value("words") or "device"
    file = f"{words.replace(' ', '-').replace('/', '_')}.xml"
    flags = [*(["--live"] if when.now and live else []), *(["--config"] if when.stores else [])]
    return EquivalentCommand(
        shlex.join(["virsh", "-c", uri, "attach-device", name, file, *flags]), file=file
    )


_COMMANDS: dict[str, Callable[[EditCase], Commands]] = {
    "memory": domain_commands.memory,
    "max-memory": domain_commands.memory,
    "vcpus": domain_commands.vcpus,
    "title": domain_commands.words,
    "description": domain_commands.words,
    "boot": domain_commands.boot,
    "cpu": domain_commands.cpu,
    "media": device_commands.media,
    "bus": device_commands.bus,
    "cache": device_commands.driver,
    "discard": device_commands.driver,
    "link": device_commands.link,
    "network": device_commands.source,
    "bridge": device_commands.source,
    "model": device_commands.model,
    "listen": device_commands.listen,
    "log": device_commands.log,
}
