"""Documents: every XML definition that libvirt keeps or tells, and what is known about one."""

from __future__ import annotations

from dataclasses import dataclass, field

from virttui.model.identity import Kind, ObjectId


@dataclass(frozen=True, slots=True)
class Document:
    """One definition, by what it is known by. ``name`` is for people.

    ``part`` tells apart what shares a key: a snapshot's name (the key is its domain's), a volume's
    name (the key is its pool's), a port's UUID (the key is its network's). The binding of a filter
    is known by the device that it is bound to, its part is the filter. Domain capabilities with a
    domain's UUID are those of its own emulator, architecture, machine and virtualization; with ""
    they are the host's default.
    """

    kind: Kind
    key: ObjectId
    name: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document's text as libvirt tells it at one moment.

    ``stored`` is what may be edited: what counts from the next start on, read with passwords where
    the connection may see them. ``live`` is what runs now, "" when nothing does or the document
    knows no difference. ``why_not`` says why it cannot be changed, "" when it can. ``transient``:
    it runs and nothing is stored; then ``stored`` is "".
    """

    document: Document
    stored: str = field(repr=False)
    live: str = field(default="", repr=False)
    why_not: str = ""
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One value a host knows, and a word about it ("" for none)."""

    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class HostValues:
    """What one host knows of the values in one document.

    ``values`` is keyed by the path of an attribute or text below the root, with the attribute that
    decides in brackets where one does: ``devices/interface/model@type``,
    ``devices/interface[type=network]/source@network``, ``cpu[mode=custom]/model``.
    ``exhaustive`` holds those keys whose values are all there is (another one cannot start);
    ``source`` says where they come from: "QEMU 9.0 on kvm01".
    """

    values: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    exhaustive: frozenset[str] = frozenset()
    source: str = ""
