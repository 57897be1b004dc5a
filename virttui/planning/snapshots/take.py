"""Taking a snapshot: which kinds a domain can have, the fields of the form, the plan."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence

from virttui.formatting import counted, listed
from virttui.model.documents import Option
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.snapshots.changes import (
    PFLASH_INTERNAL,
    Overlay,
    SnapshotContext,
    SnapshotDiskFacts,
    TakeSnapshotArguments,
)
from virttui.planning.form import choice

YES, NO = "yes", "no"
KEEP, DELETE = "keep", "delete"
_DISK = "disk "
"""What the name of a disk's field begins with."""
_LONGEST = 150
"""Bytes of a name: libvirt keeps each snapshot in a file of its name."""
_IN = "in"
_KINDS = (SnapshotKind.EXTERNAL, SnapshotKind.INTERNAL)


# -- what is possible --------------------------------------------------------------------------


def why_not(kind: SnapshotKind, context: SnapshotContext) -> str:
    """Return why a domain can have no snapshot of this kind now, in words; "" where it can.

    Checkpoints are no reason here: the form offers to delete them.
    """
    reasons = _against_internal(context) if kind is SnapshotKind.INTERNAL else _against(context)
    return next(reasons, "")


def _against_internal(context: SnapshotContext) -> Iterator[str]:
    if SnapshotKind.EXTERNAL in context.kinds or SnapshotKind.MIXED in context.kinds:
        yield "it has external ones, and libvirt destroys data where both kinds are mixed"
    if context.pflash and context.version < PFLASH_INTERNAL:
        yield f"libvirt {context.version_text} takes none of a domain with UEFI firmware in flash"
    elif context.pflash and context.nvram_format != "qcow2":
        yield f"its NVRAM is {context.nvram_format}, and would have to be qcow2"
    if not context.writable:
        yield "it has no disk that the snapshot could be kept in"
    yield from filter(None, map(_cannot_contain, context.writable))
    if context.active and context.passed_through:
        yield _cannot_save_memory(context)


def _cannot_contain(disk: SnapshotDiskFacts) -> str:
    """Why an internal snapshot cannot be kept in a disk, "" where it can."""
    if disk.mode == "no" or disk.transient:
        return f"its definition leaves {disk.target} out, and an internal one needs every disk"
    if disk.mode == "external":
        return f"its definition has {disk.target} in external snapshots only"
    if disk.format != "qcow2":
        return f"{disk.target} is {disk.format}, and only qcow2 can hold one"
    if disk.shareable:
        return f"{disk.target} is shareable, and others may be writing to it"
    return ""


def _cannot_save_memory(context: SnapshotContext) -> str:
    return (
        f"its memory cannot be saved while it has a {context.passed_through[0]} that is passed "
        "through"
    )


def _against(context: SnapshotContext) -> Iterator[str]:
    if SnapshotKind.INTERNAL in context.kinds or SnapshotKind.MIXED in context.kinds:
        yield "it has internal ones, and libvirt destroys data where both kinds are mixed"
    if not any(_places(disk, context) for disk in context.writable):
        reasons = [_never(disk) for disk in context.writable]
        yield next((one for one in reasons if one), "it has no disk that can be in one")


def proposed(context: SnapshotContext) -> SnapshotKind | None:
    """Return the kind that is proposed; None where neither is possible.

    The kind that it has already; else the one that incremental backups go together with; else the
    one that this host can revert to.
    """
    possible = [kind for kind in _KINDS if not why_not(kind, context)]
    if not possible:
        return None
    if context.checkpoints or context.reverts_external:
        return possible[0]
    return possible[-1]


def _never(disk: SnapshotDiskFacts) -> str:
    """Why a disk can be in no external snapshot, "" where it can."""
    if disk.shareable:
        return f"{disk.target} is shareable, and others write to it past an overlay"
    if disk.device == "lun":
        return f"{disk.target} is a whole SCSI device that is passed through"
    if disk.kind in ("vhostuser", "nvme", "vhostvdpa"):
        return f"{disk.target} is {disk.kind}, which QEMU can put no overlay on"
    if disk.transient:
        return f"{disk.target} is transient: it forgets what is written anyway"
    return ""


