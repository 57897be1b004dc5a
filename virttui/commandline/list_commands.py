"""The commands on lists: go to a row, export the rows, show and keep saved views."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from virttui.commandline.parsed import ExportCommand, GotoCommand, ParseResult, ViewCommand
from virttui.commandline.targets import ALL_KINDS, KIND_WORDS, UnknownName, find, names
from virttui.commandline.tokenizer import split
from virttui.render.search import PickerItem
from virttui.store.fleet_state import FleetState

FORMATS = ("csv", "jsonl")


def read_go(line: str, start: int, fleet_state: FleetState) -> ParseResult:
    """``go NAME``, ``go HOST/NAME``, ``go net NAME``."""
    words = split(line, start)
    last = words[-1]
    kinds = ALL_KINDS
    if len(words) > 1 and words[0].text.casefold() in KIND_WORDS:
        kinds = frozenset({KIND_WORDS[words[0].text.casefold()]})
    choices = tuple(names(last.text, fleet_state, kinds))
    reading = ParseResult(choices, last.start, note="a name, or HOST/NAME" if not last.text else "")
    if not last.text:
        return replace(reading, error="go needs a name", partial=True)
    try:
        targets = find(last, fleet_state, kinds)
    except UnknownName as error:
        return replace(reading, error=error.sentence, word=error.word, partial=bool(choices))
    return replace(reading, intent=GotoCommand(targets[0]))


def read_export(line: str, start: int) -> ParseResult:
    """``export FILE [csv|jsonl]``, ``export history FILE [csv|jsonl]``."""
    words = split(line, start)
    last, evaluate = words[-1], [word.text for word in words if word.text]
    history = bool(evaluate) and evaluate[0] == "history" and not words[0].quoted
    rest = evaluate[1:] if history and (len(evaluate) > 1 or words[-1].text == "") else evaluate
    history = history and rest is not evaluate
    if not rest:
        first = (PickerItem("history ", "history", "the metrics history of the selected domain"),)
        return ParseResult(
            () if history else first, last.start, error="export needs a file name",
            partial=True, note="a file, such as domains.csv",
        )  # fmt: skip
    path, *formats = rest
    after = [PickerItem(one, one) for one in FORMATS if one.startswith(last.text)]
    choices = tuple(after) if last.text not in (path, "history") else ()
    if len(formats) > 1 or (formats and formats[0] not in FORMATS):
        bad = next(one for one in formats if one not in FORMATS or one is formats[-1])
        partial = bad == last.text and bool(choices)
        return ParseResult(choices, last.start, error="the format is csv or jsonl", word=bad,
                       partial=partial)  # fmt: skip
    if not formats and not path.casefold().endswith((".csv", ".jsonl")):
        return ParseResult(choices, last.start, error="add csv or jsonl after the name", word=path,
                       partial=True, note="csv or jsonl")  # fmt: skip
    return ParseResult(choices, last.start, intent=ExportCommand(path, "".join(formats), history))


def read_view(line: str, start: int, views: Sequence[str]) -> ParseResult:
    """``view NAME``, ``view save NAME``, ``view delete NAME``."""
    words = split(line, start)
    last, first = words[-1], words[0].text
    verb = first if first in ("save", "delete") and len(words) > 1 else "show"
    named = words[1:] if verb != "show" else words
    name = " ".join(word.text for word in named).strip()
    known = [PickerItem(one, one) for one in views if one.startswith(name)]
    begin = named[0].start
    if verb == "show":
        known += [
            PickerItem(f"{one} ", one, note)
            for one, note in (("save", "this list under a name"), ("delete", "a saved view"))
            if one.startswith(name)
        ]
    reading = ParseResult(tuple(known), begin, note="a name" if not last.text else "")
    if not name:
        return replace(reading, error=f"view {verb} needs a name", partial=True)
    if verb != "save" and name not in views:
        there = f"no view is called {name}"
        return replace(reading, error=there, word=last.text, partial=bool(known))
    return replace(reading, intent=ViewCommand(name, verb))
