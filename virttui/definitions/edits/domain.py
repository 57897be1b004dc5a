"""What is set of a domain itself: memory, vCPUs, words, what it boots from, its CPU."""

from __future__ import annotations

from collections.abc import Callable

from virttui.definitions.edits.asked import (
    bytes_of,
    child_or_new,
    devices,
    known_as,
    number_of,
    put,
    root,
    set_size,
    size_of,
)
from virttui.definitions.parse import whole
from virttui.markup.change import (
    Change,
    drop_attribute,
    insert,
    remove,
    replace,
    set_attribute,
    set_text,
    spliced,
)
from virttui.markup.tree import Element, Tree, escaped, tree
from virttui.model.errors import BadInput

LEAST_MEMORY = 1024**2


def memory(parsed: Tree, words: str) -> str:
    """What the guest is given. Its most follows where the two were one, or it is too small."""
    size = bytes_of(words)
    if size < LEAST_MEMORY:
        raise BadInput(f"{words} is too little for any guest")
    domain = root(parsed)
    most, given = domain.child("memory"), domain.child("currentMemory")
    if most is None:
        raise BadInput("its definition says nothing about memory")
    limit, now = size_of(parsed, most) or 0, size_of(parsed, given)
    changes: list[Change] = []
    if given is not None:
        changes += set_size(parsed, given, size)
    if given is None or size > limit or now == limit:
        changes += set_size(parsed, most, size)
    return spliced(parsed.text, changes)


def max_memory(parsed: Tree, words: str) -> str:
    """The most it may be given; what it is given now stays, as far as it fits."""
    size = bytes_of(words)
    domain = root(parsed)
    most, given = domain.child("memory"), domain.child("currentMemory")
    if most is None or size < LEAST_MEMORY:
        raise BadInput(f"{words} cannot be the most memory of this domain")
    changes = set_size(parsed, most, size)
    now = size_of(parsed, given)
    if given is not None and now is not None and now > size:
        changes += set_size(parsed, given, size)
    elif given is None:
        kept = (size_of(parsed, most) or size) // 1024
        xml = f"<currentMemory unit='KiB'>{min(kept, size // 1024)}</currentMemory>"
        changes.append(insert(parsed, domain, xml, most))
    return spliced(parsed.text, changes)


def vcpus(parsed: Tree, words: str) -> str:
    """How many it has. Up to its most that number is switched on; above, the most moves too."""
    number = number_of(words)
    domain = root(parsed)
    vcpu = domain.child("vcpu")
    if vcpu is None:
        xml = f"<vcpu>{number}</vcpu>"
        return put(parsed.text, insert(parsed, domain, xml, domain.child("memory")))
    most = parsed.text_of(vcpu)
    limit = whole(most)
    if limit is not None and number < limit:
        return put(parsed.text, set_attribute(parsed, vcpu, "current", str(number)))
    changes = [drop_attribute(parsed, vcpu, "current")]
    if most != str(number):
        changes += [set_text(parsed, vcpu, str(number)), *_topology(parsed, number)]
    return put(parsed.text, *changes)


