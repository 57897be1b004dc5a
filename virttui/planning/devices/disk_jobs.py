"""Work on the disk of a running domain, from a form: its fields, what they come to, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from virttui.libvirtxml.edits.operands import bytes_of
from virttui.model.commands import Verb
from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer, DiskJob, TargetPool
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.volumes import FILE_POOLS, NewVolume, free_name
from virttui.planning.form import choice
from virttui.planning.network_pool.volume import checked_name, new_size

TargetPools = Sequence[TargetPool]

_KEEP, _DROP = "kept", "deleted"
_ALL = "nothing"


def form_fields(
    verb: Verb, chain: BackingChain, entered: FormValues, shelves: TargetPools
) -> tuple[FormField, ...]:
    """The fields of one kind of work, with the values they have as given or else as usual."""
    return _FORM_FIELDS[verb](chain, entered, shelves)


def plan(verb: Verb, chain: BackingChain, entered: FormValues, shelves: TargetPools) -> DiskJob:
    """The work. Raises InvalidInput, in words, while it cannot be done."""
    values = {one.name: one.value for one in form_fields(verb, chain, entered, shelves)}
    return _PLANS[verb](chain, values, shelves)


def meaning(verb: Verb, chain: BackingChain, work: DiskJob) -> str:
    """What the work comes to, in a sentence or two."""
    return _MEANINGS[verb](chain, work)


def why_not(verb: Verb, chain: BackingChain) -> str:
    """Why a disk cannot be worked on so, "" when it can."""
    if chain.copied_to and not chain.ready:
        return f"{chain.disk} is being copied to {chain.copied_to}; X in the tasks ends that"
    if chain.copied_to:
        return f"{chain.disk} waits for its copy to be finished: f in the tasks"
    if verb in (Verb.BLOCK_COMMIT, Verb.BLOCK_PULL) and len(chain.layers) < 2:
        return f"{chain.disk} lies on nothing: it is one file"
    return ""


# -- fields ------------------------------------------------------------------------------------


def _limit(entered: FormValues) -> FormField:
    note = "bytes a second at most: 100M"
    return FormField("limit", "no faster", entered.get("limit", ""), needed=False, note=note)


def _limit_of(values: FormValues) -> int:
    return bytes_of(values["limit"].removesuffix("/s")) if values.get("limit") else 0


def _grow_fields(
    chain: BackingChain, entered: FormValues, shelves: TargetPools
) -> tuple[FormField, ...]:
    note = "40G, or +5G for so much more"
    return (FormField("size", "size", entered.get("size", ""), note=note),)


def _plan_grow(chain: BackingChain, values: FormValues, shelves: TargetPools) -> DiskJob:
    now = chain.capacity or 0
    size = new_size(values["size"], now)
    if size < now:
        raise InvalidInput("it can only grow while its guest runs")
    return DiskJob(chain.disk, capacity=size)


def _move_fields(
    chain: BackingChain, entered: FormValues, shelves: TargetPools
) -> tuple[FormField, ...]:
    pools = tuple(Option(one.name, one.note) for one in shelves)
    first = chain.layers[0]
    usual = next((one.name for one in shelves if not _holds(one, first)), "")
    pool = choice("pool", "to pool", pools, entered, usual)
    shelf = _shelf(pool.value, shelves)
    name = entered.get("name") or (_free_name(first, shelf) if shelf is not None else "")
    fields = [pool, FormField("name", "name", name, note="what its volume is called there")]
    if shelf is not None and shelf.context.type in FILE_POOLS:
        known = tuple(Option(one) for one in _formats(first))
        fields.append(choice("format", "format", known, entered))
    after = (Option(_KEEP, "it stays, not in use"), Option(_DROP, "once the guest is off it"))
    return (*fields, choice("old", "old volume is", after, entered), _limit(entered))


def _holds(shelf: TargetPool, layer: ChainLayer) -> bool:
    if layer.pool:
        return layer.pool == shelf.name
    return any(volume.path == layer.source for volume in shelf.context.volumes)


def _formats(first: ChainLayer) -> tuple[str, ...]:
    usual = first.format if first.format in ("qcow2", "raw") else "qcow2"
    return usual, "raw" if usual == "qcow2" else "qcow2"


def _shelf(name: str, shelves: TargetPools) -> TargetPool | None:
    return next((one for one in shelves if one.name == name), None)


def _free_name(layer: ChainLayer, shelf: TargetPool) -> str:
    return free_name(layer.name, {volume.name for volume in shelf.context.volumes})


def _plan_move(chain: BackingChain, values: FormValues, shelves: TargetPools) -> DiskJob:
    shelf = _shelf(values["pool"], shelves)
    if shelf is None:
        raise InvalidInput("no pool of this host is on")
    name = checked_name(values["name"], shelf.context)
    needed = chain.allocation or 0
    if needed > shelf.context.available:
        raise InvalidInput(f"{shelf.name} has less space than the disk takes now")
    files = shelf.context.type in FILE_POOLS
    capacity = chain.capacity or 0
    return DiskJob(
        chain.disk,
        _places(chain),
        new=NewVolume(name, capacity, values.get("format", ""), 0 if files else None),
        target_pool=shelf.key,
        target_pool_name=shelf.name,
        delete_old=values["old"] == _DROP,
        limit=_limit_of(values),
    )


def _places(chain: BackingChain) -> tuple[str, ...]:
    return tuple(layer.source for layer in chain.layers)


def _called(chain: BackingChain) -> list[str]:
    """What the layers of a chain are called: by their names, or paths where two have one name."""
    names = [layer.name for layer in chain.layers]
    return names if len(set(names)) == len(names) else [layer.source for layer in chain.layers]


def _commit_fields(
    chain: BackingChain, entered: FormValues, shelves: TargetPools
) -> tuple[FormField, ...]:
    names = _called(chain)
    tops = tuple(
        Option(name, "what is written to now" if not number else "")
        for number, name in enumerate(names[:-1])
    )
    top = choice("top", "commit", tops, entered)
    below = names[names.index(top.value) + 1 :]
    bases = tuple(Option(name, "the one under it" if not n else "") for n, name in enumerate(below))
    after = (Option(_DROP, "they hold nothing of use then"), Option(_KEEP, "as stale files"))
    return (
        top,
        choice("base", "into", bases, entered),
        choice("old", "merged files are", after, entered),
        _limit(entered),
    )


def _plan_commit(chain: BackingChain, values: FormValues, shelves: TargetPools) -> DiskJob:
    names = _called(chain)
    return DiskJob(
        chain.disk,
        _places(chain),
        top=names.index(values["top"]),
        base=names.index(values["base"]),
        delete_old=values["old"] == _DROP,
        limit=_limit_of(values),
    )


def _pull_fields(
    chain: BackingChain, entered: FormValues, shelves: TargetPools
) -> tuple[FormField, ...]:
    stays = tuple(Option(name, "shared with others, maybe") for name in _called(chain)[2:])
    bases = (Option(_ALL, "it needs no other file then"), *stays)
    return (choice("base", "lies then on", bases, entered), _limit(entered))


def _plan_pull(chain: BackingChain, values: FormValues, shelves: TargetPools) -> DiskJob:
    names, base = _called(chain), values["base"]
    number = len(names) if base == _ALL else names.index(base)
    return DiskJob(chain.disk, _places(chain), base=number, limit=_limit_of(values))


# -- in words ----------------------------------------------------------------------------------


def _grow_meaning(chain: BackingChain, work: DiskJob) -> str:
    return "The guest sees it at once; its partitions and file systems are its own to grow."


def _move_meaning(chain: BackingChain, work: DiskJob) -> str:
    first, deep = chain.layers[0], len(chain.layers)
    said = f"The guest runs on; when all of {first.name} is copied it goes on with the new one."
    if deep > 1:
        said += f" Its chain of {deep} becomes one volume."
    return said


def _commit_meaning(chain: BackingChain, work: DiskJob) -> str:
    gone = " and ".join(layer.name for layer in chain.layers[work.top : work.base])
    base = chain.layers[work.base].name
    return (
        f"What {gone} holds is written into {base}, for good. Snapshots that need {base} as it "
        "is are lost."
    )


def _pull_meaning(chain: BackingChain, work: DiskJob) -> str:
    gone = " and ".join(layer.name for layer in chain.layers[1 : work.base])
    return f"What is read from {gone} is copied into {chain.layers[0].name}; {gone} stays."


_FORM_FIELDS: dict[
    Verb, Callable[[BackingChain, FormValues, TargetPools], tuple[FormField, ...]]
] = {
    Verb.RESIZE: _grow_fields,
    Verb.BLOCK_COPY: _move_fields,
    Verb.BLOCK_COMMIT: _commit_fields,
    Verb.BLOCK_PULL: _pull_fields,
}
_PLANS: dict[Verb, Callable[[BackingChain, FormValues, TargetPools], DiskJob]] = {
    Verb.RESIZE: _plan_grow,
    Verb.BLOCK_COPY: _plan_move,
    Verb.BLOCK_COMMIT: _plan_commit,
    Verb.BLOCK_PULL: _plan_pull,
}
_MEANINGS: dict[Verb, Callable[[BackingChain, DiskJob], str]] = {
    Verb.RESIZE: _grow_meaning,
    Verb.BLOCK_COPY: _move_meaning,
    Verb.BLOCK_COMMIT: _commit_meaning,
    Verb.BLOCK_PULL: _pull_meaning,
}
