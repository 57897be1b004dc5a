"""``snapshot before-17.5 --memory``, ``snapshot nightly --at-rest on web-*``, ``revert NAME``."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from virttui.commandline.parsed import ParseResult, RevertCommand, SnapshotCommand
from virttui.commandline.set_add import targets_of
from virttui.commandline.tokenizer import split
from virttui.model.commands import Target
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState

MEMORY, AT_REST, FORCE = "--memory", "--at-rest", "--force"
_OPTIONS = {
    MEMORY: "its memory too: a revert goes on from that moment",
    AT_REST: "quiesced: the agent holds its writes for that moment",
}


def read_snapshot(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """Read the name of a snapshot and its options; without ``on`` it is for the selection."""
    words = split(line, start)
    before, targets, trouble = targets_of(words, fleet_state, least=1)
    if trouble is not None:
        return trouble
    last = words[-1]
    begins = last.text.startswith("-")
    choices = tuple(
        PickerItem(option, option, help)
        for option, help in _OPTIONS.items()
        if begins and option.startswith(last.text)
    )
    reading = ParseResult(choices, last.start, note="a name; the sheet is shown before it is taken")
    options = [word.text for word in before if word.text.startswith("-")]
    names = [word.text for word in before if word.text and not word.text.startswith("-")]
    unknown = next((one for one in options if one not in _OPTIONS), "")
    if unknown:
        error = f"{unknown} is not known: {MEMORY} or {AT_REST}"
        return replace(reading, error=error, word=unknown, partial=bool(choices))
    if len(names) > 1:
        return replace(reading, error="one name; on WEB-01 says of which domain", word=names[1])
    intent = SnapshotCommand("".join(names), MEMORY in options, AT_REST in options, targets)
    return replace(reading, intent=intent)


def read_revert(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """Read the name of the snapshot to go back to; without ``on`` of the selected domain."""
    words = split(line, start)
    before, targets, trouble = targets_of(words, fleet_state, least=1)
    if trouble is not None:
        return trouble
    last = words[-1]
    choices: tuple[PickerItem[str], ...] = ()
    if last.text.startswith("-") and FORCE.startswith(last.text):
        choices = (PickerItem(FORCE, FORCE, "where libvirt calls it risky"),)
    reading = ParseResult(choices, last.start, note="a snapshot; what is lost is asked first")
    options = [word.text for word in before if word.text.startswith("-")]
    names = [word.text for word in before if word.text and not word.text.startswith("-")]
    unknown = next((one for one in options if one != FORCE), "")
    if unknown:
        error = f"{unknown} is not known: {FORCE}"
        return replace(reading, error=error, word=unknown, partial=bool(choices))
    if not names:
        return replace(reading, error="name a snapshot; t lists them", partial=True)
    if len(names) > 1 or len(targets) > 1:
        return replace(reading, error="one snapshot of one domain")
    return replace(reading, intent=RevertCommand(names[0], FORCE in options, targets))


def for_domains(
    intent: SnapshotCommand | RevertCommand, targets: tuple[Target, ...]
) -> tuple[SnapshotCommand | RevertCommand, str]:
    """The intent for domains that were chosen and not named, and why it cannot be."""
    if isinstance(intent, RevertCommand) and len(targets) > 1:
        return intent, "one domain at a time"
    return replace(intent, targets=targets), "" if targets else "no domain is selected"


def entered(intent: SnapshotCommand) -> Mapping[str, str]:
    """The values of the sheet that a line gives."""
    given = {"name": intent.name} if intent.name else {}
    given |= {"memory": "yes"} if intent.memory else {}
    return given | ({"quiesce": "yes"} if intent.quiesce else {})
