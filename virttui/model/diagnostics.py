"""What a check finds in the text of a definition, and what may be typed at a place in it."""

from __future__ import annotations

from dataclasses import dataclass

from virttui.model.severity import Severity


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault. ``line`` and ``column`` count characters from 1, ``length`` may be 0.

    ``path`` leads to the element (``devices/disk/target``), "" for the document as a whole; ``fix``
    is what is most likely meant in the place of those ``length`` characters, "" where nobody knows.
    An error is refused by libvirt, a warning is only likely to be one.
    """

    line: int
    column: int
    length: int
    words: str
    level: Severity = Severity.ERROR
    path: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """What was found, in the order of the text.

    ``schema`` says what it was held against (``domain.rng, libvirt 9.0``), "" for nothing; ``note``
    is one sentence about what could not be checked, "" when all was.
    """

    problems: tuple[Diagnostic, ...] = ()
    schema: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CompletionItem:
    """One thing that may be typed: ``text`` goes in, the cursor ``cursor`` behind its start.

    ``label`` is shown for it, with ``note`` as a word of help.
    """

    text: str
    label: str
    note: str = ""
    cursor: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand in the place of the text from ``start`` to ``end``, likeliest first.

    ``title`` says what the items are and where they come from.
    """

    start: int
    end: int
    items: tuple[CompletionItem, ...]
    title: str
