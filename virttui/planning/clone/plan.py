"""A preview of the clones that the form describes, and the commands that create them."""

from __future__ import annotations

from collections.abc import Mapping

from virttui.model.commands import Command, Verb
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormValues
from virttui.model.provision.clone import (
    ClonePlan,
    ClonePreview,
    CloneSource,
    CloneTargetHost,
    DiskCloneMode,
)
from virttui.planning.clone.command_planner import CloneCommandPlanner
from virttui.planning.clone.disk_options import COPIES, CloneOption, chosen_option
from virttui.planning.clone.fields import ONE_BY_ONE, TargetHosts, chosen_target, uses_sysprep
from virttui.planning.clone.names import expand, next_name
from virttui.planning.clone.warnings import check_space, identity_resets, warnings
from virttui.planning.new_ids import IdGenerator

_MAX_DESCRIBED = 12
"""The number of clones whose disks the preview describes."""


def preview(entered: FormValues, source: CloneSource, targets: TargetHosts) -> ClonePreview:
    """Return a preview of the clones. Raises InvalidInput while they cannot be created."""
    target = chosen_target(entered, source, targets)
    clone_names = _names(entered, source, target)
    options = {disk.target: chosen_option(entered, disk, source, target) for disk in source.disks}
    _check_shared_disks(source, options)
    space_lines = check_space(source, target, options, len(clone_names))
    planner = CloneCommandPlanner(source, target, options)
    descriptions = [
        tuple(planner.describe(disk, name) for disk in source.disks)
        for name in clone_names[:_MAX_DESCRIBED]
    ]
    meaning = f"{clone_names[0]} is created from {source.called}."
    if len(clone_names) > 1:
        meaning = f"{len(clone_names)} clones: {clone_names[0]} … {clone_names[-1]}."
    cancellable = all(planner.is_cancellable(disk) for disk in source.disks)
    notes = warnings(
        source,
        target,
        options,
        clone_names,
        cancellable=cancellable,
        sysprep=uses_sysprep(entered, source, target),
    )
    new_volumes = [disk for disk in source.disks if options[disk.target].mode in COPIES]
    copied_bytes = sum(
        disk.allocation for disk in new_volumes if options[disk.target].mode is DiskCloneMode.FULL
    )
    subject = "its name is" if len(clone_names) == 1 else f"{len(clone_names)} names are"
    checks = (f"{subject} free on {target.name}", *space_lines)
    return ClonePreview(
        clone_names, meaning, descriptions[0], notes, tuple(descriptions[1:]), checks,
        identity_resets(source, options, sysprep=uses_sysprep(entered, source, target)),
        len(new_volumes) * len(clone_names), copied_bytes * len(clone_names), cancellable,
    )  # fmt: skip


def _names(entered: FormValues, source: CloneSource, target: CloneTargetHost) -> tuple[str, ...]:
    clone_names = expand(entered.get("name", next_name(source.name, target.names)))
    taken = [name for name in clone_names if name in target.names]
    if taken:
        raise InvalidInput(f"{target.name} has a domain called {taken[0]} already")
    return clone_names


def _check_shared_disks(source: CloneSource, options: Mapping[str, CloneOption]) -> None:
    """Raise InvalidInput for a shared disk that several guests would write to: they would
    destroy it."""
    for disk in source.disks:
        if (
            options[disk.target].mode is DiskCloneMode.SHARE
            and not disk.shared
            and disk.device == "disk"
        ):
            raise InvalidInput(
                f"{disk.target} is written to: two guests on it destroy it. Mark it read-only or"
                " shareable first, or copy it"
            )


def plan(
    entered: FormValues,
    source: CloneSource,
    targets: TargetHosts,
    new_ids: IdGenerator,
) -> ClonePlan:
    """Return the commands that create the clones. Raises InvalidInput while they cannot be
    created."""
    clones = preview(entered, source, targets)
    target = chosen_target(entered, source, targets)
    options = {disk.target: chosen_option(entered, disk, source, target) for disk in source.disks}
    planner = CloneCommandPlanner(
        source,
        target,
        options,
        new_ids,
        sysprep=uses_sysprep(entered, source, target),
    )
    source_commands = planner.source_on_overlays()
    clone_commands = [
        planner.clone(name, start=entered.get("start") == "yes") for name in clones.names
    ]
    start_commands: list[Command] = []
    if entered.get("start") == ONE_BY_ONE and len(clone_commands) > 1:
        # All are made first: who waits for an agent keeps no copy waiting.
        start_commands = [Command(Verb.START, command.target) for command in clone_commands]
    stepwise = bool(source_commands or start_commands)
    return ClonePlan(
        (*source_commands, *clone_commands, *start_commands),
        clones,
        tuple(planner.result_lines),
        in_sequence=stepwise,
    )
