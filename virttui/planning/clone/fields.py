"""The fields of the clone form, with the values entered or the defaults."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.clone import CloneSource, CloneTargetHost, SourceDisk
from virttui.planning.clone.disk_options import (
    default_option,
    disk_options,
    field_name,
    form_option,
)
from virttui.planning.clone.names import expand, next_name
from virttui.planning.clone.warnings import PROGRAM
from virttui.planning.form import choice

TargetHosts = Sequence[CloneTargetHost]
ONE_BY_ONE = "one by one"


def chosen_target(
    entered: FormValues, source: CloneSource, targets: TargetHosts
) -> CloneTargetHost:
    """Return the host chosen for the clones, else that of the source."""
    name = entered.get("host", "")
    own = next((target for target in targets if target.host == source.key.host), targets[0])
    return next((target for target in targets if target.name == name), own)


def form_fields(
    entered: FormValues, source: CloneSource, targets: TargetHosts
) -> tuple[FormField, ...]:
    """Return the fields, with the values entered or the defaults."""
    target = chosen_target(entered, source, targets)
    default_name = next_name(source.name, target.names)
    name = FormField(
        "name",
        "new name",
        entered.get("name", default_name),
        note=_name_note(entered, default_name),
    )
    fields = [name]
    if len(targets) > 1:
        hosts = tuple(
            Option(one.name, "same host" if one.host == source.key.host else "another host")
            for one in targets
        )
        fields.append(choice("host", "host", hosts, entered, usual=target.name))
    start_options = [Option("no", "it stays off"), Option("yes", "each as soon as it is created")]
    if _count(entered, default_name) > 1:
        start_options.append(Option(ONE_BY_ONE, "when the one before answers"))
    fields.append(choice("start", "start", start_options, entered))
    if source.sysprep and target.host == source.key.host:
        seeded = any(disk.seed is not None for disk in source.disks)
        inside = (
            Option("as it is", "but for its seed" if seeded else "nothing is reset"),
            Option(PROGRAM, "machine-id, ssh keys, host name"),
        )
        fields.append(choice("inside", "inside", inside, entered))
    for disk in source.disks:
        disk_choices = disk_options(disk, source, target)
        options = tuple(form_option(one, disk) for one in disk_choices.values())
        value = entered.get(field_name(disk), "")
        if value not in disk_choices:
            default = default_option(disk, source, target)
            value = default.name if default is not None else ""
        fields.append(FormField(field_name(disk), _label(disk), value, options, only=True))
    return tuple(fields)


def _label(disk: SourceDisk) -> str:
    return disk.target if disk.device == "disk" else f"{disk.target} {disk.device}"


def _count(entered: FormValues, default_name: str) -> int:
    try:
        return len(expand(entered.get("name", default_name)))
    except InvalidInput:
        return 1


def _name_note(entered: FormValues, default_name: str) -> str:
    count = _count(entered, default_name)
    return f"{count} clones" if count > 1 else "or web-{01..20}, web-{a,b}"


def uses_sysprep(entered: FormValues, source: CloneSource, target: CloneTargetHost) -> bool:
    """True if virt-sysprep runs on the clones: chosen, and possible on this host."""
    offered = source.sysprep and target.host == source.key.host
    return offered and entered.get("inside") == PROGRAM