def _places(disk: SnapshotDiskFacts, context: SnapshotContext) -> list[tuple[str, str]]:
    """Where the overlay of a disk can be: the option's name, and the folder."""
    if _never(disk):
        return []
    if disk.kind in ("file", "volume") and disk.source.startswith("/"):
        return [(_IN, posixpath.dirname(disk.source))]
    return [(f"{_IN} {pool.name}", pool.path) for pool in context.pools]


# -- the form ----------------------------------------------------------------------------------


def form_fields(
    context: SnapshotContext, entered: FormValues, usual_name: str
) -> tuple[FormField, ...]:
    """Return the fields, with the values entered or the defaults."""
    possible = [kind for kind in _KINDS if not why_not(kind, context)]
    usual = proposed(context)
    name = FormField("name", "name", entered.get("name") or usual_name)
    note = FormField("note", "note", entered.get("note", ""), needed=False)
    kinds = tuple(Option(kind.value, _word(kind, context)) for kind in possible)
    kind = choice("kind", "kind", kinds, entered, usual.value if usual is not None else "")
    fields = [name, note, kind]
    if kind.value == SnapshotKind.INTERNAL:
        return (*fields, *_internal_fields(context, entered))
    return (*fields, *_external_fields(context, entered))


def _word(kind: SnapshotKind, context: SnapshotContext) -> str:
    if kind in context.kinds:
        return "as those that it has"
    if kind is SnapshotKind.INTERNAL:
        return "ends incremental backups" if context.checkpoints else "this host can undo it"
    return "this host can undo it" if context.reverts_external else "cannot be undone while it runs"


def _internal_fields(context: SnapshotContext, entered: FormValues) -> Iterator[FormField]:
    if context.active:
        always = (Option(YES, "always so while it runs"),)
        yield choice("memory", "memory too", always, entered)
    if context.checkpoints:
        count = counted(len(context.checkpoints), "checkpoint")
        options = (
            Option(KEEP, "then no internal snapshot is taken"),
            Option(DELETE, "the next backup is a full one"),
        )
        yield choice("checkpoints", count, options, entered, KEEP)


def _external_fields(context: SnapshotContext, entered: FormValues) -> Iterator[FormField]:
    memory = NO
    if context.active and not context.passed_through:
        options = (
            Option(NO, "it boots again after a revert"),
            Option(YES, "it goes on from there"),
        )
        field = choice("memory", "memory too", options, entered)
        memory = field.value
        yield field
    if context.state == "running" and context.agent and memory == NO:
        options = (
            Option(YES, "quiesced: the agent freezes it a moment"),
            Option(NO, "as after a power cut"),
        )
        yield choice("quiesce", "hold writes", options, entered)
    plain = any(disk.format == "qcow2" for disk in context.writable if _places(disk, context))
    for disk in context.writable:
        places = _places(disk, context)
        if not places:
            continue
        where = [Option(name, _grows(disk, place)) for name, place in places]
        where.append(Option("out", "stays as it is now at a revert"))
        first = disk.mode != "no" and (disk.format == "qcow2" or not plain)
        usual = places[0][0] if first else "out"
        yield choice(f"{_DISK}{disk.target}", disk.target, tuple(where), entered, usual)


def _grows(disk: SnapshotDiskFacts, folder: str) -> str:
    place = posixpath.basename(folder) or folder
    if disk.format == "qcow2":
        return f"new file in {place}"
    return f"{disk.format}: is qcow2 in {place} on top"


# -- the plan ----------------------------------------------------------------------------------


