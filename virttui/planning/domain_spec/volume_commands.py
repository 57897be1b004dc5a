"""The equivalent commands of new volumes: virsh commands that create and fill them."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.model.provision.plan import VolumeStep

_ARCHIVES = (".ova", ".vtar")


def volume_commands(steps: Sequence[VolumeStep], uri: str) -> list[list[str]]:
    """Return the commands for all volumes, in order.

    A seed is uploaded from a file of its name, which has to be written first.
    """
    return [line for step in steps for line in _commands(step, ["virsh", "-c", uri])]


def _commands(step: VolumeStep, virsh: list[str]) -> list[list[str]]:
    new, pool = step.new, step.pool_name
    if step.copy_of is not None and step.copy_of[0] == step.pool:
        cloned = [*virsh, "vol-clone", step.copy_of[1], new.name, "--pool", pool]
        if step.reflink:
            cloned.append("--reflink")
        return [cloned, [*virsh, "vol-resize", new.name, f"{new.capacity}b", "--pool", pool]]
    prepare, file = _content_commands(step, virsh)
    create = [*virsh, "vol-create-as", pool, new.name, f"{new.capacity}b"]
    create += ["--format", new.format] if new.format else []
    if new.backing:
        create += ["--backing-vol", new.backing]
        create += ["--backing-vol-format", new.backing_format] if new.backing_format else []
    upload = [[*virsh, "vol-upload", "--sparse", new.name, file, "--pool", pool]] if file else []
    return [*prepare, create, *upload]


def _content_commands(step: VolumeStep, virsh: list[str]) -> tuple[list[list[str]], str]:
    """Return the commands that put a volume's content into a file, and that file; "" for an
    empty volume."""
    name, part = step.new.name, step.slice
    if part is not None:
        archived = part.path.endswith(_ARCHIVES)
        lines = [["tar", "-xf", part.path, part.label]] if archived else []
        if part.convert:
            convert = ["qemu-img", "convert", "-f", part.convert, "-O", part.into]
            lines.append([*convert, part.label, name])
        return lines, name if part.convert else part.label
    if step.url:
        return [["curl", "-fLo", name, step.url]], name
    if step.copy_of is not None:
        where, source = step.copy_of
        return [[*virsh, "vol-download", source, name, "--pool", where.uuid]], name
    return [], step.file or (name if step.content else "")
