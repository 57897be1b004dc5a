"""Results of checking a definition's text, and completions at a position in it."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.severity import Severity


class Diagnostic(Struct, frozen=True):
    """A problem. ``line`` and ``column`` count characters from 1, ``length`` may be 0.

    ``path`` leads to the element (``devices/disk/target``), "" stands for the whole document;
    ``fix`` is the likely replacement of those ``length`` characters, "" where there is none.
    libvirt refuses an error; a warning is only likely to be a mistake.
    """

    line: int
    column: int
    length: int
    words: str
    level: Severity = Severity.ERROR
    path: str = ""
    fix: str = ""


class Diagnostics(Struct, frozen=True):
    """The problems of a text, in the order of the text.

    ``schema`` names the schema used (``domain.rng, libvirt 9.0``), "" for none; ``note`` is a
    sentence about checks that were not possible, "" when all were made.
    """

    problems: tuple[Diagnostic, ...] = ()
    schema: str = ""
    note: str = ""


class CompletionItem(Struct, frozen=True):
    """A completion: ``text`` is inserted, and the cursor put ``cursor`` characters after its start.

    ``label`` is shown for it, with ``note`` as a short explanation.
    """

    text: str
    label: str
    note: str = ""
    cursor: int = 0


class Completion(Struct, frozen=True):
    """Replacements for the text from ``start`` to ``end``, likeliest first.

    ``title`` says what the items are and where they come from.
    """

    start: int
    end: int
    items: tuple[CompletionItem, ...]
    title: str
