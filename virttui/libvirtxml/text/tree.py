"""A tolerant tree of elements with the places of all their parts in the text.

An element without an end tag ends with its parent; an end tag without an element is skipped and
listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from virttui.libvirtxml.text.tokenizer import Part, scan

_ENTITY = re.compile(r"&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|\w+);")
_ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def unescaped(text: str) -> str:
    """Return ``text`` with XML's own entities and character numbers replaced; others stay as
    they are."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if not name.startswith("#"):
        return _ENTITIES.get(name, match[0])
    code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else match[0]


def escaped(text: str, quote: str = "") -> str:
    """Return ``text`` escaped for XML, or for an attribute in ``quote``."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quote == "'":
        return text.replace("'", "&apos;")
    return text.replace('"', "&quot;") if quote else text


@dataclass(slots=True, eq=False)
class Attribute:
    """An attribute. ``start`` and ``end`` span all of it, the others the text between its
    quotes."""

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    value: str


@dataclass(slots=True, eq=False)
class Element:
    """An element. ``start`` is its ``<``, ``open_end`` is after the ``>`` of its start tag.

    ``close_start`` is the ``<`` of its end tag and ``end`` is after it; an empty one (``<a/>``) has
    both at ``open_end``. ``closed`` is false where its end had to be guessed.
    """

    name: str
    start: int
    parent: Element | None = None
    open_end: int = 0
    close_start: int = 0
    end: int = 0
    empty: bool = False
    closed: bool = False
    attributes: list[Attribute] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    texts: list[tuple[int, int]] = field(default_factory=list)

    def attribute(self, name: str) -> Attribute | None:
        """Return the attribute called ``name``."""
        return next((found for found in self.attributes if found.name == name), None)

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute's value."""
        found = self.attribute(name)
        return found.value if found is not None else default

    def child(self, path: str) -> Element | None:
        """Return the first element at a path of names below this one."""
        return next(self.all(path), None)

    def all(self, path: str) -> Iterator[Element]:
        """Yield every element at a path of names below this one."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def walk(self) -> Iterator[Element]:
        """Yield every element below this one, in the order of the text."""
        stack = self.children[::-1]
        while stack:
            element = stack.pop()
            yield element
            stack += element.children[::-1]

    @property
    def path(self) -> tuple[str, ...]:
        """The names from the root element down to this one."""
        names: list[str] = []
        element: Element | None = self
        while element is not None and element.parent is not None:
            names.append(element.name)
            element = element.parent
        return tuple(reversed(names))


@dataclass(slots=True, eq=False)
class Tree:
    """The elements of a text. ``top`` has the root (or several) as children."""

    text: str
    top: Element
    stray_end_tags: list[tuple[int, int]] = field(default_factory=list)

    @property
    def root(self) -> Element | None:
        """The root element, None where there is none."""
        return self.top.children[0] if self.top.children else None

    def text_of(self, element: Element) -> str:
        """Return the text directly in an element, entities replaced, without surrounding blanks."""
        return "".join(unescaped(self.text[a:b]) for a, b in element.texts).strip()

    def at(self, offset: int) -> Element | None:
        """Return the innermost element around ``offset``."""
        found, element = None, self.top
        while True:
            inner = next((c for c in element.children if c.start <= offset < c.end), None)
            if inner is None:
                return found
            found = element = inner


def tree(text: str) -> Tree:
    """Return the tree of any text."""
    builder = _Builder(text)
    for token, _ in scan(text):
        builder.add(token.part, token.start, token.end)
    return builder.finish()


class _Builder:
    """Builds a tree from tokens."""

    def __init__(self, text: str) -> None:
        self._tree = Tree(text, Element("", 0, closed=True))
        self._open = [self._tree.top]
        self._names: Counter[str] = Counter()
        self._tag: Element | None = None
        self._closing: tuple[int, str] | None = None
        self._attribute: tuple[str, int] | None = None

    def add(self, part: Part, start: int, end: int) -> None:
        """Add one token."""
        if part in (Part.OPEN, Part.CLOSE_OPEN):
            self._begin_tag(start, closing=part is Part.CLOSE_OPEN)
        elif part is Part.NAME:
            self._name(self._tree.text[start:end])
        elif part is Part.ATTRIBUTE:
            self._finish_attribute(start)
            self._attribute = (self._tree.text[start:end], start)
        elif part is Part.VALUE:
            self._finish_attribute(end, start)
        elif part in (Part.END, Part.EMPTY_END):
            self._end_tag(end, empty=part is Part.EMPTY_END)
        elif part is Part.TEXT:
            self._open[-1].texts.append((start, end))
        elif part is Part.CDATA:
            self._open[-1].texts.append((start + 9, max(start + 9, end - 3)))

    def _begin_tag(self, start: int, *, closing: bool) -> None:
        self._end_tag(start, empty=False)
        if closing:
            self._closing = (start, "")
        else:
            self._tag = Element("", start, self._open[-1])

    def _name(self, name: str) -> None:
        if self._tag is not None:
            self._tag.name = name
        elif self._closing is not None:
            self._closing = (self._closing[0], name)

    def _finish_attribute(self, end: int, value: int | None = None) -> None:
        """Add an attribute whose value begins at ``value``, or that has none."""
        if self._attribute is None:
            return
        (name, start), self._attribute = self._attribute, None
        if self._tag is None:
            return  # An end tag has none, whatever is typed there.
        text = self._tree.text
        inside = (value + 1, end) if value is not None else (end, end)
        if value is not None and end - 1 > value and text[end - 1] == text[value]:
            inside = (value + 1, end - 1)
        shown = unescaped(text[inside[0] : inside[1]])
        self._tag.attributes.append(Attribute(name, start, end, *inside, shown))

    def _end_tag(self, place: int, *, empty: bool) -> None:
        self._finish_attribute(place)
        if self._tag is not None:
            tag, self._tag = self._tag, None
            tag.open_end = tag.close_start = tag.end = place
            tag.empty = tag.closed = empty
            self._open[-1].children.append(tag)
            if not empty:
                self._open.append(tag)
                self._names[tag.name] += 1
        elif self._closing is not None:
            (start, name), self._closing = self._closing, None
            self._close(name, start, place)

    def _close(self, name: str, start: int, end: int) -> None:
        # Counted, so that a text of nothing but stray ends costs no search each.
        if not self._names[name]:
            self._tree.stray_end_tags.append((start, end))
            return
        depth = next(n for n in range(len(self._open) - 1, 0, -1) if self._open[n].name == name)
        self._names.subtract(element.name for element in self._open[depth:])
        for element in self._open[depth + 1 :]:
            element.close_start = element.end = start
        self._open[depth].close_start, self._open[depth].end = start, end
        self._open[depth].closed = True
        del self._open[depth:]

    def finish(self) -> Tree:
        """Return the tree after the last token."""
        size = len(self._tree.text)
        self._end_tag(size, empty=False)
        for element in self._open:
            element.close_start = element.end = size
        return self._tree
