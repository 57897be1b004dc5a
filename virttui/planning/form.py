"""Types of devices that a form can make, and the choice fields that all forms use."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from virttui.model.documents import Option
from virttui.model.domains.devices import DeviceContext, DeviceXml, GuestContext
from virttui.model.form_fields import FormField, FormValues


def _always(guest: GuestContext, around: DeviceContext) -> str:
    return ""


class DeviceType(Struct, frozen=True):
    """A type of device that a form can make.

    ``form_fields`` returns the fields, with the values entered so far: the value of one decides
    about the next ones. ``plan`` makes the XML from all values and raises InvalidInput. ``why_not``
    is the reason why a domain cannot have one, else ""; ``containers``: a container can have one.
    """

    form_fields: Callable[[GuestContext, DeviceContext, FormValues], list[FormField]]
    plan: Callable[[FormValues, GuestContext, DeviceContext], DeviceXml]
    why_not: Callable[[GuestContext, DeviceContext], str] = _always
    containers: bool = False


def of_names(*names: str) -> tuple[Option, ...]:
    """Return options without notes."""
    return tuple(Option(name) for name in names)


def preferred(options: Sequence[Option], *names: str) -> str:
    """Return the first of these names that is an option, else the first option."""
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
    """Return a field that takes only its options; any other value counts as none."""
    value = entered.get(name, "")
    if value not in {option.name for option in options}:
        value = usual or (options[0].name if options else "")
    return FormField(name, label, value, tuple(options), only=True, note=note)
