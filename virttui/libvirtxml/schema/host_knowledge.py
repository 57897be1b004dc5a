"""Values that a host supports, from its capabilities and the names of its objects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lxml import etree

from virttui.libvirtxml.parse import root_of
from virttui.libvirtxml.schema.element_help import value_note
from virttui.model.documents import HostValues, Option
from virttui.model.errors import InvalidInput

# What a part of the domain capabilities says about which values. A part stands below the root,
# its enum has a name; a part that the host does not support at all says nothing.
_ENUMS = (
    ("os", "firmware", "os@firmware"),
    ("os/loader", "type", "os/loader@type"),
    ("os/loader", "readonly", "os/loader@readonly"),
    ("os/loader", "secure", "os/loader@secure"),
    ("memoryBacking", "sourceType", "memoryBacking/source@type"),
    ("devices/disk", "diskDevice", "devices/disk@device"),
    ("devices/disk", "bus", "devices/disk/target@bus"),
    ("devices/disk", "model", "devices/disk@model"),
    ("devices/graphics", "type", "devices/graphics@type"),
    ("devices/video", "modelType", "devices/video/model@type"),
    ("devices/hostdev", "mode", "devices/hostdev@mode"),
    ("devices/hostdev", "subsysType", "devices/hostdev[mode=subsystem]@type"),
    ("devices/hostdev", "capsType", "devices/hostdev[mode=capabilities]@type"),
    ("devices/rng", "model", "devices/rng@model"),
    ("devices/rng", "backendModel", "devices/rng/backend@model"),
    ("devices/filesystem", "driverType", "devices/filesystem/driver@type"),
    ("devices/tpm", "model", "devices/tpm@model"),
    ("devices/tpm", "backendModel", "devices/tpm/backend@type"),
    ("devices/tpm", "backendVersion", "devices/tpm/backend@version"),
    ("devices/redirdev", "bus", "devices/redirdev@bus"),
    ("devices/channel", "type", "devices/channel@type"),
    ("devices/crypto", "model", "devices/crypto@model"),
    ("devices/crypto", "type", "devices/crypto@type"),
    ("devices/crypto", "backendModel", "devices/crypto/backend@model"),
    ("devices/interface", "backendType", "devices/interface/backend@type"),
    ("devices/panic", "model", "devices/panic@model"),
)

_INCOMPLETE = {"devices/channel@type", "devices/hostdev[mode=subsystem]@type"}
"""libvirt lists only some of these values: TCP channels and mediated devices work and are
missing."""

# What the names of a host's objects are in definitions. A bridge may be made at any time and by
# anyone, and libvirt lists only those it made.
_NAMES = {
    "networks": (("devices/interface[type=network]/source@network", True),),
    "pools": (("devices/disk[type=volume]/source@pool", True),),
    "bridges": (
        ("devices/interface[type=bridge]/source@bridge", False),
        ("bridge@name", False),
    ),
    "nwfilters": (("devices/interface/filterref@filter", True), ("filterref@filter", True)),
    "secrets": (
        ("devices/disk/auth/secret@uuid", True),
        ("devices/disk/source/auth/secret@uuid", True),
        ("devices/disk/source/encryption/secret@uuid", True),
        ("devices/disk/encryption/secret@uuid", True),
        ("source/auth/secret@uuid", True),
    ),
}

_NICS = (
    "virtio", "e1000e", "e1000", "rtl8139", "virtio-transitional", "virtio-non-transitional",
    "vmxnet3",
)  # fmt: skip
"""QEMU's models on PCI; libvirt does not ask QEMU for them, so others may work."""


def host_values(
    domain_capabilities: str, capabilities: str, names: Mapping[str, Sequence[str]], source: str
) -> HostValues:
    """Return the values from both capabilities ("" for those that could not be read) and names.

    ``names`` has the keys ``networks``, ``pools``, ``bridges``, ``nwfilters``, ``secrets`` (UUIDs)
    and ``volumes/POOL``; a missing key was not asked for. Text that cannot be parsed is ignored.
    """
    collector = _ValueCollector()
    _from_domain(collector, _root(domain_capabilities))
    _from_host(collector, _root(capabilities), _root(domain_capabilities))
    for kind, known in names.items():
        for key, only in _NAMES.get(kind, ()):
            collector.add(key, [Option(name) for name in sorted(known)], only=only)
        if kind.startswith("volumes/"):
            pool = kind.removeprefix("volumes/")
            key = f"devices/disk[type=volume]/source[pool={pool}]@volume"
            collector.add(key, [Option(name) for name in sorted(known)], only=True)
    return HostValues(collector.values, frozenset(collector.exhaustive), source)


