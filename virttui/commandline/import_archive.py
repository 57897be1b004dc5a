"""``import FILE``, ``archive FILE`` and ``archive NAME FILE``."""

from __future__ import annotations

from virttui.actions.target import ActionContext
from virttui.commandline.parsed import ImportArchiveCommand, ParseResult
from virttui.commandline.targets import UnknownName, find, names
from virttui.commandline.tokenizer import split
from virttui.model.identity import Kind
from virttui.store.fleet_state import FleetState

_DOMAINS = frozenset({Kind.DOMAIN})


def read_import(line: str, start: int) -> ParseResult:
    """The file that a machine comes in."""
    words = [word for word in split(line, start) if word.text]
    if not words:
        note = "OVA, OVF, VMX, XML, or an archive"
        return ParseResult(error="import needs a file name", partial=True, note=note)
    if len(words) > 1:
        return ParseResult(error="one file at a time; quote a name with blanks", word=words[1].text)
    return ParseResult(intent=ImportArchiveCommand(words[0].text))


def read_archive(
    line: str, start: int, situation: ActionContext, fleet_state: FleetState
) -> ParseResult:
    """The file that a machine goes into: the selected one, or the one that is named before it."""
    every = split(line, start)
    words = [word for word in every if word.text]
    choices = tuple(names(every[-1].text, fleet_state, _DOMAINS)) if len(words) < 2 else ()
    begin = every[-1].start
    if not words:
        return ParseResult(choices, begin, error="archive needs a file name", partial=True,
                       note="a name, a file")  # fmt: skip
    if len(words) > 2:
        return ParseResult(error="one machine and one file at a time", word=words[2].text)
    *named, file = words
    if not named:
        if [one.kind for one in situation.subjects] != [Kind.DOMAIN]:
            wrong = "archive: select one domain, or name it before the file"
            return ParseResult(choices, begin, error=wrong, partial=bool(choices))
        return ParseResult(choices, begin, intent=ImportArchiveCommand(file.text, packs=True))
    try:
        targets = find(named[0], fleet_state, _DOMAINS)
    except UnknownName as error:
        return ParseResult(error=error.sentence, word=error.word)
    if len(targets) > 1:
        return ParseResult(error="one machine at a time", word=named[0].text)
    return ParseResult(intent=ImportArchiveCommand(file.text, packs=True, targets=tuple(targets)))
