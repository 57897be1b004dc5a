"""Documents: the XML definitions that libvirt has, and facts about them."""

from __future__ import annotations

from msgspec import Struct, field

from virttui.model.identity import Kind, ObjectId
from virttui.model.secret_value import hides


class Document(Struct, frozen=True):
    """The identity of one XML definition. ``name`` is for people.

    ``part`` distinguishes documents with the same key: a snapshot's name (the key is its domain's),
    a volume's name (the key is its pool's), a port's UUID (the key is its network's). A filter
    binding has the device it is bound to as key and the filter as part. Domain capabilities with a
    domain's UUID are those of its own emulator, architecture, machine and virtualization; with ""
    they are the host's default.
    """

    kind: Kind
    key: ObjectId
    name: str
    part: str = ""


@hides("stored", "live")
class DocumentText(Struct, frozen=True):
    """A document's text as libvirt returned it.

    ``stored`` is the definition that can be edited and counts from the next start on, with
    passwords where the connection may read them. ``live`` is the running definition, "" when
    nothing runs or the document has only one. ``why_not`` is the reason why it cannot be changed,
    else "". ``transient``: it runs and nothing is stored; ``stored`` is "" then.
    """

    document: Document
    stored: str
    live: str = ""
    why_not: str = ""
    transient: bool = False


class Option(Struct, frozen=True):
    """A value that can be chosen, with a note ("" for none)."""

    name: str
    note: str = ""


class HostValues(Struct, frozen=True):
    """Values that a host knows for the places of a document.

    ``values`` is keyed by the path of an attribute or text below the root, with the attribute that
    decides in brackets where one does: ``devices/interface/model@type``,
    ``devices/interface[type=network]/source@network``, ``cpu[mode=custom]/model``. ``exhaustive``
    are the keys whose lists are complete (any other value cannot start); ``source`` names the
    origin: "QEMU 9.0 on kvm01".
    """

    values: dict[str, tuple[Option, ...]] = field(default_factory=dict)
    exhaustive: frozenset[str] = frozenset()
    source: str = ""
