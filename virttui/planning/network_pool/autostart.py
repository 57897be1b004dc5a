"""True if something new is started, and by whom."""

from __future__ import annotations

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.planning.form import choice

_WAYS = (
    Option("always", "now, and with its host"),
    Option("now", "now, not with its host"),
    Option("later", "it is only defined"),
)


def start_field(entered: FormValues) -> FormField:
    """The field that says when it is started."""
    return choice("start", "start", _WAYS, entered)


def start_and_autostart(values: FormValues) -> tuple[bool, bool]:
    """True if it is started now, and whether with its host."""
    return values["start"] != "later", values["start"] == "always"
