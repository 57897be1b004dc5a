"""Lookup of a host's values by the path of an element in a document."""

from __future__ import annotations

import re

from msgspec import Struct

from virttui.libvirtxml.schema.matcher import Mismatch, is_foreign, text_span
from virttui.libvirtxml.schema.messages import closest, did_you_mean, join_words, quoted
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import Tree
from virttui.model.documents import HostValues, Option
from virttui.model.identity import Kind

_STEP = re.compile(r"([^\[/]+)(?:\[([^=\]]+)=([^\]]*)\])?/?")


class _Entry(Struct, frozen=True):
    """A key of the host's values, with the attributes that decide, by level below the root."""

    key: str
    conditions: tuple[tuple[int, str, str], ...]


class AllowedValues(Struct, frozen=True):
    """The values for one attribute or text; ``only``: no other can be used."""

    values: tuple[Option, ...]
    only: bool
    noun: str


_NOUNS = {
    "@type": "virtualization",
    "os/type@machine": "machine type",
    "os/type@arch": "architecture",
    "os/type": "kind of guest",
    "os@firmware": "firmware",
    "os/loader": "firmware image",
    "os/loader@type": "loader type",
    "cpu@mode": "CPU mode",
    "cpu/model": "CPU model",
    "devices/disk@device": "disk device",
    "devices/disk/target@bus": "disk bus",
    "devices/disk@model": "disk model",
    "devices/disk/source@pool": "pool",
    "devices/disk/source@volume": "volume",
    "devices/interface/source@network": "network",
    "devices/interface/source@bridge": "bridge",
    "devices/interface/filterref@filter": "network filter",
    "devices/interface/model@type": "NIC model",
    "devices/graphics@type": "graphics type",
    "devices/video/model@type": "video model",
    "devices/hostdev@type": "host device type",
    "devices/hostdev@mode": "host device mode",
    "devices/rng@model": "RNG model",
    "devices/rng/backend@model": "RNG backend",
    "devices/filesystem/driver@type": "filesystem driver",
    "devices/tpm@model": "TPM model",
    "devices/tpm/backend@type": "TPM backend",
    "devices/redirdev@bus": "redirection bus",
    "devices/channel@type": "channel type",
    "devices/crypto@model": "crypto model",
    "devices/crypto/backend@model": "crypto backend",
    "memoryBacking/source@type": "memory source",
    "bridge@name": "bridge",
    "filterref@filter": "network filter",
}
"""Names for the values at a path; other paths are named by element and attribute."""

_PATHS_BY_KIND = {
    Kind.NETWORK: {"bridge@name"},
    Kind.NWFILTER: {"filterref@filter"},
    Kind.POOL: {"source/auth/secret@uuid"},
}
"""The paths of other documents; all others are a domain's."""

_HOST_OBJECTS = {"pool", "volume", "network", "bridge", "network filter"}
"""Nouns of objects that belong to the host, not to its QEMU."""


class HostValueLookup:
    """Finds a host's values without walking all of them for each attribute."""

    def __init__(self, knowledge: HostValues, kind: Kind) -> None:
        self._knowledge = knowledge
        self._entries: dict[str, list[_Entry]] = {}
        own = _PATHS_BY_KIND.get(kind, set())
        others = {path for paths in _PATHS_BY_KIND.values() for path in paths}
        domains = kind in (Kind.DOMAIN, Kind.SAVED_IMAGE)
        for key in knowledge.values:
            plain, entry = _parse_key(key)
            if plain in own or (domains and plain not in others):
                self._entries.setdefault(plain, []).append(entry)

    @property
    def host(self) -> str:
        """The host's name."""
        return self._knowledge.source.rpartition(" on ")[2] or "this host"

    def describe(self, known: AllowedValues, what: str) -> str:
        """Return a title for values and their origin: ``5 NIC models QEMU 9.0 on kvm01 knows``."""
        noun, count = known.noun or f"value of {what}", len(known.values)
        first, _, rest = noun.partition(" of ")
        if count != 1:
            first += "es" if first.endswith("bus") else "s"
        noun = f"{first} of {rest}" if rest else first
        if known.noun in _HOST_OBJECTS:
            return f"{count} {noun} on {self.host}"
        return f"{count} {noun} {self._knowledge.source} knows"

    def allowed_values(self, chain: list[Node], attribute: str = "") -> AllowedValues | None:
        """Return the values for an attribute, or the text, of the last of ``chain`` (root
        first)."""
        path = "/".join(node.name for node in chain[1:]) + (f"@{attribute}" if attribute else "")
        for entry in self._entries.get(path, ()):
            if all(chain[level].get(name) == value for level, name, value in entry.conditions):
                only = entry.key in self._knowledge.exhaustive
                noun = _NOUNS.get(path, "")
                return AllowedValues(self._knowledge.values[entry.key], only, noun)
        return None


def _parse_key(key: str) -> tuple[str, _Entry]:
    path, at, attribute = key.rpartition("@") if "@" in key.rpartition("]")[2] else (key, "", "")
    names: list[str] = []
    conditions: list[tuple[int, str, str]] = []
    for step in _STEP.finditer(path):
        names.append(step[1])
        if step[2] is not None:
            conditions.append((len(names), step[2], step[3]))
    return "/".join(names) + at + attribute, _Entry(key, tuple(conditions))


def unknown_values(tree: Tree, root: Node, lookup: HostValueLookup) -> list[Mismatch]:
    """Return the values that the host does not have, or that are empty where it has some."""
    found: list[Mismatch] = []
    stack = [[root]]
    while stack:
        chain = stack.pop()
        node = chain[-1]
        for attribute in node.attributes:
            known = lookup.allowed_values(chain, attribute.name)
            if known is not None:
                what = f"{node.name} {attribute.name}"
                span = attribute.value_start, attribute.value_end
                found += _check_value(node, what, attribute.value, span, known, lookup)
        known = lookup.allowed_values(chain)
        if known is not None and node.closed and not node.children:
            text = tree.text_of(node)
            found += _check_value(node, node.name, text, text_span(tree, node), known, lookup)
        stack += ([*chain, child] for child in node.children if not is_foreign(child))
    return found


def _check_value(
    node: Node,
    what: str,
    value: str,
    span: tuple[int, int],
    known: AllowedValues,
    lookup: HostValueLookup,
) -> list[Mismatch]:
    names = [one.name for one in known.values]
    if value in names or not names:
        return []
    if not value:
        return [Mismatch(*span, f"{what} is empty. The host knows {join_words(names)}", node)]
    if not known.only:
        # br1 is near to br0, and no mistake.
        return []
    fix = closest(value, names)
    what = known.noun or what
    where = "on" if what in _HOST_OBJECTS else "known on"
    words = f"{what} {quoted(value)} is not {where} {lookup.host}"
    return [Mismatch(*span, f"{words}.{did_you_mean(fix)}" if fix else words, node, fix)]
