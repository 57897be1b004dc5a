"""What somebody should know before a domain is cloned, in words, and whether there is room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui.libvirtxml.host_access.access import KnownHostPaths
from virttui.libvirtxml.host_access.scan import host_access
from virttui.libvirtxml.text.tree import Element
from virttui.model.errors import InvalidInput
from virttui.model.provision.clone import CloneSource, CloneTargetHost, DiskCloneMode, IdentityReset
from virttui.planning.clone.disk_options import CloneOption, size_words
from virttui.planning.clone.xml import CloneIdentity, cloned, nics, tree

Ways = Mapping[str, CloneOption]
INSIDE = (
    "Inside the guest nothing is made new: machine-id, ssh host keys, host name and static"
    " addresses stay. virt-sysprep -d NAME resets them while it is off; so does cloud-init, where"
    " it gets another seed."
)
PROGRAM = "virt-sysprep"
BY_SEED = (
    "By a seed of its own cloud-init makes ssh host keys and host name new at its first boot. The"
    " machine-id stays."
)
BY_SYSPREP = (
    "virt-sysprep makes machine-id, ssh host keys and host name new in the clone's own disks before"
    " it runs for the first time. Static addresses stay."
)


def room_for(source: CloneSource, site: CloneTargetHost, ways: Ways, count: int) -> tuple[str, ...]:
    """What the pools have for all copies. Raises InvalidInput where one has less than they take."""
    told = []
    for pool in site.pools:
        asked = sum(
            disk.allocation
            for disk in source.disks
            if ways[disk.target].how is DiskCloneMode.FULL and ways[disk.target].pool == pool
        )
        has, wants = size_words(pool.available), size_words(asked * count)
        if asked * count > pool.available:
            raise InvalidInput(f"{pool.name} has {has} free; {wants} is asked")
        if asked:
            told.append(f"{pool.name} has {has}; {wants} is asked")
    return tuple(told)


def renewed_in(source: CloneSource, ways: Ways, *, sysprep: bool) -> tuple[IdentityReset, ...]:
    """What each clone has of its own, and what it has not."""
    seeded = any(way.how is DiskCloneMode.SEED for way in ways.values())
    static = any(disk.seed is not None and disk.seed.static for disk in source.disks)
    by = PROGRAM if sysprep else "cloud-init at first boot" if seeded else ""
    outside = "uuid, MAC addresses" + (", NVRAM" if source.nvram else "")
    return (
        IdentityReset(outside, "in its definition"),
        IdentityReset("ssh host keys, host name", by or "nothing here resets them", bool(by)),
        IdentityReset("machine-id", PROGRAM if sysprep else "cloud-init leaves it" if seeded else
                "nothing here resets it", sysprep),
        IdentityReset("static addresses inside", "its seed gives some" if static else
                "cannot be seen from here", False),
    )  # fmt: skip


def notes_of(
    source: CloneSource,
    site: CloneTargetHost,
    ways: Ways,
    names: Sequence[str],
    *,
    ends: bool,
    sysprep: bool,
) -> tuple[str, ...]:
    """What could surprise, the most important first; at last what names the guest inside.

    ``ends`` says that a copy at work can be broken off, ``sysprep`` that virt-sysprep is run.
    """
    notes = [*_about_disks(source, ways), *_about_state(source, ways)]
    elsewhere = [name for name in names if name in site.names_elsewhere]
    if elsewhere:
        notes.append(
            f"{site.names_elsewhere[elsewhere[0]]} has a domain called {elsewhere[0]} too."
        )
    notes += [*_about_devices(source, site), *_about_access(source, site)]
    return (*notes, *_about_its_end(ways, ends=ends), _inside(ways, sysprep=sysprep))


def _inside(ways: Ways, *, sysprep: bool) -> str:
    if sysprep:
        return BY_SYSPREP
    return BY_SEED if any(way.how is DiskCloneMode.SEED for way in ways.values()) else INSIDE


def _about_its_end(ways: Ways, *, ends: bool) -> list[str]:
    """What becomes of a copy that somebody ends."""
    if not any(way.how is DiskCloneMode.FULL for way in ways.values()):
        return []
    if ends:
        return ["X in the task list cancels at any time; partial copies are removed."]
    return [
        "libvirt cannot cancel a copy it has begun: X in the task list waits for its end, then"
        " removes what was made."
    ]


def _about_disks(source: CloneSource, ways: Ways) -> list[str]:
    linked = [disk for disk in source.disks if ways[disk.target].how is DiskCloneMode.LINKED]
    notes = [
        f"{disk.volume} becomes a shared base that is never written to again: {source.name} goes"
        " on on an overlay of its own, and the base cannot be deleted while overlays lie on it."
        for disk in linked
    ]
    notes += [
        f"Its seed {disk.volume} gives static addresses: the clone has the same ones, and one of"
        " them has to leave their network."
        for disk in source.disks
        if disk.seed is not None
        and disk.seed.static
        and ways[disk.target].how is DiskCloneMode.SEED
    ]
    notes += [
        f"{disk.target} is as its base is: what {source.name} wrote since is not in it."
        for disk in source.disks
        if ways[disk.target].how is DiskCloneMode.BASE
    ]
    return notes


def _about_state(source: CloneSource, ways: Ways) -> list[str]:
    copied = [disk for disk in source.disks if ways[disk.target].how is DiskCloneMode.FULL]
    if source.active and any(disk.live for disk in copied):
        how = (
            "Its agent freezes its file systems for that moment."
            if source.agent
            else "No agent answers: the copies are as after a power cut."
        )
        return [f"{source.name} runs: the disks are copied as of one moment (a snapshot). {how}"]
    if source.saved and copied:
        return [f"{source.name} has a saved state: the clone boots as after a power cut."]
    return []


def _about_devices(source: CloneSource, site: CloneTargetHost) -> list[str]:
    root = tree(source.xml).root
    devices = root.child("devices") if root is not None else None
    if devices is None:
        return []
    notes = []
    if devices.child("tpm") is not None:
        notes.append("Its TPM begins empty: what was sealed with it (BitLocker) asks for its key.")
    named = sorted(set(_networks(devices)))
    if site.networks is None:
        if named and source.key.host != site.host:
            notes.append(f"Not known: whether {site.name} has a network {' or '.join(named)}.")
        return notes
    missing = [one for one in named if one not in site.networks]
    if missing and source.key.host != site.host:
        notes.append(f"{site.name} has no network called {', '.join(missing)}: it cannot start.")
    return notes


def _about_access(source: CloneSource, site: CloneTargetHost) -> list[str]:
    """What clones have of their host together with their source; disks have fields of their own."""
    root = tree(source.xml).root
    count = nics(source.xml)
    if root is None:
        return []
    clone = cloned(source.xml, CloneIdentity(f"{source.name}-clone", _NOBODY, ("",) * count))
    theirs = _accesses(source.xml, site.name)
    return [
        f"As {source.name}, {words}: only one of them can run with it."
        if single
        else f"As {source.name}, {words}."
        for words, single in _accesses(clone, site.name)
        if (words, single) in theirs
    ]


_NOBODY = "00000000-0000-4000-8000-000000000000"
"""A UUID that stands for that of a clone that is not planned yet."""


def _accesses(xml: str, host: str) -> dict[tuple[str, bool], None]:
    """Words of what a definition names of its host beside its disks, each once, in its order."""
    root = tree(xml).root
    disks = {
        (at, number)
        for at, devices in enumerate(root.children if root is not None else ())
        for number, device in enumerate(devices.children)
        if devices.name == "devices" and device.name in ("disk", "emulator")
    }
    found = (one for one in host_access(xml, KnownHostPaths(host)) if one.path[:2] not in disks)
    return dict.fromkeys((one.words, one.single) for one in found)


def _networks(devices: Element) -> list[str]:
    sources = devices.all("interface/source")
    return [one.get("network") for one in sources if one.get("network")]
