"""The lines that make about the same clone by hand, with virt-clone and virsh."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from virttui.model.provision.clone import CloneSource, CloneTargetHost, DiskCloneMode
from virttui.model.provision.plan import ProvisionPlan, VolumeStep
from virttui.planning.clone.disk_options import CloneOption, place


def by_hand(
    plan: ProvisionPlan,
    addresses: Sequence[str],
    source: CloneSource,
    site: CloneTargetHost,
    ways: Mapping[str, CloneOption],
) -> str:
    """The lines for one clone, quoted for a shell.

    virt-clone knows no overlays and no running domains: volumes that are more than copies of what
    is off are made before it, and kept by it.
    """
    clone = ["virt-clone", "--connect", site.uri, "--original", source.name, "--name", plan.name]
    for address in addresses:
        clone += ["--mac", address]
    lines: list[list[str]] = []
    if any(step.new.backing or step.mirror_of or step.content for step in plan.volumes):
        virsh = ["virsh", "-c", site.uri]
        lines = [[*virsh, *_made(step, source)] for step in plan.volumes]
        lines += [
            [*virsh, "vol-upload", step.new.name, "seed.iso", "--pool", step.pool_name]
            for step in plan.volumes
            if step.content
        ]
        clone.append("--preserve-data")
    if any(step.reflink for step in plan.volumes):
        clone.append("--reflink")
    for disk in source.disks:
        if ways[disk.target].how in (DiskCloneMode.SHARE, DiskCloneMode.SKIP):
            clone += ["--skip-copy", disk.target]
    pools = {pool.key: pool for pool in site.pools}
    for step in plan.volumes:
        clone += ["--file", place(pools[step.pool], step.new.name)[1]]
    return " && ".join(map(shlex.join, [*lines, clone]))


def source_by_hand(steps: Sequence[VolumeStep], source: CloneSource, site: CloneTargetHost) -> str:
    """The lines that put the source on overlays of its own."""
    virsh = ["virsh", "-c", site.uri]
    lines = [[*virsh, *_made(step, source)] for step in steps]
    return " && ".join(map(shlex.join, [*lines, [*virsh, "edit", source.name]]))


def _made(step: VolumeStep, source: CloneSource) -> list[str]:
    """What makes one volume, behind ``virsh -c URI``."""
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
