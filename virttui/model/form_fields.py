"""Fields of a form, and the values entered into them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from virttui.model.documents import Option

FormValues = Mapping[str, str]
"""The name of each field -> the value entered, or its default."""


class FormField(Struct, frozen=True):
    """One field of a form. ``value`` is the value entered, or the default.

    ``options`` are suggestions; with ``only`` nothing else is accepted. ``needed``: it must not be
    empty. ``note`` is a hint beside it. ``pool`` names the pool whose volumes are the options. A
    ``hidden`` field is shown as dots and saved in no draft. ``group`` is the part of the form it
    belongs to where a form has several of a kind, else "". ``file``: it is a path of this computer.
    """

    name: str
    label: str
    value: str
    options: tuple[Option, ...] = ()
    only: bool = False
    needed: bool = True
    note: str = ""
    pool: str = ""
    hidden: bool = False
    group: str = ""
    file: bool = False
