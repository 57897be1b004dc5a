"""The operating systems of this machine's osinfo database, for every form that chooses one."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from virttui.settings import osinfo_folders

if TYPE_CHECKING:
    from virttui.planning.osinfo.catalog import OsCatalog


@cache
def os_systems() -> OsCatalog:
    """One catalog for the whole run: it reads the database once, at the first question."""
    from virttui.planning.osinfo.catalog import os_catalog

    return os_catalog(osinfo_folders())
