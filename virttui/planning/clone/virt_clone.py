"""Shell commands that create about the same clone, with virt-clone and virsh."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from virttui.model.provision.clone import CloneSource, CloneTargetHost, DiskCloneMode
from virttui.model.provision.plan import ProvisionPlan, VolumeStep
from virttui.planning.clone.disk_options import CloneOption, volume_place


def equivalent_command(
    plan: ProvisionPlan,
    macs: Sequence[str],
    source: CloneSource,
    target: CloneTargetHost,
    options: Mapping[str, CloneOption],
) -> str:
    """Return the commands for one clone, quoted for a shell.

    virt-clone supports neither overlays nor running domains: volumes that are more than copies of
    inactive ones are created before it, and kept with ``--preserve-data``.
    """
    clone = ["virt-clone", "--connect", target.uri, "--original", source.name, "--name", plan.name]
    for address in macs:
        clone += ["--mac", address]
    lines: list[list[str]] = []
    if any(step.new.backing or step.mirror_of or step.content for step in plan.volumes):
        virsh = ["virsh", "-c", target.uri]
        lines = [[*virsh, *_volume_command(step, source)] for step in plan.volumes]
        lines += [
            [*virsh, "vol-upload", step.new.name, "seed.iso", "--pool", step.pool_name]
            for step in plan.volumes
            if step.content
        ]
        clone.append("--preserve-data")
    if any(step.reflink for step in plan.volumes):
        clone.append("--reflink")
    for disk in source.disks:
        if options[disk.target].mode in (DiskCloneMode.SHARE, DiskCloneMode.SKIP):
            clone += ["--skip-copy", disk.target]
    pools = {pool.key: pool for pool in target.pools}
    for step in plan.volumes:
        clone += ["--file", volume_place(pools[step.pool], step.new.name)[1]]
    return " && ".join(map(shlex.join, [*lines, clone]))


def source_equivalent_command(
    steps: Sequence[VolumeStep], source: CloneSource, target: CloneTargetHost
) -> str:
    """Return the commands that put the source on overlays."""
    virsh = ["virsh", "-c", target.uri]
    lines = [[*virsh, *_volume_command(step, source)] for step in steps]
    return " && ".join(map(shlex.join, [*lines, [*virsh, "edit", source.name]]))


def _volume_command(step: VolumeStep, source: CloneSource) -> list[str]:
    """Return the arguments after ``virsh -c URI`` that create one volume."""
    new = step.new
    if step.mirror_of is not None:
        return ["blockcopy", source.name, step.mirror_of[1], "--dest", new.name, "--format",
                new.format or "raw", "--transient-job", "--wait", "--finish"]  # fmt: skip
    if step.content:
        return ["vol-create-as", step.pool_name, new.name, str(new.capacity), "--format", "raw"]
    if new.backing:
        return ["vol-create-as", step.pool_name, new.name, str(new.capacity), "--format",
                new.format, "--backing-vol", new.backing,
                "--backing-vol-format", new.backing_format]  # fmt: skip
    if step.copy_of is not None and step.copy_of[0] == step.pool:
        return ["vol-clone", step.copy_of[1], new.name, "--pool", step.pool_name]
    original = step.copy_of[1] if step.copy_of is not None else ""
    origin = next((one.pool_name for one in source.disks if one.volume == original), "")
    return ["vol-create-from", step.pool_name, f"{new.name}.xml", original, "--inputpool", origin]
