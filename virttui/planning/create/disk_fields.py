"""The fields of a machine's disks, and of its network cards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from virttui.model.documents import Option
from virttui.model.form_fields import FormField
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.domain_spec import DiskSpec, InstallMethod
from virttui.model.volumes import FILE_POOLS
from virttui.planning.create.repeated_fields import further, prefix
from virttui.planning.create.sources import pools_of, shelf_of, taken_from, volume_at, volumes
from virttui.planning.create.step_context import (
    GIB,
    NONE,
    StepContext,
    bare,
    spelled,
    text,
    volume_field,
    wishes,
)
from virttui.planning.domain_spec.defaults import is_q35
from virttui.planning.form import choice

OVERLAY, COPY = "overlay", "copy"
NEW, EXISTING = "new", "existing"
DHCP = "dhcp"
USER = "user:"
_BUSES = ("virtio", "scsi", "sata", "ide")
_MODELS = ("virtio", "e1000e", "e1000", "rtl8139")


def disk_fields(place: StepContext) -> tuple[FormField, ...]:
    """Those of its own disk, and of each further one."""
    own = (
        () if place.method in (InstallMethod.DISK, InstallMethod.CONTAINER) else tuple(_own(place))
    )
    if place.method is InstallMethod.CONTAINER:
        return own
    rest = (
        one
        for number in further(WizardStep.DISKS, place.entered)
        for one in _further(place, number)
    )
    return (*own, *rest)


def _own(place: StepContext) -> Iterator[FormField]:
    entered = place.entered
    if place.method is not InstallMethod.CLOUD:
        ways = [Option(NEW, "made here, empty"), Option(EXISTING, "a volume not in use")]
        ways.append(Option(NONE, "no disk"))
        usual = NONE if place.method is InstallMethod.KERNEL else NEW
        how = choice("how", "disk is", ways, entered, usual)
        yield replace(how, group="1")
        if how.value == NONE:
            return
        if how.value == EXISTING:
            yield _existing(place, 1)
            yield _bus(place, 1)
            return
        yield from _new(place, 1, spelled(disk_size(place)))
        return
    pool = choice("pool", "pool", pools_of(place.context), entered)
    shelf = shelf_of(place.context, pool.value)
    files = shelf is not None and shelf.room.type in FILE_POOLS
    ways = [Option(COPY, "its own, the image can go")]
    if files:
        ways.insert(0, Option(OVERLAY, "instant; the image must never change afterwards"))
    how = choice("how", "disk is", ways, entered)
    yield replace(how, group="1")
    made = list(_new(place, 1, spelled(disk_size(place))))
    yield from (one for one in made if how.value == COPY or not one.name.endswith("format"))


def _further(place: StepContext, number: int) -> Iterator[FormField]:
    ways = (Option(NEW, "made here, empty"), Option(EXISTING, "a volume not in use"))
    group, begin = str(number), prefix(WizardStep.DISKS, number)
    how = choice(f"{begin}how", "disk is", ways, place.entered)
    yield replace(how, group=group)
    if how.value == EXISTING:
        yield _existing(place, number)
        yield _bus(place, number)
    else:
        yield from _new(place, number, "20G")


def _existing(place: StepContext, number: int) -> FormField:
    name = f"{prefix(WizardStep.DISKS, number)}volume"
    chosen = {
        place.entered.get(f"{prefix(WizardStep.DISKS, one)}volume") for one in range(1, number)
    }
    free = [one for one in free_volumes(place) if one.name not in chosen]
    note = "pool/volume not in use"
    return volume_field(name, "volume", place.entered, free, note, group=str(number))


def free_volumes(place: StepContext) -> list[Option]:
    """The volumes that could be somebody's disk and are nobody's."""
    taken = taken_from(place.context)
    return [
        one for one in volumes(place.context, lambda v: v.format != "iso") if one.name not in taken
    ]


def _new(place: StepContext, number: int, size: str) -> Iterator[FormField]:
    entered, group, begin = place.entered, str(number), prefix(WizardStep.DISKS, number)
    pool = choice(f"{begin}pool", "pool", pools_of(place.context), entered, entered.get("pool", ""))
    yield replace(pool, group=group)
    least = place.system.minimum.storage
    note = wishes(place.system, "", spelled(least) if least else "") if number == 1 else ""
    value = entered.get(f"{begin}size") or size
    yield FormField(f"{begin}size", "size", value, note=note or "as 20G, 512M", group=group)
    shelf = shelf_of(place.context, pool.value)
    if shelf is not None and shelf.room.type in FILE_POOLS:
        formats = (Option("qcow2", "grows as it is written"), Option("raw", "plain, and fastest"))
        yield replace(choice(f"{begin}format", "format", formats, entered), group=group)
    yield _bus(place, number)


def _bus(place: StepContext, number: int) -> FormField:
    machine = bare(place, disks=(DiskSpec(path="/"),))
    fits = [one for one in _BUSES if one != ("ide" if is_q35(machine) else "sata")]
    can = (
        place.context.capabilities.of("disk/bus")
        if place.context.capabilities is not None
        else None
    )
    fits = [one for one in fits if can is None or one in can]
    usual = machine.disks[0].bus
    options = [Option(one) for one in dict.fromkeys([usual, *fits])]
    name = f"{prefix(WizardStep.DISKS, number)}bus"
    field = choice(name, "bus", options, place.entered, usual, "how the guest sees it")
    return replace(field, group=str(number))


def disk_size(place: StepContext) -> int:
    """What the first disk usually is: as recommended, at least as large as its image."""
    wanted = place.system.recommended.storage or place.system.minimum.storage or 20 * GIB
    found = volume_at(place.context, place.base)
    return max(wanted, found[1].capacity if found is not None else 0)


# -- network -----------------------------------------------------------------------------------


def nic_fields(place: StepContext) -> tuple[FormField, ...]:
    """Those of its first network card, and of each further one."""
    numbers = (1, *further(WizardStep.NETWORK, place.entered))
    return tuple(one for number in numbers for one in _nic(place, number))


def _nic(place: StepContext, number: int) -> Iterator[FormField]:
    context, entered = place.context, place.entered
    group, begin = str(number), prefix(WizardStep.NETWORK, number)
    options = [
        *context.networks,
        *(Option(f"bridge:{one}", "of the host") for one in context.bridges),
    ]
    options += [Option(f"direct:{one}", "of the host, by macvtap") for one in context.cards]
    if place.method is not InstallMethod.CONTAINER:
        options.append(Option(USER, "by QEMU itself: out, and not in"))
    options += [Option(NONE, "no network card")] if number == 1 else []
    net = choice(f"{begin}net", "network", options, entered, _usual_net(place, number))
    yield replace(net, group=group)
    if groups := context.portgroups.get(net.value):
        usual = next((one.name for one in groups if one.note.startswith("default")), "")
        group_field = choice(f"{begin}portgroup", "portgroup", groups, entered, usual)
        yield replace(group_field, group=group)
    if net.value in (NONE, "") or place.method is InstallMethod.CONTAINER:
        return
    usual = bare(place).nics[0].model
    models = [Option(one) for one in dict.fromkeys([usual, *_MODELS]) if one]
    model = choice(f"{begin}model", "model", models, entered, usual, "the card the guest sees")
    yield replace(model, group=group)
    yield text(f"{begin}mac", "MAC", entered, "a new one", needed=False, group=group)
    if place.method is InstallMethod.CLOUD and number == 1:
        yield from _addresses(place)


def _usual_net(place: StepContext, number: int) -> str:
    """A network, else a bridge; what only leads out is chosen by hand."""
    context = place.context
    if context.networks or context.bridges or number > 1:
        return ""
    return NONE


def _addresses(place: StepContext) -> Iterator[FormField]:
    """What the image is told of its first card."""
    entered = place.entered
    note = "dhcp; else as 192.0.2.10/24, 192.0.2.{10..29}/24 for twenty, or ~/network-config"
    address = text("address", "address", entered, note, usual=DHCP, group="1")
    yield address
    if "/" in address.value and not address.value.startswith(("~", "/")):
        yield text("gateway", "gateway", entered, "none without", needed=False, group="1")
        yield text("dns", "DNS", entered, "one or more, by blanks", needed=False, group="1")
