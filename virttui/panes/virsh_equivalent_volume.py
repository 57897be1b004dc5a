"""The virsh lines that do the same to a volume, or to a disk that runs, by hand."""

from __future__ import annotations

from virttui.model.commands import Command, Verb
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.volumes import NewVolume, VolumeOperation


def disk_line(verb: Verb, name: str, work: DiskJob) -> list[str]:
    """The words behind ``virsh -c URI``, for the disk of a running domain."""
    limit = ["--bytes", "--bandwidth", str(work.limit)] if work.limit else []
    if verb is Verb.RESIZE:
        return ["blockresize", name, work.disk, f"{work.capacity}b"]
    if verb is Verb.BLOCK_COPY:
        file = f"{work.new.name if work.new is not None else work.disk}.xml"
        return ["blockcopy", name, work.disk, "--xml", file, "--reuse-external",
                "--transient-job", *limit, "--wait", "--pivot"]  # fmt: skip
    base = [] if work.base >= len(work.chain) else ["--base", work.chain[work.base]]
    if verb is Verb.BLOCK_PULL:
        return ["blockpull", name, work.disk, *base, *limit, "--wait"]
    ends = ["--active", "--pivot"] if not work.top else ["--top", work.chain[work.top]]
    return ["blockcommit", name, work.disk, *base, *ends, *limit, "--wait"]


def volume_line(command: Command, work: VolumeOperation) -> list[str]:
    """The words behind ``virsh -c URI``; what runs is grown by its domain."""
    name, pool = command.target.name, work.pool_name
    if command.verb is Verb.CLONE and work.new is not None:
        return _clone(name, work, work.new)
    if command.verb is Verb.COPY_TO_HOST:
        return ["vol-download", word_of("vol", name), word_of("file", name), "--pool", pool,
                "--sparse"]  # fmt: skip
    if work.new is not None:
        named = word_of("name", name)
        return ["vol-create-as", pool, named, str(work.new.capacity), *_new(work.new)]
    if command.verb is Verb.RESIZE and work.running_domain:
        return ["blockresize", work.running_domain, command.target.key.uuid, f"{work.capacity}b"]
    if command.verb is Verb.RESIZE:
        shrink = ["--shrink"] if work.allow_shrink else []
        return ["vol-resize", word_of("vol", name), str(work.capacity), "--pool", pool, *shrink]
    if command.verb.transfer:
        word = f"vol-{command.verb.value}"
        return [word, word_of("vol", name), work.file, "--pool", pool, "--sparse"]
    return [f"vol-{command.verb.value}", word_of("vol", name), "--pool", pool]


def word_of(option: str, name: str) -> str:
    """A name as a word of the line: virsh takes one that begins with a dash for an option."""
    return f"--{option}={name}" if name.startswith("-") else name


def far_lines(command: Command, work: VolumeOperation) -> list[list[str]]:
    """The words behind ``virsh -c URI`` of the other host, where a volume is copied to one."""
    if command.verb is not Verb.COPY_TO_HOST or work.new is None:
        return []
    new, pool = work.new, work.target_pool_name.partition(" on ")[0]
    return [
        ["vol-create-as", pool, word_of("name", new.name), str(new.capacity), *_new(new)],
        ["vol-upload", word_of("vol", new.name), word_of("file", command.target.name),
         "--pool", pool, "--sparse"],
    ]  # fmt: skip


def _clone(name: str, work: VolumeOperation, new: NewVolume) -> list[str]:
    """Into another pool it takes the description of the new volume, from a file."""
    if work.target_pool in (None, work.pool):
        copy = word_of("newname", new.name)
        return ["vol-clone", word_of("vol", name), copy, "--pool", work.pool_name]
    file = f"{new.name}.xml"
    named = word_of("vol", name)
    return ["vol-create-from", work.target_pool_name, file, named, "--inputpool", work.pool_name]


def _new(new: NewVolume) -> list[str]:
    line = ["--format", new.format] if new.format else []
    if new.allocation is not None:
        line += ["--allocation", str(new.allocation)]
    if new.backing:
        line += ["--backing-vol", new.backing, "--backing-vol-format", new.backing_format]
    return [*line, *(["--prealloc-metadata"] if new.metadata else [])]
