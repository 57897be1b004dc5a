"""New machines: what is usual for a system on a host, the definition, a seed, the same by hand."""

from __future__ import annotations

from virttui.definitions.creating.crypt import hashed
from virttui.definitions.creating.domain import machine_xml
from virttui.definitions.creating.hosts import host_can
from virttui.definitions.creating.line import install_line
from virttui.definitions.creating.media import descriptor
from virttui.definitions.creating.seeding import seed
from virttui.definitions.creating.systems import OsCatalog, systems
from virttui.definitions.creating.usual import usual

__all__ = [
    "OsCatalog",
    "descriptor",
    "hashed",
    "host_can",
    "install_line",
    "machine_xml",
    "seed",
    "systems",
    "usual",
]
