"""``move vda fast``, ``grow vda +5G``, ``commit vda``, ``pull vda on web-01``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from virttui.commandline.parsed import DiskJobCommand, ParseResult
from virttui.commandline.set_add import targets_of
from virttui.commandline.tokenizer import split
from virttui.model.commands import Target, Verb
from virttui.render.search import PickerItem, search
from virttui.store.fleet_state import FleetState

VERBS = {
    "grow": (Verb.RESIZE, "its new size, 40G or +5G"),
    "move": (Verb.BLOCK_COPY, "the pool to move it to"),
    "commit": (Verb.BLOCK_COMMIT, "the file to commit into"),
    "pull": (Verb.BLOCK_PULL, "the file that stays its backing file"),
}
"""What each is, and what may stand behind the disk."""


def read_work(
    word: str,
    line: str,
    start: int,
    fleet_state: FleetState,
    disks: Sequence[str],
    pools: Sequence[str],
) -> ParseResult:
    """Read what stands behind one of ``VERBS``; ``disks`` are those of the selected domain."""
    words = split(line, start)
    before, targets, trouble = targets_of(words, fleet_state, least=1)
    if trouble is not None:
        return trouble
    verb, help = VERBS[word]
    last, typed = words[-1], [one for one in before if one.text]
    entries = tuple(search([PickerItem(f"{name} ", name) for name in disks], last.text))
    if not typed:
        return ParseResult(
            entries, last.start, error="name a disk, as vda", partial=True, note="a disk"
        )
    disk, *rest = (one.text for one in typed)
    if len(rest) > 1:
        return ParseResult((), last.start, error="one disk and one value", word=rest[1])
    intent = DiskJobCommand(verb, disk, "".join(rest), targets)
    if typed[0] is last:
        return ParseResult(entries, last.start, intent=intent)
    if verb is Verb.BLOCK_COPY and not rest:
        choices = tuple(PickerItem(name, name) for name in pools)
        return ParseResult(choices, last.start, intent=intent, note=help)
    value = "".join(rest)
    if verb is not Verb.BLOCK_COPY or value in pools or targets:
        return ParseResult((), last.start, intent=intent, note=help)
    found = tuple(search([PickerItem(name, name) for name in pools], value))
    error = f"no active pool is called {value}"
    return ParseResult(found, last.start, error=error, word=value, partial=bool(found), note=help)


def for_one(intent: DiskJobCommand, targets: tuple[Target, ...]) -> tuple[DiskJobCommand, str]:
    """The work for domains that were chosen and not named, and why it cannot be."""
    named = intent.targets or targets
    if not named:
        return intent, "no domain is selected"
    if len(named) > 1:
        return intent, "one domain at a time"
    return replace(intent, targets=named), ""
