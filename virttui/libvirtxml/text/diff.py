"""Differences between two texts: hunks of lines, changed words, and the elements they are in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from virttui.libvirtxml.text.tree import Element, tree

_WORDS = re.compile(r"\w+|\s+|.")


class Hunk(Struct, frozen=True):
    """Lines ``old_start`` to ``old_end`` became ``new_start`` to ``new_end`` (0-based, end
    excluded)."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def hunks(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Return the differences of two lists of lines, in order."""
    first, shortest = 0, min(len(old), len(new))
    while first < shortest and old[first] == new[first]:
        first += 1
    last = 0
    while last < shortest - first and old[-1 - last] == new[-1 - last]:
        last += 1
    middle_old, middle_new = old[first : len(old) - last], new[first : len(new) - last]
    if not middle_old or not middle_new:
        if not middle_old and not middle_new:
            return []
        return [Hunk(first, first + len(middle_old), first, first + len(middle_new))]
    matcher = SequenceMatcher(None, middle_old, middle_new, autojunk=False)
    return [
        Hunk(first + a, first + b, first + c, first + d)
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]


def changed_words(old: str, new: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the spans in two lines that differ, by words; none where the lines have little in
    common."""
    one, other = _WORDS.findall(old), _WORDS.findall(new)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.ratio() < 0.5:
        return [], []
    spans_old: list[tuple[int, int]] = []
    spans_new: list[tuple[int, int]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            spans_old += _span(one, a, b)
            spans_new += _span(other, c, d)
    return spans_old, spans_new


def _span(words: list[str], start: int, end: int) -> list[tuple[int, int]]:
    if start == end:
        return []
    before = sum(map(len, words[:start]))
    return [(before, before + sum(map(len, words[start:end])))]


def counts(found: Sequence[Hunk]) -> tuple[int, int]:
    """Return the number of added and of removed lines."""
    added = sum(hunk.new_end - hunk.new_start for hunk in found)
    return added, sum(hunk.old_end - hunk.old_start for hunk in found)


class ElementPaths:
    """The element of each line of a text, in words: ``devices › disk vda``."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tree = tree(text)
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def at_line(self, line: int) -> tuple[str, ...]:
        """Return the names that lead to the element of a line, below the root and at most to a
        device."""
        line = min(line, len(self._starts) - 2)
        offset = self._starts[line]
        text = self._text[offset : self._starts[line + 1]]
        offset += len(text) - len(text.lstrip())
        element = self._tree.at(offset)
        if element is None:
            return ()
        return path_words(element)


def path_words(element: Element) -> tuple[str, ...]:
    """Return ``("devices", "disk vda")`` for anything inside of that disk."""
    chain: list[Element] = []
    current: Element | None = element
    while current is not None and current.parent is not None:
        chain.append(current)
        current = current.parent
    chain = chain[::-1][1:]
    if not chain:
        return ()
    if chain[0].name == "devices" and len(chain) > 1:
        return "devices", label(chain[1])
    return (chain[0].name,)


def label(element: Element) -> str:
    """Return an element with the value that distinguishes it: ``disk vda``, ``channel qemu-ga``."""
    if element.name == "controller":
        return " ".join(["controller", element.get("type"), element.get("index")]).strip()
    for path, name in _LABEL_ATTRIBUTES.get(element.name, _DEFAULT_ATTRIBUTES):
        found = element.child(path) if path else element
        value = found.get(name) if found is not None else ""
        if value:
            return f"{element.name} {_SHORT.get(value, value)}"
    return element.name


_SHORT = {"org.qemu.guest_agent.0": "qemu-ga", "com.redhat.spice.0": "spice"}


_DEFAULT_ATTRIBUTES = (("", "name"), ("", "type"))
_LABEL_ATTRIBUTES: dict[str, tuple[tuple[str, str], ...]] = {
    "disk": (("target", "dev"),),
    "interface": (("target", "dev"), ("mac", "address"), ("", "type")),
    "channel": (("target", "name"), ("", "type")),
    "serial": (("target", "port"), ("", "type")),
    "console": (("target", "port"), ("", "type")),
    "video": (("model", "type"),),
    "rng": (("", "model"),),
    "tpm": (("", "model"),),
    "watchdog": (("", "model"),),
    "memballoon": (("", "model"),),
    "filesystem": (("target", "dir"),),
    "hostdev": (("", "type"),),
    "input": (("", "type"),),
    "host": (("", "name"), ("", "mac")),
}