def plan(
    context: SnapshotContext, entered: FormValues, usual_name: str = ""
) -> TakeSnapshotArguments:
    """Return what is taken. Raises InvalidInput while it cannot be."""
    if proposed(context) is None:
        raise InvalidInput(impossible(context))
    fields = form_fields(context, entered, usual_name)
    values = {one.name: one.value for one in fields}
    kind = SnapshotKind(values["kind"])
    name = checked_name(values["name"], context, kind)
    note = values["note"]
    if not note.isprintable():
        raise InvalidInput("a note can hold no control characters")
    after = context.current.name if context.current is not None else ""
    active = context.active
    # A screenshot is that of its first display; a domain that is off has none.
    screenshot = context.state == "running" and context.has_display
    if kind is SnapshotKind.INTERNAL:
        drops = values.get("checkpoints") == DELETE
        if context.checkpoints and not drops:
            raise InvalidInput(
                "internal snapshots and the checkpoints of incremental backups exclude each other: "
                "a revert would end the guest"
            )
        return TakeSnapshotArguments(
            name, kind, note, memory=active, active=active, after=after, screenshot=screenshot,
            drop_checkpoints=context.checkpoints,
        )  # fmt: skip
    overlays = tuple(_overlays(context, values, name))
    if not overlays:
        raise InvalidInput("no disk is in it: choose one at least")
    memory = values.get("memory") == YES
    taken = {one.target for one in overlays}
    folder = posixpath.dirname(overlays[0].path)
    return TakeSnapshotArguments(
        name,
        kind,
        note,
        memory=memory,
        memory_file=_free(folder, f"{context.name}.{name}", ".mem", context) if memory else "",
        quiesce=values.get("quiesce") == YES,
        overlays=overlays,
        left_out=tuple(one.target for one in context.disks if one.target not in taken),
        active=active,
        after=after,
        screenshot=screenshot,
    )


def impossible(context: SnapshotContext) -> str:
    """Return why a domain can have no snapshot at all, in words."""
    external = why_not(SnapshotKind.EXTERNAL, context)
    internal = why_not(SnapshotKind.INTERNAL, context)
    return f"no snapshot is possible. External: {external}. Internal: {internal}"


def checked_name(words: str, context: SnapshotContext, kind: SnapshotKind) -> str:
    """Return the name of a new snapshot. Raises InvalidInput."""
    if not words:
        raise InvalidInput("it needs a name")
    if "/" in words or words.startswith((".", "-")) or not words.isprintable():
        raise InvalidInput("a name holds no / and no control character, and begins with no . or -")
    if len(words.encode()) > _LONGEST:
        raise InvalidInput(f"a name has {_LONGEST} bytes at most")
    if any(one.name == words for one in context.snapshots):
        raise InvalidInput(f"it has a snapshot {words} already")
    if kind is SnapshotKind.INTERNAL and words.isdecimal():
        # qemu-img takes such a name for the number of another snapshot first.
        raise InvalidInput("an internal snapshot needs a name that is no number")
    return words


def _overlays(context: SnapshotContext, values: FormValues, name: str) -> Iterator[Overlay]:
    for disk in context.writable:
        chosen = values.get(f"{_DISK}{disk.target}", "out")
        folder = dict(_places(disk, context)).get(chosen)
        if folder is not None:
            stem = f"{context.name}-{disk.target}.{name}"
            yield Overlay(disk.target, _free(folder, stem, ".qcow2", context))


def _free(folder: str, stem: str, suffix: str, context: SnapshotContext) -> str:
    """Return a path in a folder that no known file has; a stem may come from a hostile name."""
    safe = re.sub(r"[^\w.+-]", "_", stem).lstrip(".-") or "snapshot"
    safe = safe.encode()[:200].decode(errors="ignore")
    known = {path for pool in context.pools for path in pool.files}
    known |= {disk.overlay for one in context.snapshots for disk in one.disks}
    known |= {one.memory_file for one in context.snapshots}
    path, number = posixpath.join(folder, f"{safe}{suffix}"), 2
    while path in known:
        path = posixpath.join(folder, f"{safe}-{number}{suffix}")
        number += 1
    return path


def needs_agent(contexts: Sequence[SnapshotContext]) -> str:
    """Return a sentence about those whose writes cannot be held, "" where all can."""
    silent = [one.name for one in contexts if one.state == "running" and not one.agent]
    return f"the agent of {listed(silent)} does not answer: writes are not held" if silent else ""
