"""Check the text of a definition: is it XML, does its schema allow it, does the host know it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from lxml import etree

from virttui.libvirtxml.schema.host_values import HostValueLookup, unknown_values
from virttui.libvirtxml.schema.locate import locate_by_removal
from virttui.libvirtxml.schema.matcher import Mismatch, mismatches
from virttui.libvirtxml.schema.references import find_conflicts
from virttui.libvirtxml.schema.schema_files import Schema, schema
from virttui.libvirtxml.schema.size_limits import MAX_CHARACTERS, MAX_PROBLEMS, in_parts
from virttui.libvirtxml.schema.wellformed import SyntaxFault, parse_root
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import Tree, tree
from virttui.model.diagnostics import Diagnostic, Diagnostics
from virttui.model.documents import HostValues
from virttui.model.identity import Kind
from virttui.model.severity import Severity


def validate(text: str, kind: Kind, knowledge: HostValues | None) -> Diagnostics:
    """What is wrong with ``text``. It never raises, and its work is bounded whatever the text is.

    libxml2's verdict on libvirt's schema is the last word. What it allows and the model read from
    the same schema does not is no problem; what only it refuses is placed by trying.
    """
    if len(text) > MAX_CHARACTERS:
        many = f"this text has {len(text) // 1_000_000} million characters: it is not checked"
        return Diagnostics((Diagnostic(1, 1, 0, many),))
    found = schema(kind)
    known, note = (found, "") if isinstance(found, Schema) else (None, found)
    lookup = HostValueLookup(knowledge, kind) if knowledge is not None else None
    root = parse_root(text)
    if isinstance(root, SyntaxFault):
        problems = _check_broken(root, text, known, lookup)
    elif in_parts(text):
        problems = _check_wellformed(root, text, known, lookup)
    else:
        problems = [_TOO_LARGE] if known is not None and not known.allows(root) else []
    title = known.title if known is not None else ""
    return Diagnostics(tuple(problems[:MAX_PROBLEMS]), title, note)


_TOO_LARGE = Diagnostic(
    1, 1, 0, "something in this text is not allowed; it is too large to look for the place"
)


def _check_broken(
    fault: SyntaxFault, text: str, schema: Schema | None, lookup: HostValueLookup | None
) -> list[Diagnostic]:
    """What keeps a text from being XML, behind what is wrong in the part that is."""
    lines = _LineIndex(text)
    told = _Problems(lines)
    good = tree(text[: fault.good]) if in_parts(text) else None
    if good is not None and good.root is not None:
        if schema is not None:
            told.add(mismatches(good, good.root, schema.grammar), Severity.ERROR)
        _check_beyond_schema(told, good, good.root, lookup)
    broken = Diagnostic(*lines.place(fault.start, fault.end), fault.words, fix=fault.fix)
    return [*told.sorted()[: MAX_PROBLEMS - 1], broken]


def _check_wellformed(
    root: etree._Element, text: str, schema: Schema | None, lookup: HostValueLookup | None
) -> list[Diagnostic]:
    """What is wrong in a text that is XML, libxml2 having the last word."""
    told, known = _Problems(_LineIndex(text)), tree(text)
    assert known.root is not None, "what libxml2 has parsed has a root"
    if schema is not None and not schema.allows(root):
        found = mismatches(known, known.root, schema.grammar)
        told.add(found or [locate_by_removal(known.root, root, schema)], Severity.ERROR)
    _check_beyond_schema(told, known, known.root, lookup)
    return told.sorted()


def _check_beyond_schema(
    told: _Problems, known: Tree, root: Node, lookup: HostValueLookup | None
) -> None:
    """What no schema says: references inside the document, and what the host knows."""
    refused, doubtful = find_conflicts(known, root)
    told.add(refused, Severity.ERROR)
    told.add(doubtful, Severity.WARNING)
    if lookup is not None:
        told.add_hosts(unknown_values(known, root, lookup))


class _LineIndex:
    """Offsets as lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        place = text.find("\n")
        while place >= 0:
            self._starts.append(place + 1)
            place = text.find("\n", place + 1)

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """Line and column of ``start``, from 1, and how long the span is."""
        line = bisect_right(self._starts, start)
        return line, start - self._starts[line - 1] + 1, max(0, end - start)


class _Problems:
    """Problems as they are found."""

    def __init__(self, lines: _LineIndex) -> None:
        self._lines = lines
        self._found: dict[tuple[int, int, str], Diagnostic] = {}

    def add(self, found: list[Mismatch], level: Severity) -> None:
        """Take faults over."""
        for fault in found:
            problem = self._problem(fault, level)
            self._found[problem.line, problem.column, problem.words] = problem

    def add_hosts(self, found: list[Mismatch]) -> None:
        """Take over what the host does not know, where nothing worse is known already.

        What is empty is said in the host's words, even where the schema refuses it too: they name
        what can be used here.
        """
        known = {(one.line, one.column): key for key, one in self._found.items()}
        for fault in found:
            problem = self._problem(fault, Severity.WARNING)
            worse = known.get((problem.line, problem.column))
            if worse is None:
                self._found[problem.line, problem.column, problem.words] = problem
            elif problem.length == 0:
                self._found[worse] = replace(problem, level=self._found[worse].level)

    def _problem(self, fault: Mismatch, level: Severity) -> Diagnostic:
        place = self._lines.place(fault.start, fault.end)
        return Diagnostic(*place, fault.words, level, "/".join(fault.node.path[1:]), fault.fix)

    def sorted(self) -> list[Diagnostic]:
        """All of them, in the order of the text."""
        return sorted(self._found.values(), key=lambda one: (one.line, one.column))
