"""Operations on the disk of a running domain: their forms, and their effect in words."""

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
_NO_BASE = "nothing"


def form_fields(
    verb: Verb, chain: BackingChain, entered: FormValues, pools: TargetPools
) -> tuple[FormField, ...]:
    """Return the fields of an operation, with the values entered or the defaults."""
    return _FORM_FIELDS[verb](chain, entered, pools)


def plan(verb: Verb, chain: BackingChain, entered: FormValues, pools: TargetPools) -> DiskJob:
    """Return the operation. Raises InvalidInput while it is not possible."""
    values = {one.name: one.value for one in form_fields(verb, chain, entered, pools)}
    return _PLANS[verb](chain, values, pools)


def meaning(verb: Verb, chain: BackingChain, job: DiskJob) -> str:
    """Return the effect of the operation, in a sentence or two."""
    return _MEANINGS[verb](chain, job)


def why_not(verb: Verb, chain: BackingChain) -> str:
    """Return the reason why this operation is not possible on a disk, else ""."""
    if chain.copied_to and not chain.ready:
        return f"{chain.disk} is being copied to {chain.copied_to}; X in the tasks ends that"
    if chain.copied_to:
        return f"{chain.disk} waits for its copy to be finished: f in the tasks"
    if verb in (Verb.BLOCK_COMMIT, Verb.BLOCK_PULL) and len(chain.layers) < 2:
        return f"{chain.disk} has no backing file"
    return ""


# -- fields ------------------------------------------------------------------------------------


def _limit(entered: FormValues) -> FormField:
    note = "bytes a second at most: 100M"
    return FormField("limit", "no faster", entered.get("limit", ""), needed=False, note=note)


def _limit_of(values: FormValues) -> int:
    return bytes_of(values["limit"].removesuffix("/s")) if values.get("limit") else 0


def _grow_fields(
    chain: BackingChain, entered: FormValues, pools: TargetPools
) -> tuple[FormField, ...]:
    note = "40G, or +5G for so much more"
    return (FormField("size", "size", entered.get("size", ""), note=note),)


def _plan_grow(chain: BackingChain, values: FormValues, pools: TargetPools) -> DiskJob:
    now = chain.capacity or 0
    size = new_size(values["size"], now)
    if size < now:
        raise InvalidInput("it can only grow while its guest runs")
    return DiskJob(chain.disk, capacity=size)


def _move_fields(
    chain: BackingChain, entered: FormValues, target_pools: TargetPools
) -> tuple[FormField, ...]:
    options = tuple(Option(one.name, one.note) for one in target_pools)
    first = chain.layers[0]
    usual = next((one.name for one in target_pools if not _is_in(one, first)), "")
    pool = choice("pool", "to pool", options, entered, usual)
    target = _pool_named(pool.value, target_pools)
    name = entered.get("name") or (_free_name(first, target) if target is not None else "")
    fields = [pool, FormField("name", "name", name, note="what its volume is called there")]
    if target is not None and target.context.type in FILE_POOLS:
        known = tuple(Option(one) for one in _formats(first))
        fields.append(choice("format", "format", known, entered))
    after = (Option(_KEEP, "it stays, not in use"), Option(_DROP, "once the guest is off it"))
    return (*fields, choice("old", "old volume is", after, entered), _limit(entered))


def _is_in(pool: TargetPool, layer: ChainLayer) -> bool:
    if layer.pool:
        return layer.pool == pool.name
    return any(volume.path == layer.source for volume in pool.context.volumes)


def _formats(first: ChainLayer) -> tuple[str, ...]:
    usual = first.format if first.format in ("qcow2", "raw") else "qcow2"
    return usual, "raw" if usual == "qcow2" else "qcow2"


def _pool_named(name: str, pools: TargetPools) -> TargetPool | None:
    return next((one for one in pools if one.name == name), None)


def _free_name(layer: ChainLayer, pool: TargetPool) -> str:
    return free_name(layer.name, {volume.name for volume in pool.context.volumes})


def _plan_move(chain: BackingChain, values: FormValues, pools: TargetPools) -> DiskJob:
    target_pool = _pool_named(values["pool"], pools)
    if target_pool is None:
        raise InvalidInput("no pool of this host is active")
    name = checked_name(values["name"], target_pool.context)
    needed = chain.allocation or 0
    if needed > target_pool.context.available:
        raise InvalidInput(f"{target_pool.name} has less space than the disk takes now")
    files = target_pool.context.type in FILE_POOLS
    capacity = chain.capacity or 0
    return DiskJob(
        chain.disk,
        _sources(chain),
        new=NewVolume(name, capacity, values.get("format", ""), 0 if files else None),
        target_pool=target_pool.key,
        target_pool_name=target_pool.name,
        delete_old=values["old"] == _DROP,
        limit=_limit_of(values),
    )


def _sources(chain: BackingChain) -> tuple[str, ...]:
    return tuple(layer.source for layer in chain.layers)


def _layer_names(chain: BackingChain) -> list[str]:
    """Return the names of a chain's layers, or their paths where two have the same name."""
    names = [layer.name for layer in chain.layers]
    return names if len(set(names)) == len(names) else [layer.source for layer in chain.layers]


def _commit_fields(
    chain: BackingChain, entered: FormValues, pools: TargetPools
) -> tuple[FormField, ...]:
    names = _layer_names(chain)
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


def _plan_commit(chain: BackingChain, values: FormValues, pools: TargetPools) -> DiskJob:
    names = _layer_names(chain)
    return DiskJob(
        chain.disk,
        _sources(chain),
        top=names.index(values["top"]),
        base=names.index(values["base"]),
        delete_old=values["old"] == _DROP,
        limit=_limit_of(values),
    )


def _pull_fields(
    chain: BackingChain, entered: FormValues, pools: TargetPools
) -> tuple[FormField, ...]:
    stays = tuple(Option(name, "shared with others, maybe") for name in _layer_names(chain)[2:])
    bases = (Option(_NO_BASE, "it needs no other file then"), *stays)
    return (choice("base", "then based on", bases, entered), _limit(entered))


def _plan_pull(chain: BackingChain, values: FormValues, pools: TargetPools) -> DiskJob:
    names, base = _layer_names(chain), values["base"]
    number = len(names) if base == _NO_BASE else names.index(base)
    return DiskJob(chain.disk, _sources(chain), base=number, limit=_limit_of(values))


# -- in words ----------------------------------------------------------------------------------


def _grow_meaning(chain: BackingChain, job: DiskJob) -> str:
    return "The guest sees it at once; its partitions and file systems are its own to grow."


def _move_meaning(chain: BackingChain, job: DiskJob) -> str:
    first, deep = chain.layers[0], len(chain.layers)
    text = f"The guest keeps running; it switches to the new volume once {first.name} is copied."
    if deep > 1:
        text += f" Its chain of {deep} becomes one volume."
    return text


def _commit_meaning(chain: BackingChain, job: DiskJob) -> str:
    merged = " and ".join(layer.name for layer in chain.layers[job.top : job.base])
    base = chain.layers[job.base].name
    return (
        f"What {merged} holds is written into {base}, for good. Snapshots that need {base} as it "
        "is are lost."
    )


def _pull_meaning(chain: BackingChain, job: DiskJob) -> str:
    merged = " and ".join(layer.name for layer in chain.layers[1 : job.base])
    return f"What is read from {merged} is copied into {chain.layers[0].name}; {merged} stays."


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
