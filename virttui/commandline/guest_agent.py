"""``password USER [NAME …]``: the password itself is asked for in a dialog."""

from __future__ import annotations

from msgspec.structs import replace

from virttui.commandline.parsed import ParseResult, PasswordCommand
from virttui.commandline.targets import UnknownName, find, names
from virttui.commandline.tokenizer import split
from virttui.model.commands import Target
from virttui.model.identity import Kind
from virttui.store.fleet_state import FleetState

_DOMAINS = frozenset({Kind.DOMAIN})


def read_password(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """The user, and the domains; without any it is for the selection or the marks."""
    words = split(line, start)
    last = words[-1]
    user, *more = words
    if user is last:
        reading = ParseResult(start=last.start, note="a user; the password is asked for afterwards")
        if not user.text:
            return replace(reading, error="name a user, as root", partial=True)
        return replace(reading, intent=PasswordCommand(user.text))
    before = [word.text for word in words[1:-1]]
    choices = tuple(names(last.text, fleet_state, _DOMAINS, before))
    reading = ParseResult(choices, last.start)
    targets: dict[Target, None] = {}
    for word in more:
        if word.text:
            try:
                targets |= dict.fromkeys(find(word, fleet_state, _DOMAINS))
            except UnknownName as error:
                partial = bool(choices) and error.word == last.text
                return replace(reading, error=error.sentence, word=error.word, partial=partial)
    return replace(reading, intent=PasswordCommand(user.text, tuple(targets)))
