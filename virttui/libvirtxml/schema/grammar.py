"""The reader of libvirt's RELAX NG grammars, which become patterns.

It knows the elements that libvirt's schemas use: grammar (nested too), start, define (combined
too), include (overridden too), ref, element, attribute, group, interleave, choice, optional,
zeroOrMore, oneOrMore, data with parameters and exceptions, value, text, empty and notAllowed.
Anything else is read as "any text", so that a later schema makes the checks weaker and causes no
false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from lxml import etree

from virttui.libvirtxml.schema import pattern as p
from virttui.libvirtxml.schema.datatypes import datatype
from virttui.libvirtxml.schema.pattern import Element, Pattern

_RNG = "{http://relaxng.org/ns/structure/1.0}"


class Grammar:
    """A grammar. ``top`` is the pattern of a whole document. Raises OSError and XMLSyntaxError."""

    def __init__(self, path: Path, *, inner: etree._Element | None = None) -> None:
        """Read the grammar of a file, or the ``inner`` one of it, which has names of its own."""
        self._parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
        )
        self._seen: set[Path] = set()
        self._defines: dict[str, list[etree._Element]] = {}
        self._combined: dict[str, str] = {}
        self._patterns: dict[str, Pattern] = {}
        if inner is None:
            self._include(path, overridden=set())
        else:
            self._read_parts(inner, path, overridden=set())
        self.top = self._definition("")

    @cached_property
    def parents(self) -> dict[str, tuple[str, ...]]:
        """The names of all elements, each with the elements that may contain it."""
        found: dict[str, dict[str, None]] = {}
        queue = list(p.leaves(self.top))
        done: set[Pattern] = set()
        while queue:
            element = queue.pop()
            if not isinstance(element, Element) or element in done:
                continue
            done.add(element)
            for child in element.content.children:
                found.setdefault(child, {})[element.name] = None
            queue += p.leaves(element.content)
        return {name: tuple(homes) for name, homes in found.items()}

    def _include(self, path: Path, overridden: set[str]) -> None:
        """Read the definitions of a file, except those that the including file overrides."""
        if path in self._seen:
            return
        self._seen.add(path)
        text = path.read_bytes()
        # Its place is what a grammar within it finds its own files by.
        self._read_parts(etree.fromstring(text, self._parser, base_url=str(path)), path, overridden)

    def _read_parts(
        self, parts: Iterable[etree._Element], path: Path, overridden: set[str]
    ) -> None:
        for part in parts:
            if part.tag == f"{_RNG}include":
                own = {one.get("name", "") for one in part}
                self._include(path.parent / part.get("href", ""), overridden | own)
                self._read_parts(part, path, overridden)
            elif part.tag in (f"{_RNG}define", f"{_RNG}start"):
                # The start has no name of its own.
                name = part.get("name", "")
                if name not in overridden:
                    self._defines.setdefault(name, []).append(part)
                    self._combined[name] = part.get("combine") or self._combined.get(name, "choice")

    def _definition(self, name: str) -> Pattern:
        """Return the pattern of a name. Names refer to themselves only through an element's
        content."""
        if name not in self._patterns:
            make = p.interleave if self._combined.get(name) == "interleave" else p.choice
            defined = self._defines.get(name)
            self._patterns[name] = make(*map(self._group, defined)) if defined else p.TEXT
        return self._patterns[name]

    def _group(self, node: etree._Element) -> Pattern:
        """Return everything in ``node``, in order."""
        return p.group(*map(self._read, node))

    def _read(self, node: etree._Element) -> Pattern:
        reader = self._readers.get(str(node.tag).removeprefix(_RNG))
        return reader(node) if reader is not None else p.TEXT

    @cached_property
    def _readers(self) -> dict[str, Callable[[etree._Element], Pattern]]:
        return {
            "ref": lambda node: self._definition(node.get("name", "")),
            "element": self._element,
            "attribute": self._attribute,
            "grammar": lambda node: Grammar(Path(str(node.base)), inner=node).top,
            "group": self._group,
            "interleave": lambda node: p.interleave(*map(self._read, node)),
            "choice": lambda node: p.choice(*map(self._read, node)),
            "optional": lambda node: p.optional(self._group(node)),
            "zeroOrMore": lambda node: p.optional(p.repeat(self._group(node))),
            "oneOrMore": lambda node: p.repeat(self._group(node)),
            "data": self._data,
            "value": lambda node: p.Value(" ".join((node.text or "").split())),
            "text": lambda node: p.TEXT,
            "empty": lambda node: p.EMPTY,
            "notAllowed": lambda node: p.NOTHING,
        }

    def _element(self, node: etree._Element) -> Pattern:
        if node.get("ns"):
            # Elements of other namespaces are passed over, and none of libvirt's is required.
            return p.EMPTY
        if len(node) and node[-1].tag == f"{_RNG}notAllowed":
            return p.NOTHING
        name = node.get("name")
        if name is None:
            return Element(p.ANY, lambda: p.TEXT)
        return Element(name, lambda: self._group(node))

    def _attribute(self, node: etree._Element) -> Pattern:
        name = node.get("name")
        if name is None:
            return p.EMPTY
        return p.Attribute(name, self._group(node) if len(node) else p.TEXT)

    def _data(self, node: etree._Element) -> Pattern:
        params: dict[str, list[str]] = {}
        for param in node.iterfind(f"{_RNG}param"):
            params.setdefault(param.get("name", ""), []).append(param.text or "")
        without = node.find(f"{_RNG}except")
        return p.Data(
            datatype(node.get("type", ""), params),
            p.choice(*map(self._read, without)) if without is not None else p.NOTHING,
            _defining_name(node),
        )


def _defining_name(node: etree._Element) -> str:
    """Return the name of a definition that consists of datatypes only, "" for any other."""
    names = {str(one.tag).removeprefix(_RNG): one.get("name", "") for one in node.iterancestors()}
    return "" if {"element", "attribute"} & names.keys() else names.get("define", "")
