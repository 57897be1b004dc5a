"""One thing of its host that a definition names, and the reader that knows what it looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

Element = etree._Element
_PATH = re.compile(r"/|^(?:~|@|unix:|file:|exec:|fd:)", re.IGNORECASE)
"""A path, also one that is not absolute: daemons run in "/"."""


@dataclass(frozen=True, slots=True)
class HostAccess:
    """Something of the host.

    ``words`` say what it does there, "it" being the domain. ``grave`` is what nobody would expect
    of a machine that came from elsewhere: it has to be left out, or given to it deliberately.
    ``single`` is what only one domain can have at a time: the second one does not start.
    ``path`` are the numbers of the child elements from the root down to the element that names it;
    ``attribute`` is what goes when it is left out, "" for the whole element.
    """

    words: str
    path: tuple[int, ...]
    attribute: str = ""
    grave: bool = True
    single: bool = False


@dataclass(frozen=True, slots=True)
class KnownHostPaths:
    """What is known of the host.

    ``name`` is what the host is called in sentences. ``volumes`` are the paths of the volumes of
    its pools; ``emulators`` and ``firmwares`` are the paths that libvirt itself names for it.
    """

    name: str = "the host"
    volumes: frozenset[str] = frozenset()
    emulators: frozenset[str] = frozenset()
    firmwares: frozenset[str] = frozenset()


@dataclass(slots=True)
class AccessReader:
    """A definition that is being read; what was looked at is not reported as unknown."""

    root: Element
    known: KnownHostPaths
    found: list[HostAccess] = field(default_factory=list)
    _seen: set[tuple[Element, str]] = field(default_factory=set)

    def value(self, element: Element | None, name: str) -> str:
        """An attribute that was looked at."""
        if element is None:
            return ""
        self._seen.add((element, name))
        return element.get(name, "").strip()

    def text(self, element: Element | None) -> str:
        """The text of an element as libvirt reads it, comments in it notwithstanding."""
        if element is None:
            return ""
        self._seen.add((element, ""))
        return content(element)

    def harmless(self, element: Element) -> None:
        """Nothing in an element or below it reaches into the host."""
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
        """Report something that an element names."""
        self.found.append(HostAccess(words, place(element), attribute, grave, single))

    def unknown(self) -> Iterator[tuple[Element, str, str]]:
        """Everything that looks like a path and was not looked at: element, attribute, value."""
        for element in elements(self.root):
            own = "".join([element.text or "", *(child.tail or "" for child in element)])
            for name, value in [*attributes(element), ("", own)]:
                if (element, name) not in self._seen and _PATH.search(value.strip()):
                    yield element, name, value.strip()


def elements(root: Element) -> Iterator[Element]:
    """An element and all below it, without comments."""
    for one in root.iter():
        if isinstance(one.tag, str):
            yield one


def attributes(element: Element) -> list[tuple[str, str]]:
    """The attributes of an element, name and value."""
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def values(element: Element | None) -> list[str]:
    """The values of the attributes that are not empty."""
    return [value for _, value in attributes(element) if value] if element is not None else []


def content(element: Element) -> str:
    """All text in an element as libvirt reads it: whatever stands between its parts."""
    parts = [element.text or ""]
    for child in element:
        parts += [content(child) if isinstance(child.tag, str) else "", child.tail or ""]
    return "".join(parts).strip()


def place(element: Element) -> tuple[int, ...]:
    """The numbers of the child elements that lead from the root to this one."""
    numbers: list[int] = []
    while (parent := element.getparent()) is not None:
        siblings = [one for one in parent if isinstance(one.tag, str)]
        numbers.append(siblings.index(element))
        element = parent
    return tuple(reversed(numbers))
