"""The virsh lines that do the same to a volume by hand."""

from __future__ import annotations

from virttui.model.commands import TRANSFERS, Command, Verb
from virttui.model.volumes import NewVolume, VolumeWork


def volume_line(command: Command, work: VolumeWork) -> list[str]:
    """The words behind ``virsh -c URI``; what runs is grown by its domain."""
    name, pool = command.target.name, work.pool_name
    if command.verb is Verb.CLONE and work.new is not None:
        return _clone(name, work, work.new)
    if work.new is not None:
        named = word_of("name", name)
        return ["vol-create-as", pool, named, str(work.new.capacity), *_new(work.new)]
    if command.verb is Verb.RESIZE and work.runs_on:
        return ["blockresize", work.runs_on, command.target.key.uuid, f"{work.capacity}b"]
    if command.verb is Verb.RESIZE:
        shrink = ["--shrink"] if work.shrinks else []
        return ["vol-resize", word_of("vol", name), str(work.capacity), "--pool", pool, *shrink]
    if command.verb in TRANSFERS:
        word = f"vol-{command.verb.value}"
        return [word, word_of("vol", name), work.file, "--pool", pool, "--sparse"]
    return [f"vol-{command.verb.value}", word_of("vol", name), "--pool", pool]


def word_of(option: str, name: str) -> str:
    """A name as a word of the line: virsh takes one that begins with a dash for an option."""
    return f"--{option}={name}" if name.startswith("-") else name


def _clone(name: str, work: VolumeWork, new: NewVolume) -> list[str]:
    """Into another pool it takes the description of the new volume, from a file."""
    if work.to in (None, work.pool):
        copy = word_of("newname", new.name)
        return ["vol-clone", word_of("vol", name), copy, "--pool", work.pool_name]
    file = f"{new.name}.xml"
    named = word_of("vol", name)
    return ["vol-create-from", work.to_name, file, named, "--inputpool", work.pool_name]


def _new(new: NewVolume) -> list[str]:
    line = ["--format", new.format] if new.format else []
    if new.allocation is not None:
        line += ["--allocation", str(new.allocation)]
    if new.backing:
        line += ["--backing-vol", new.backing, "--backing-vol-format", new.backing_format]
    return [*line, *(["--prealloc-metadata"] if new.metadata else [])]
