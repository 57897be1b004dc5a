"""A host resource that a definition names, and the reader that records which parts were read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from msgspec import Struct

Element = etree._Element
_PATH = re.compile(r"/|^(?:~|@|unix:|file:|exec:|fd:)", re.IGNORECASE)
"""A path, also a relative one: daemons run in "/"."""


class HostAccess(Struct, frozen=True):
    """An access to the host.

    ``words`` describe its effect, with "it" for the domain. ``grave``: nobody would expect it of a
    machine from elsewhere, so it must be left out, or be allowed by the user. ``single``: only one
    domain can have it at a time, a second one does not start. ``path`` are the numbers of the child
    elements from the root down to the element that names it; ``attribute`` is the part to remove
    when it is left out, "" for the whole element.
    """

    words: str
    path: tuple[int, ...]
    attribute: str = ""
    grave: bool = True
    single: bool = False


class KnownHostPaths(Struct, frozen=True):
    """Known paths of the host.

    ``name`` is the host's name in sentences. ``volumes`` are the paths of the volumes of its pools;
    ``emulators`` and ``firmwares`` are the paths that libvirt itself reports for it.
    """

    name: str = "the host"
    volumes: frozenset[str] = frozenset()
    emulators: frozenset[str] = frozenset()
    firmwares: frozenset[str] = frozenset()


@dataclass(slots=True)
class AccessReader:
    """Reads a definition; parts that were read are not reported as unknown."""

    root: Element
    known: KnownHostPaths
    accesses: list[HostAccess] = field(default_factory=list)
    _seen: set[tuple[Element, str]] = field(default_factory=set)

    def read_attribute(self, element: Element | None, name: str) -> str:
        """Return an attribute, and record it as read."""
        if element is None:
            return ""
        self._seen.add((element, name))
        return element.get(name, "").strip()

    def read_text(self, element: Element | None) -> str:
        """Return the text of an element as libvirt reads it, without comments."""
        if element is None:
            return ""
        self._seen.add((element, ""))
        return content(element)

    def mark_harmless(self, element: Element) -> None:
        """Record an element and everything below it as read."""
        for one in elements(element):
            self._seen.add((one, ""))
            self._seen.update((one, name) for name, _ in attributes(one))

    def report(
        self,
        words: str,
        element: Element,
        attribute: str = "",
        *,
        grave: bool = True,
        single: bool = False,
    ) -> None:
        """Report an access that an element names."""
        self.accesses.append(HostAccess(words, element_path(element), attribute, grave, single))

    def unread_paths(self) -> Iterator[tuple[Element, str, str]]:
        """Yield everything that looks like a path and was not read: element, attribute, value."""
        for element in elements(self.root):
            own = "".join([element.text or "", *(child.tail or "" for child in element)])
            for name, value in [*attributes(element), ("", own)]:
                if (element, name) not in self._seen and _PATH.search(value.strip()):
                    yield element, name, value.strip()


def elements(root: Element) -> Iterator[Element]:
    """Yield an element and all below it, without comments."""
    for one in root.iter():
        if isinstance(one.tag, str):
            yield one


def attributes(element: Element) -> list[tuple[str, str]]:
    """Return the attributes of an element, name and value."""
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def values(element: Element | None) -> list[str]:
    """Return the values of the attributes that are not empty."""
    return [value for _, value in attributes(element) if value] if element is not None else []


def content(element: Element) -> str:
    """Return all text in an element as libvirt reads it, between its child elements as well."""
    parts = [element.text or ""]
    for child in element:
        parts += [content(child) if isinstance(child.tag, str) else "", child.tail or ""]
    return "".join(parts).strip()


def element_path(element: Element) -> tuple[int, ...]:
    """Return the numbers of the child elements that lead from the root to this one."""
    numbers: list[int] = []
    while (parent := element.getparent()) is not None:
        siblings = [one for one in parent if isinstance(one.tag, str)]
        numbers.append(siblings.index(element))
        element = parent
    return tuple(reversed(numbers))
