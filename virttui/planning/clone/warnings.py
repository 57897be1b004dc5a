"""Warnings before a domain is cloned, and the check of free space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui.libvirtxml.host_access.access import KnownHostPaths
from virttui.libvirtxml.host_access.scan import host_access
from virttui.libvirtxml.text.tree import Element
from virttui.model.errors import InvalidInput
from virttui.model.provision.clone import CloneSource, CloneTargetHost, DiskCloneMode, IdentityReset
from virttui.planning.clone.disk_options import CloneOption, size_words
from virttui.planning.clone.xml import CloneIdentity, clone_xml, count_nics, tree

DiskOptions = Mapping[str, CloneOption]
INSIDE = (
    "Nothing inside the guest is reset: machine-id, ssh host keys, host name and static"
    " addresses stay. virt-sysprep -d NAME resets them while it is off; so does cloud-init, where"
    " it gets another seed."
)
PROGRAM = "virt-sysprep"
BY_SEED = (
    "At its first boot cloud-init makes new ssh host keys and a new host name, from a seed of its"
    " own. The machine-id stays."
)
BY_SYSPREP = (
    "virt-sysprep resets machine-id, ssh host keys and host name on the clone's own disks before"
    " its first start. Static addresses stay."
)


def check_space(
    source: CloneSource, target: CloneTargetHost, options: DiskOptions, count: int
) -> tuple[str, ...]:
    """Return a line about the free space of each pool. Raises InvalidInput where it is not
    enough."""
    lines = []
    for pool in target.pools:
        needed = sum(
            disk.allocation
            for disk in source.disks
            if options[disk.target].mode is DiskCloneMode.FULL and options[disk.target].pool == pool
        )
        free, needed_text = size_words(pool.available), size_words(needed * count)
        if needed * count > pool.available:
            raise InvalidInput(f"{pool.name} has {free} free; {needed_text} is needed")
        if needed:
            lines.append(f"{pool.name} has {free}; {needed_text} is needed")
    return tuple(lines)


def identity_resets(
    source: CloneSource, options: DiskOptions, *, sysprep: bool
) -> tuple[IdentityReset, ...]:
    """Return the identifiers of a guest, and whether each clone gets its own."""
    seeded = any(option.mode is DiskCloneMode.SEED for option in options.values())
    static = any(disk.seed is not None and disk.seed.static for disk in source.disks)
    method = PROGRAM if sysprep else "cloud-init at first boot" if seeded else ""
    identifiers = "uuid, MAC addresses" + (", NVRAM" if source.nvram else "")
    return (
        IdentityReset(identifiers, "in its definition"),
        IdentityReset("ssh host keys, host name", method or "nothing here resets them",
                      bool(method)),
        IdentityReset("machine-id", PROGRAM if sysprep else "cloud-init leaves it" if seeded else
                "nothing here resets it", sysprep),
        IdentityReset("static addresses inside", "its seed gives some" if static else
                "cannot be seen from here", False),
    )  # fmt: skip


def warnings(
    source: CloneSource,
    target: CloneTargetHost,
    options: DiskOptions,
    names: Sequence[str],
    *,
    cancellable: bool,
    sysprep: bool,
) -> tuple[str, ...]:
    """Return the warnings, the most important first, the guest's identity last.

    ``cancellable``: a running copy can be cancelled at once; ``sysprep``: virt-sysprep runs on it.
    """
    notes = [*_about_disks(source, options), *_about_state(source, options)]
    elsewhere = [name for name in names if name in target.names_elsewhere]
    if elsewhere:
        notes.append(
            f"{target.names_elsewhere[elsewhere[0]]} has a domain called {elsewhere[0]} too."
        )
    notes += [*_about_devices(source, target), *_about_access(source, target)]
    return (
        *notes,
        *_about_cancelling(options, cancellable=cancellable),
        _about_identity(options, sysprep=sysprep),
    )


def _about_identity(options: DiskOptions, *, sysprep: bool) -> str:
    if sysprep:
        return BY_SYSPREP
    return (
        BY_SEED if any(option.mode is DiskCloneMode.SEED for option in options.values()) else INSIDE
    )


def _about_cancelling(options: DiskOptions, *, cancellable: bool) -> list[str]:
    """Return a note about cancelling a copy."""
    if not any(option.mode is DiskCloneMode.FULL for option in options.values()):
        return []
    if cancellable:
        return ["X in the task list cancels at any time; partial copies are removed."]
    return [
        "libvirt cannot cancel a copy it has begun: X in the task list waits for its end, then"
        " removes what was made."
    ]


def _about_disks(source: CloneSource, options: DiskOptions) -> list[str]:
    linked = [disk for disk in source.disks if options[disk.target].mode is DiskCloneMode.LINKED]
    notes = [
        f"{disk.volume} becomes a shared base that must not change any more: {source.name}"
        " continues on an overlay of its own, and the base cannot be deleted while overlays use it."
        for disk in linked
    ]
    notes += [
        f"Its seed {disk.volume} gives static addresses: the clone has the same ones, and one of"
        " them has to leave their network."
        for disk in source.disks
        if disk.seed is not None
        and disk.seed.static
        and options[disk.target].mode is DiskCloneMode.SEED
    ]
    if source.snapshot:
        return notes + [
            f"{disk.volume} becomes the base of {disk.target}: {source.snapshot} cannot be deleted"
            " while the clone lies on it."
            for disk in source.disks
            if options[disk.target].mode is DiskCloneMode.BASE
        ]
    notes += [
        f"{disk.target} is as its base is: what {source.name} wrote since is not in it."
        for disk in source.disks
        if options[disk.target].mode is DiskCloneMode.BASE
    ]
    return notes


def _about_state(source: CloneSource, options: DiskOptions) -> list[str]:
    copied = [disk for disk in source.disks if options[disk.target].mode is DiskCloneMode.FULL]
    if source.active and any(disk.live for disk in copied):
        how = (
            "Its agent freezes its file systems for that moment."
            if source.agent
            else "No agent answers: the copies are as after a power cut."
        )
        return [f"{source.name} runs: the disks are copied as of one moment (a snapshot). {how}"]
    if source.snapshot:
        return [
            f"It is as of {source.snapshot}, without what was in memory: it boots as after a power"
            f" cut, unless it was off then. {source.name} is not touched."
        ]
    if source.saved and copied:
        return [f"{source.name} has a saved state: the clone boots as after a power cut."]
    return []


def _about_devices(source: CloneSource, target: CloneTargetHost) -> list[str]:
    root = tree(source.xml).root
    devices = root.child("devices") if root is not None else None
    if devices is None:
        return []
    notes = []
    if devices.child("tpm") is not None:
        notes.append("Its TPM begins empty: what was sealed with it (BitLocker) asks for its key.")
    named = sorted(set(_networks(devices)))
    if target.networks is None:
        if named and source.key.host != target.host:
            notes.append(f"Not known: whether {target.name} has a network {' or '.join(named)}.")
        return notes
    missing = [one for one in named if one not in target.networks]
    if missing and source.key.host != target.host:
        notes.append(f"{target.name} has no network called {', '.join(missing)}: it cannot start.")
    return notes


def _about_access(source: CloneSource, target: CloneTargetHost) -> list[str]:
    """Return notes about host resources that clones share with their source; disks have their
    own fields."""
    root = tree(source.xml).root
    count = count_nics(source.xml)
    if root is None:
        return []
    clone = clone_xml(
        source.xml, CloneIdentity(f"{source.name}-clone", _PLACEHOLDER_UUID, ("",) * count)
    )
    shared = _accesses(source.xml, target.name)
    return [
        f"As {source.name}, {words}: only one of them can run with it."
        if single
        else f"As {source.name}, {words}."
        for words, single in _accesses(clone, target.name)
        if (words, single) in shared
    ]


_PLACEHOLDER_UUID = "00000000-0000-4000-8000-000000000000"
"""The UUID of a clone that is not planned yet."""


def _accesses(xml: str, host: str) -> dict[tuple[str, bool], None]:
    """Return the host resources in a definition except its disks: (text, single user only), in
    order."""
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
