"""Devices made from a form: which a domain can have, what each wants, and its XML."""

from __future__ import annotations

from virttui.model.domains.devices import (
    BY_DEVICE_KIND,
    DeviceContext,
    DeviceRequest,
    DeviceXml,
    GuestContext,
)
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.planning.devices.disks import STORAGE
from virttui.planning.devices.guest_context import free_mac, guest_of
from virttui.planning.devices.passthrough import PASSING
from virttui.planning.devices.peripherals import PLAIN
from virttui.planning.form import DeviceType

_MAKERS: dict[str, DeviceType] = {**STORAGE, **PLAIN, **PASSING}


def why_not(kind: str, guest: GuestContext, around: DeviceContext) -> str:
    """Why a domain can have no device of a kind, "" when it can."""
    maker = _MAKERS[kind]
    if guest.container and not maker.containers:
        return "a container has none"
    return maker.why_not(guest, around)


def form_fields(
    making: DeviceRequest, guest: GuestContext, around: DeviceContext
) -> tuple[FormField, ...]:
    """The fields of a device with the values they have, as given or else as usual."""
    return tuple(_MAKERS[making.kind].form_fields(guest, around, dict(making.values)))


def plan(making: DeviceRequest, guest: GuestContext, around: DeviceContext) -> DeviceXml:
    """The device. Raises InvalidInput, in words, while it cannot be made."""
    if reason := why_not(making.kind, guest, around):
        raise InvalidInput(f"{BY_DEVICE_KIND[making.kind].words}: {reason}")
    wanted = form_fields(making, guest, around)
    for one in wanted:
        if one.needed and not one.value:
            raise InvalidInput(f"{one.label} is missing")
    values = {one.name: one.value for one in wanted}
    return _MAKERS[making.kind].plan(values, guest, around)


__all__ = ["form_fields", "free_mac", "guest_of", "plan", "why_not"]