def _topology(parsed: Tree, number: int) -> list[Change]:
    """As many sockets as make the number, since libvirt refuses a product that differs."""
    topology = root(parsed).child("cpu/topology")
    if topology is None:
        return []
    each = 1
    for name in ("dies", "clusters", "cores", "threads"):
        each *= whole(topology.get(name, "1")) or 1
    if number % each:
        raise BadInput(
            f"its topology has {each} vCPUs a socket: {number} is no multiple of that",
            advice="change <topology> in its XML",
        )
    return [set_attribute(parsed, topology, "sockets", str(number // each))]


def _words(name: str) -> Callable[[Tree, str], str]:
    def setter(parsed: Tree, words: str) -> str:
        domain = root(parsed)
        found = domain.child(name)
        text = "" if words == "none" else words
        if name == "title" and "\n" in text:
            raise BadInput("a title has one line")
        if not text:
            return put(parsed.text, remove(parsed, found) if found is not None else None)
        if found is not None:
            return put(parsed.text, set_text(parsed, found, text))
        after = next(
            (one for path in ("title", "genid", "uuid", "name") if (one := domain.child(path))),
            None,
        )
        # The text goes in as it is: put in with its element, its lines would be indented.
        now, made = child_or_new(parsed, domain, name, f"<{name}/>", after)
        return put(now.text, set_text(now, made, text))

    return setter


_BOOTS = {"hd": "hd", "disk": "hd", "cdrom": "cdrom", "network": "network", "net": "network",
          "pxe": "network", "fd": "fd", "floppy": "fd"}  # fmt: skip


def boot(parsed: Tree, words: str) -> str:
    """What it boots from, first to last: kinds (``cdrom,hd``) or devices (``vda,nic1``)."""
    names = [name for name in words.replace(",", " ").lower().split() if name]
    if not names:
        raise BadInput("name what it boots from, as cdrom,hd or vda,nic1")
    if all(name in _BOOTS for name in names):
        return _boot_kinds(parsed, list(dict.fromkeys(_BOOTS[name] for name in names)))
    return _boot_devices(parsed, names)


def _boot_kinds(parsed: Tree, kinds: list[str]) -> str:
    os = root(parsed).child("os")
    if os is None:
        raise BadInput("its definition has no <os> to boot from")
    changes = [remove(parsed, order) for _, order in _orders(parsed)]
    changes += [remove(parsed, old) for old in os.all("boot")]
    bare = tree(spliced(parsed.text, changes))
    os = root(bare).child("os")
    assert os is not None
    after = os.child("loader") or os.child("nvram") or os.child("type")
    after = os.child("nvram") or after
    xml = "\n".join(f"<boot dev='{kind}'/>" for kind in kinds)
    return put(bare.text, insert(bare, os, xml, after))


def _boot_devices(parsed: Tree, names: list[str]) -> str:
    """Give devices their order; libvirt allows either way of saying it, never both."""
    chosen = [_bootable(parsed, name) for name in names]
    changes = [remove(parsed, order) for _, order in _orders(parsed)]
    os = root(parsed).child("os")
    changes += [remove(parsed, old) for old in os.all("boot")] if os is not None else []
    places = [devices(parsed).index(element) for element in chosen]
    bare = tree(spliced(parsed.text, changes))
    found = devices(bare)
    puts = [
        insert(bare, found[place], f"<boot order='{number}'/>")
        for number, place in enumerate(places, 1)
    ]
    return spliced(bare.text, puts)


def _bootable(parsed: Tree, name: str) -> Element:
    able = [e for e in devices(parsed) if e.name in ("disk", "interface", "hostdev", "redirdev")]
    nics = [element for element in able if element.name == "interface"]
    for element in able:
        if name in known_as(element):
            return element
    if name.startswith(("nic", "net")) and 0 < (whole(name[3:]) or 0) <= len(nics):
        return nics[(whole(name[3:]) or 1) - 1]
    kinds = {"cdrom": "cdrom", "hd": "disk", "fd": "floppy"}
    wanted = kinds.get(name)
    found = [e for e in able if e.name == "disk" and e.get("device", "disk") == wanted]
    if found:
        return found[0]
    raise BadInput(f"nothing it could boot from is called {name}")


def _orders(parsed: Tree) -> list[tuple[Element, Element]]:
    return [(one, order) for one in devices(parsed) if (order := one.child("boot")) is not None]


def cpu(parsed: Tree, words: str) -> str:
    """The CPU it sees: a mode of libvirt's, or the name of a model."""
    if not words or not all(char.isalnum() or char in "-_." for char in words):
        raise BadInput("name a mode, as host-passthrough, or a model, as EPYC")
    domain = root(parsed)
    found = domain.child("cpu")
    mode = words in ("host-passthrough", "host-model", "maximum")
    topology = found.child("topology") if found is not None else None
    inner = parsed.text[topology.start : topology.end] if topology is not None else ""
    lines = [] if mode else [f"  <model>{escaped(words)}</model>"]
    lines += [f"  {inner}"] if inner else []
    name = words if mode else "custom"
    xml = f"<cpu mode='{name}'/>"
    if lines:
        xml = "\n".join([f"<cpu mode='{name}'>", *lines, "</cpu>"])
    if found is None:
        return put(parsed.text, insert(parsed, domain, xml, domain.child("os")))
    return put(parsed.text, replace(parsed, found, xml))


SETTERS: dict[str, Callable[[Tree, str], str]] = {
    "memory": memory,
    "max-memory": max_memory,
    "vcpus": vcpus,
    "title": _words("title"),
    "description": _words("description"),
    "boot": boot,
    "cpu": cpu,
}
"""By the name of the setting; ``autostart`` is no part of a definition and has its own verb."""
