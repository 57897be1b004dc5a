"""A tolerant tree of elements with the places of all their parts in the text.

What is not closed ends where its parent does; what closes nothing is passed over and listed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from virttui.libvirtxml.text.tokenizer import Part, scan

_ENTITY = re.compile(r"&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|\w+);")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def unescaped(text: str) -> str:
    """``text`` with XML's own entities and character numbers read; others stay as they are."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if not name.startswith("#"):
        return _NAMED.get(name, match[0])
    code = int(name[2:], 16) if name[1] == "x" else int(name[1:])
    return chr(code) if code <= 0x10FFFF else match[0]


def escaped(text: str, quote: str = "") -> str:
    """``text`` as it stands in a definition, or between ``quote`` in an attribute."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if quote == "'":
        return text.replace("'", "&apos;")
    return text.replace('"', "&quot;") if quote else text


@dataclass(slots=True, eq=False)
class Attribute:
    """An attribute. ``start`` and ``end`` span all of it, the others what is between its quotes."""

    name: str
    start: int
    end: int
    value_start: int
    value_end: int
    value: str


@dataclass(slots=True, eq=False)
class Element:
    """An element. ``start`` is its ``<``, ``open_end`` is behind the ``>`` of its first tag.

    ``close_start`` is the ``<`` of its last tag and ``end`` is behind it; an empty one
    (``<a/>``) has both at ``open_end``. ``closed`` is false where its end had to be guessed.
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
        """The attribute called ``name``."""
        return next((found for found in self.attributes if found.name == name), None)

    def get(self, name: str, default: str = "") -> str:
        """An attribute's value."""
        found = self.attribute(name)
        return found.value if found is not None else default

    def child(self, path: str) -> Element | None:
        """The first element at a path of names below this one."""
        return next(self.all(path), None)

    def all(self, path: str) -> Iterator[Element]:
        """Every element at a path of names below this one."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                if rest:
                    yield from child.all(rest)
                else:
                    yield child

    def walk(self) -> Iterator[Element]:
        """Every element below this one, in the order of the text."""
        waiting = self.children[::-1]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += element.children[::-1]

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
    """The elements of a text. ``top`` holds the root (or several) as children."""

    text: str
    top: Element
    strays: list[tuple[int, int]] = field(default_factory=list)

    @property
    def root(self) -> Element | None:
        """The root element, where there is one."""
        return self.top.children[0] if self.top.children else None

    def text_of(self, element: Element) -> str:
        """What stands directly in an element, entities read, without surrounding blanks."""
        return "".join(unescaped(self.text[a:b]) for a, b in element.texts).strip()

    def at(self, offset: int) -> Element | None:
        """The innermost element around ``offset``."""
        found, element = None, self.top
        while True:
            inner = next((c for c in element.children if c.start <= offset < c.end), None)
            if inner is None:
                return found
            found = element = inner


def tree(text: str) -> Tree:
    """The tree of any text at all."""
    builder = _Builder(text)
    for token, _ in scan(text):
        builder.take(token.part, token.start, token.end)
    return builder.done()


class _Builder:
    """Takes tokens one by one."""

    def __init__(self, text: str) -> None:
        self._tree = Tree(text, Element("", 0, closed=True))
        self._open = [self._tree.top]
        self._names: Counter[str] = Counter()
        self._tag: Element | None = None
        self._closing: tuple[int, str] | None = None
        self._attribute: tuple[str, int] | None = None

    def take(self, part: Part, start: int, end: int) -> None:
        """One token."""
        if part in (Part.OPEN, Part.CLOSE_OPEN):
            self._begin_tag(start, closing=part is Part.CLOSE_OPEN)
        elif part is Part.NAME:
            self._name(self._tree.text[start:end])
        elif part is Part.ATTRIBUTE:
            self._give(start)
            self._attribute = (self._tree.text[start:end], start)
        elif part is Part.VALUE:
            self._give(end, start)
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

    def _give(self, end: int, value: int | None = None) -> None:
        """An attribute is whole, with a value that begins at ``value`` or without one."""
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
        self._give(place)
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
            self._tree.strays.append((start, end))
            return
        depth = next(n for n in range(len(self._open) - 1, 0, -1) if self._open[n].name == name)
        self._names.subtract(element.name for element in self._open[depth:])
        for element in self._open[depth + 1 :]:
            element.close_start = element.end = start
        self._open[depth].close_start, self._open[depth].end = start, end
        self._open[depth].closed = True
        del self._open[depth:]

    def done(self) -> Tree:
        """The text is over."""
        size = len(self._tree.text)
        self._end_tag(size, empty=False)
        for element in self._open:
            element.close_start = element.end = size
        return self._tree
