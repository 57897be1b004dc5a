"""The form of a new device: its fields and its XML, for every type of device."""

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
from virttui.planning.devices.passthrough import PASSTHROUGH
from virttui.planning.devices.peripherals import PERIPHERALS
from virttui.planning.form import DeviceType

_DEVICE_TYPES: dict[str, DeviceType] = {**STORAGE, **PERIPHERALS, **PASSTHROUGH}


def why_not(kind: str, guest: GuestContext, host: DeviceContext) -> str:
    """Return the reason why a domain cannot have a device of this kind, else ""."""
    device_type = _DEVICE_TYPES[kind]
    if guest.container and not device_type.containers:
        return "a container has none"
    return device_type.why_not(guest, host)


def form_fields(
    request: DeviceRequest, guest: GuestContext, host: DeviceContext
) -> tuple[FormField, ...]:
    """Return the fields of a device, with the values entered or the defaults."""
    return tuple(_DEVICE_TYPES[request.kind].form_fields(guest, host, dict(request.values)))


def plan(request: DeviceRequest, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the device. Raises InvalidInput while it cannot be made."""
    if reason := why_not(request.kind, guest, host):
        raise InvalidInput(f"{BY_DEVICE_KIND[request.kind].words}: {reason}")
    fields = form_fields(request, guest, host)
    for one in fields:
        if one.needed and not one.value:
            raise InvalidInput(f"{one.label} is missing")
    values = {one.name: one.value for one in fields}
    return _DEVICE_TYPES[request.kind].plan(values, guest, host)


__all__ = ["form_fields", "free_mac", "guest_of", "plan", "why_not"]
