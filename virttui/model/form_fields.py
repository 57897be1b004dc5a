"""Fields of a form, and the values that were entered into them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from virttui.model.documents import Option

FormValues = Mapping[str, str]
"""What a form holds: the name of each field -> what was entered or is its default."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One value that a device wants. ``value`` is what it is, as given or else as usual.

    ``options`` are the usual values, all there are with ``only``. ``needed`` says that it cannot be
    empty; ``note`` is a word about it. ``pool`` names the pool whose volumes are the options. What
    is ``hidden`` is shown as dots and kept in no draft. ``group`` is the part it belongs to where
    a form has several of a kind, "" where it has none. A ``file`` is a path of this machine.
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
