"""The check of a definition's text: is it XML, does its schema allow it, does the host know its
values."""

from __future__ import annotations

from bisect import bisect_right

from lxml import etree
from msgspec.structs import replace

from virttui.libvirtxml.schema.host_values import HostValueLookup, unknown_values
from virttui.libvirtxml.schema.locate import locate_by_removal
from virttui.libvirtxml.schema.matcher import Mismatch, mismatches
from virttui.libvirtxml.schema.references import find_conflicts
from virttui.libvirtxml.schema.schema_files import Schema, schema
from virttui.libvirtxml.schema.size_limits import MAX_CHARACTERS, MAX_PROBLEMS, is_walkable
from virttui.libvirtxml.schema.wellformed import SyntaxFault, parse_root
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import Tree, tree
from virttui.model.diagnostics import Diagnostic, Diagnostics
from virttui.model.documents import HostValues
from virttui.model.identity import Kind
from virttui.model.severity import Severity


def validate(text: str, kind: Kind, knowledge: HostValues | None) -> Diagnostics:
    """Return the problems of ``text``. It never raises, and its work is bounded for any text.

    libxml2's verdict on libvirt's schema is final. A mismatch in a text that libxml2 accepts is no
    problem; for a text that only libxml2 refuses, the place is found by trying.
    """
    if len(text) > MAX_CHARACTERS:
        words = f"this text has {len(text) // 1_000_000} million characters: it is not checked"
        return Diagnostics((Diagnostic(1, 1, 0, words),))
    found = schema(kind)
    known, note = (found, "") if isinstance(found, Schema) else (None, found)
    lookup = HostValueLookup(knowledge, kind) if knowledge is not None else None
    root = parse_root(text)
    if isinstance(root, SyntaxFault):
        problems = _check_malformed(root, text, known, lookup)
    elif is_walkable(text):
        problems = _check_wellformed(root, text, known, lookup)
    else:
        problems = [_TOO_LARGE] if known is not None and not known.allows(root) else []
    title = known.title if known is not None else ""
    return Diagnostics(tuple(problems[:MAX_PROBLEMS]), title, note)


_TOO_LARGE = Diagnostic(
    1, 1, 0, "something in this text is not allowed; it is too large to look for the place"
)


def _check_malformed(
    fault: SyntaxFault, text: str, schema: Schema | None, lookup: HostValueLookup | None
) -> list[Diagnostic]:
    """Return the syntax fault of a text, after the problems in the valid part before it."""
    lines = _LineIndex(text)
    problems = _Problems(lines)
    valid = tree(text[: fault.valid_length]) if is_walkable(text) else None
    if valid is not None and valid.root is not None:
        if schema is not None:
            problems.add(mismatches(valid, valid.root, schema.grammar), Severity.ERROR)
        _check_beyond_schema(problems, valid, valid.root, lookup)
    broken = Diagnostic(*lines.place(fault.start, fault.end), fault.words, fix=fault.fix)
    return [*problems.sorted()[: MAX_PROBLEMS - 1], broken]


def _check_wellformed(
    root: etree._Element, text: str, schema: Schema | None, lookup: HostValueLookup | None
) -> list[Diagnostic]:
    """Return the problems of a well-formed text; libxml2's verdict is final."""
    problems, known = _Problems(_LineIndex(text)), tree(text)
    assert known.root is not None, "what libxml2 has parsed has a root"
    if schema is not None and not schema.allows(root):
        found = mismatches(known, known.root, schema.grammar)
        problems.add(found or [locate_by_removal(known.root, root, schema)], Severity.ERROR)
    _check_beyond_schema(problems, known, known.root, lookup)
    return problems.sorted()


def _check_beyond_schema(
    problems: _Problems, parsed: Tree, root: Node, lookup: HostValueLookup | None
) -> None:
    """Add problems that no schema finds: conflicts inside the document, and values unknown to
    the host."""
    refused, doubtful = find_conflicts(parsed, root)
    problems.add(refused, Severity.ERROR)
    problems.add(doubtful, Severity.WARNING)
    if lookup is not None:
        problems.add_hosts(unknown_values(parsed, root, lookup))


class _LineIndex:
    """Converts offsets to lines and columns."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        place = text.find("\n")
        while place >= 0:
            self._starts.append(place + 1)
            place = text.find("\n", place + 1)

    def place(self, start: int, end: int) -> tuple[int, int, int]:
        """Return line and column of ``start``, from 1, and the length of the span."""
        line = bisect_right(self._starts, start)
        return line, start - self._starts[line - 1] + 1, max(0, end - start)


class _Problems:
    """Collects problems."""

    def __init__(self, lines: _LineIndex) -> None:
        self._lines = lines
        self._found: dict[tuple[int, int, str], Diagnostic] = {}

    def add(self, found: list[Mismatch], level: Severity) -> None:
        """Add mismatches."""
        for fault in found:
            problem = self._problem(fault, level)
            self._found[problem.line, problem.column, problem.words] = problem

    def add_hosts(self, found: list[Mismatch]) -> None:
        """Add values unknown to the host, where no worse problem has the same place.

        An empty value gets this message even where the schema refuses it too: it names the values
        that can be used here.
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
        """Return all problems, in the order of the text."""
        return sorted(self._found.values(), key=lambda one: (one.line, one.column))
