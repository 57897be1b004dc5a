"""The form fields of a machine's disks and network cards."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from virttui.model.documents import Option
from virttui.model.form_fields import FormField
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.domain_spec import DiskSpec, InstallMethod
from virttui.model.volumes import FILE_POOLS
from virttui.planning.create.repeated_fields import further_numbers, prefix
from virttui.planning.create.sources import (
    pool_named,
    pool_options,
    volume_at,
    volume_options,
    volume_users,
)
from virttui.planning.create.step_context import (
    GIB,
    NONE,
    StepContext,
    requirements_text,
    size_text,
    text_field,
    volume_field,
    with_default_hardware,
)
from virttui.planning.domain_spec.defaults import is_q35
from virttui.planning.form import choice

OVERLAY, COPY = "overlay", "copy"
NEW, EXISTING = "new", "existing"
DHCP = "dhcp"
USER = "user:"
_BUSES = ("virtio", "scsi", "sata", "ide")
_MODELS = ("virtio", "e1000e", "e1000", "rtl8139")


def disk_fields(step: StepContext) -> tuple[FormField, ...]:
    """Return the fields of the first disk, and of each further one."""
    own = (
        ()
        if step.method in (InstallMethod.DISK, InstallMethod.CONTAINER)
        else tuple(_own_disk(step))
    )
    if step.method is InstallMethod.CONTAINER:
        return own
    rest = (
        one
        for number in further_numbers(WizardStep.DISKS, step.entered)
        for one in _further_disk(step, number)
    )
    return (*own, *rest)


def _own_disk(step: StepContext) -> Iterator[FormField]:
    entered = step.entered
    if step.method is not InstallMethod.CLOUD:
        options = [Option(NEW, "made here, empty"), Option(EXISTING, "a volume not in use")]
        options.append(Option(NONE, "no disk"))
        usual = NONE if step.method is InstallMethod.KERNEL else NEW
        how = choice("how", "disk is", options, entered, usual)
        yield replace(how, group="1")
        if how.value == NONE:
            return
        if how.value == EXISTING:
            yield _existing(step, 1)
            yield _bus(step, 1)
            return
        yield from _new_disk(step, 1, size_text(disk_size(step)))
        return
    pool = choice("pool", "pool", pool_options(step.context), entered)
    target_pool = pool_named(step.context, pool.value)
    files = target_pool is not None and target_pool.context.type in FILE_POOLS
    options = [Option(COPY, "its own, the image can go")]
    if files:
        options.insert(0, Option(OVERLAY, "instant; the image must never change afterwards"))
    how = choice("how", "disk is", options, entered)
    yield replace(how, group="1")
    fields = list(_new_disk(step, 1, size_text(disk_size(step))))
    yield from (one for one in fields if how.value == COPY or not one.name.endswith("format"))


def _further_disk(step: StepContext, number: int) -> Iterator[FormField]:
    options = (Option(NEW, "made here, empty"), Option(EXISTING, "a volume not in use"))
    group, start = str(number), prefix(WizardStep.DISKS, number)
    how = choice(f"{start}how", "disk is", options, step.entered)
    yield replace(how, group=group)
    if how.value == EXISTING:
        yield _existing(step, number)
        yield _bus(step, number)
    else:
        yield from _new_disk(step, number, "20G")


def _existing(step: StepContext, number: int) -> FormField:
    name = f"{prefix(WizardStep.DISKS, number)}volume"
    chosen = {
        step.entered.get(f"{prefix(WizardStep.DISKS, one)}volume") for one in range(1, number)
    }
    free = [one for one in free_volumes(step) if one.name not in chosen]
    note = "pool/volume not in use"
    return volume_field(name, "volume", step.entered, free, note, group=str(number))


def free_volumes(step: StepContext) -> list[Option]:
    """Return the volumes that could be a disk and are not in use."""
    taken = volume_users(step.context)
    return [
        one
        for one in volume_options(step.context, lambda v: v.format != "iso")
        if one.name not in taken
    ]


def _new_disk(step: StepContext, number: int, size: str) -> Iterator[FormField]:
    entered, group, start = step.entered, str(number), prefix(WizardStep.DISKS, number)
    pool = choice(
        f"{start}pool", "pool", pool_options(step.context), entered, entered.get("pool", "")
    )
    yield replace(pool, group=group)
    least = step.system.minimum.storage
    note = (
        requirements_text(step.system, "", size_text(least) if least else "") if number == 1 else ""
    )
    value = entered.get(f"{start}size") or size
    yield FormField(f"{start}size", "size", value, note=note or "as 20G, 512M", group=group)
    target_pool = pool_named(step.context, pool.value)
    if target_pool is not None and target_pool.context.type in FILE_POOLS:
        formats = (Option("qcow2", "grows as it is written"), Option("raw", "plain, and fastest"))
        yield replace(choice(f"{start}format", "format", formats, entered), group=group)
    yield _bus(step, number)


def _bus(step: StepContext, number: int) -> FormField:
    machine = with_default_hardware(step, disks=(DiskSpec(path="/"),))
    fits = [one for one in _BUSES if one != ("ide" if is_q35(machine) else "sata")]
    capabilities = (
        step.context.capabilities.of("disk/bus") if step.context.capabilities is not None else None
    )
    fits = [one for one in fits if capabilities is None or one in capabilities]
    usual = machine.disks[0].bus
    options = [Option(one) for one in dict.fromkeys([usual, *fits])]
    name = f"{prefix(WizardStep.DISKS, number)}bus"
    field = choice(name, "bus", options, step.entered, usual, "how the guest sees it")
    return replace(field, group=str(number))


def disk_size(step: StepContext) -> int:
    """Return the default size of the first disk: the recommended one, at least that of its
    image."""
    recommended = step.system.recommended.storage or step.system.minimum.storage or 20 * GIB
    found = volume_at(step.context, step.base)
    return max(recommended, found[1].capacity if found is not None else 0)


# -- network -----------------------------------------------------------------------------------


def nic_fields(step: StepContext) -> tuple[FormField, ...]:
    """Return the fields of the first network card, and of each further one."""
    numbers = (1, *further_numbers(WizardStep.NETWORK, step.entered))
    return tuple(one for number in numbers for one in _nic(step, number))


def _nic(step: StepContext, number: int) -> Iterator[FormField]:
    context, entered = step.context, step.entered
    group, start = str(number), prefix(WizardStep.NETWORK, number)
    options = [
        *context.networks,
        *(Option(f"bridge:{one}", "of the host") for one in context.bridges),
    ]
    options += [Option(f"direct:{one}", "of the host, by macvtap") for one in context.cards]
    if step.method is not InstallMethod.CONTAINER:
        options.append(Option(USER, "by QEMU itself: out, and not in"))
    options += [Option(NONE, "no network card")] if number == 1 else []
    net = choice(f"{start}net", "network", options, entered, _default_network(step, number))
    yield replace(net, group=group)
    if groups := context.portgroups.get(net.value):
        usual = next((one.name for one in groups if one.note.startswith("default")), "")
        group_field = choice(f"{start}portgroup", "portgroup", groups, entered, usual)
        yield replace(group_field, group=group)
    if net.value in (NONE, "") or step.method is InstallMethod.CONTAINER:
        return
    usual = with_default_hardware(step).nics[0].model
    models = [Option(one) for one in dict.fromkeys([usual, *_MODELS]) if one]
    model = choice(f"{start}model", "model", models, entered, usual, "the card the guest sees")
    yield replace(model, group=group)
    yield text_field(f"{start}mac", "MAC", entered, "a new one", needed=False, group=group)
    if step.method is InstallMethod.CLOUD and number == 1:
        yield from _addresses(step)


def _default_network(step: StepContext, number: int) -> str:
    """Return the default network: "" for the first option, NONE where only QEMU's own network is
    left, which the user has to choose."""
    context = step.context
    if context.networks or context.bridges or number > 1:
        return ""
    return NONE


def _addresses(step: StepContext) -> Iterator[FormField]:
    """Yield the fields for the addresses of a cloud image's first card."""
    entered = step.entered
    note = "dhcp; else as 192.0.2.10/24, 192.0.2.{10..29}/24 for twenty, or ~/network-config"
    address = text_field("address", "address", entered, note, usual=DHCP, group="1")
    yield address
    if "/" in address.value and not address.value.startswith(("~", "/")):
        yield text_field("gateway", "gateway", entered, "none without", needed=False, group="1")
        yield text_field("dns", "DNS", entered, "one or more, by blanks", needed=False, group="1")
