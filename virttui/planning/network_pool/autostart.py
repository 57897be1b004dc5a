"""The form field for starting a new network or pool."""

from __future__ import annotations

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.planning.form import choice

_OPTIONS = (
    Option("always", "now, and with its host"),
    Option("now", "now, not with its host"),
    Option("later", "it is only defined"),
)


def start_field(entered: FormValues) -> FormField:
    """Return the field that says when it is started."""
    return choice("start", "start", _OPTIONS, entered)


def start_and_autostart(values: FormValues) -> tuple[bool, bool]:
    """Return two flags: start it now, and start it with its host."""
    return values["start"] != "later", values["start"] == "always"
