"""What a host knows of a value, found by the path of an element in a document."""

from __future__ import annotations

import re
from dataclasses import dataclass

from virttui.libvirtxml.schema.matcher import Mismatch, is_foreign, text_span
from virttui.libvirtxml.schema.messages import closest, did_you_mean, listed, quoted
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import Tree
from virttui.model.documents import HostValues, Option
from virttui.model.identity import Kind

_STEP = re.compile(r"([^\[/]+)(?:\[([^=\]]+)=([^\]]*)\])?/?")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One key of what a host knows, with the attributes that decide, by level below the root."""

    key: str
    conditions: tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class AllowedValues:
    """The values for one attribute or text; ``only`` says that no other can be used."""

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
"""What the values at a path are called; elsewhere the element and the attribute are said."""

_ELSEWHERE = {
    Kind.NETWORK: {"bridge@name"},
    Kind.NWFILTER: {"filterref@filter"},
    Kind.POOL: {"source/auth/secret@uuid"},
}
"""The paths that are those of other documents; all others are a domain's."""

_OBJECTS = {"pool", "volume", "network", "bridge", "network filter"}
"""What the host itself has, not its QEMU."""


class HostValueLookup:
    """Finds what a host knows, without walking all of it for each attribute."""

    def __init__(self, knowledge: HostValues, kind: Kind) -> None:
        self._knowledge = knowledge
        self._entries: dict[str, list[_Entry]] = {}
        own = _ELSEWHERE.get(kind, set())
        others = {path for paths in _ELSEWHERE.values() for path in paths}
        domains = kind in (Kind.DOMAIN, Kind.SAVED_IMAGE)
        for key in knowledge.values:
            plain, entry = _entry(key)
            if plain in own or (domains and plain not in others):
                self._entries.setdefault(plain, []).append(entry)

    @property
    def host(self) -> str:
        """The host's name."""
        return self._knowledge.source.rpartition(" on ")[2] or "this host"

    def told(self, known: AllowedValues, what: str) -> str:
        """What values are and who knows them: ``5 NIC models QEMU 9.0 on kvm01 knows``."""
        noun, count = known.noun or f"value of {what}", len(known.values)
        first, _, rest = noun.partition(" of ")
        if count != 1:
            first += "es" if first.endswith("bus") else "s"
        noun = f"{first} of {rest}" if rest else first
        if known.noun in _OBJECTS:
            return f"{count} {noun} on {self.host}"
        return f"{count} {noun} {self._knowledge.source} knows"

    def of(self, chain: list[Node], attribute: str = "") -> AllowedValues | None:
        """What is known for an attribute, or the text, of the last of ``chain`` (root first)."""
        path = "/".join(node.name for node in chain[1:]) + (f"@{attribute}" if attribute else "")
        for entry in self._entries.get(path, ()):
            if all(chain[level].get(name) == value for level, name, value in entry.conditions):
                only = entry.key in self._knowledge.exhaustive
                noun = _NOUNS.get(path, "")
                return AllowedValues(self._knowledge.values[entry.key], only, noun)
        return None


def _entry(key: str) -> tuple[str, _Entry]:
    path, at, attribute = key.rpartition("@") if "@" in key.rpartition("]")[2] else (key, "", "")
    names: list[str] = []
    conditions: list[tuple[int, str, str]] = []
    for step in _STEP.finditer(path):
        names.append(step[1])
        if step[2] is not None:
            conditions.append((len(names), step[2], step[3]))
    return "/".join(names) + at + attribute, _Entry(key, tuple(conditions))


def unknown_values(tree: Tree, root: Node, lookup: HostValueLookup) -> list[Mismatch]:
    """Values that the host does not know, or that are empty where it knows some."""
    found: list[Mismatch] = []
    waiting = [[root]]
    while waiting:
        chain = waiting.pop()
        node = chain[-1]
        for attribute in node.attributes:
            known = lookup.of(chain, attribute.name)
            if known is not None:
                what = f"{node.name} {attribute.name}"
                span = attribute.value_start, attribute.value_end
                found += _judged(node, what, attribute.value, span, known, lookup)
        known = lookup.of(chain)
        if known is not None and node.closed and not node.children:
            text = tree.text_of(node)
            found += _judged(node, node.name, text, text_span(tree, node), known, lookup)
        waiting += ([*chain, child] for child in node.children if not is_foreign(child))
    return found


def _judged(
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
        return [Mismatch(*span, f"{what} is empty. The host knows {listed(names)}", node)]
    if not known.only:
        # br1 is near to br0, and no mistake.
        return []
    fix = closest(value, names)
    what = known.noun or what
    where = "on" if what in _OBJECTS else "known on"
    words = f"{what} {quoted(value)} is not {where} {lookup.host}"
    return [Mismatch(*span, f"{words}.{did_you_mean(fix)}" if fix else words, node, fix)]
