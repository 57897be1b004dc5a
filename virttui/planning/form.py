"""What makes one kind of device, and the fields such a kind is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from virttui.model.documents import Option
from virttui.model.domains.devices import DeviceContext, DeviceXml, GuestContext
from virttui.model.form_fields import FormField, FormValues


def _always(guest: GuestContext, around: DeviceContext) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class DeviceType:
    """One kind of device.

    ``wants`` gives its fields, the values given so far in them: what one field holds decides what
    the next ones are. ``made`` makes the XML of all their values; it raises InvalidInput.
    ``why_not`` says why a domain can have none, "" when it can; ``containers`` can have one too.
    """

    wants: Callable[[GuestContext, DeviceContext, FormValues], list[FormField]]
    made: Callable[[FormValues, GuestContext, DeviceContext], DeviceXml]
    why_not: Callable[[GuestContext, DeviceContext], str] = _always
    containers: bool = False


def of_names(*names: str) -> tuple[Option, ...]:
    """Values without a word about them."""
    return tuple(Option(name) for name in names)


def preferred(options: Sequence[Option], *names: str) -> str:
    """The first of these names that is an option, else the first option."""
    able = [option.name for option in options]
    return next((name for name in names if name in able), able[0] if able else "")


def choice(
    name: str,
    label: str,
    options: Sequence[Option],
    entered: FormValues,
    usual: str = "",
    note: str = "",
) -> FormField:
    """A field that takes nothing but its options; another value counts as none."""
    value = entered.get(name, "")
    if value not in {option.name for option in options}:
        value = usual or (options[0].name if options else "")
    return FormField(name, label, value, tuple(options), only=True, note=note)