class _ValueCollector:
    """Collects values by key."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[Option, ...]] = {}
        self.exhaustive: set[str] = set()

    def add(self, key: str, found: Iterable[Option], *, only: bool) -> None:
        """Add values for one key, if there are any; ``only`` when there can be no others."""
        unique = tuple({value.name: value for value in found}.values())
        if unique:
            self.values[key] = unique
            if only:
                self.exhaustive.add(key)


def _root(xml: str) -> etree._Element | None:
    try:
        return root_of(xml) if xml else None
    except InvalidInput:
        return None


def _from_domain(collector: _ValueCollector, root: etree._Element | None) -> None:
    if root is None:
        return
    for part, enum, key in _ENUMS:
        element = root.find(part)
        if element is None or element.get("supported") == "no":
            continue
        path = _without_brackets(key)
        words = [_text(one) for one in element.iterfind(f"enum[@name='{enum}']/value")]
        noted = [Option(word, value_note(path, word)) for word in words]
        collector.add(key, noted, only=key not in _INCOMPLETE)
    images = [Option(_text(one)) for one in root.iterfind("os/loader/value")]
    collector.add("os/loader", images, only=False)
    modes = [one for one in root.iterfind("cpu/mode") if one.get("supported") == "yes"]
    names = [one.get("name", "") for one in modes]
    collector.add(
        "cpu@mode", [Option(name, value_note("cpu@mode", name)) for name in names], only=True
    )
    models = [_cpu(one) for one in root.iterfind("cpu/mode[@name='custom']/model")]
    # What can run here first; the order of the host otherwise.
    models.sort(key=lambda value: value.note.startswith("cannot"))
    collector.add("cpu[mode=custom]/model", models, only=True)
    collector.add("cpu/model", models, only=False)
    if root.findtext("path", "").startswith("/") and "qemu" in root.findtext("path", ""):
        path = "devices/interface/model@type"
        collector.add(path, [Option(name, value_note(path, name)) for name in _NICS], only=False)


def _cpu(model: etree._Element) -> Option:
    words = [model.get("vendor", "").replace("unknown", "")]
    if model.get("usable") == "no":
        words = ["cannot run here"]
    elif model.get("deprecated") == "yes":
        words.append("deprecated")
    return Option(_text(model), ", ".join(word for word in words if word))


def _from_host(
    collector: _ValueCollector, root: etree._Element | None, domain: etree._Element | None
) -> None:
    """Add virtualizations, architectures and machine types, which only the capabilities of the
    host list."""
    if root is None:
        return
    arch = domain.findtext("arch") if domain is not None else root.findtext("host/cpu/arch")
    guests = root.findall("guest")
    arches = [one.get("name", "") for one in root.iterfind("guest/arch")]
    collector.add("os/type@arch", map(Option, arches), only=True)
    collector.add(
        "os/type", [Option(_text(one)) for one in root.iterfind("guest/os_type")], only=True
    )
    kinds = [one.get("type", "") for one in root.iterfind("guest/arch/domain")]
    collector.add("@type", [Option(kind, value_note("@type", kind)) for kind in kinds], only=True)
    for guest in guests:
        for one in guest.iterfind("arch"):
            name = one.get("name", "")
            machines = _machines(one)
            collector.add(f"os/type[arch={name}]@machine", machines, only=True)
            if name == arch:
                collector.add("os/type@machine", machines, only=False)


def _machines(arch: etree._Element) -> list[Option]:
    """Return the short names first, each with the full name it stands for."""
    machines = [*arch.iterfind("machine"), *arch.iterfind("domain/machine")]
    found = [(_text(one), one.get("canonical", "")) for one in machines]
    short = [Option(name, f"stands for {full}") for name, full in found if full]
    return [*short, *(Option(name) for name, full in found if not full)]


def _without_brackets(key: str) -> str:
    """Return a key without its brackets."""
    before, _, rest = key.partition("[")
    return before + _without_brackets(rest.partition("]")[2]) if rest else before


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
