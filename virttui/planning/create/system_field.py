"""The operating system of a new domain: chosen, detected in a medium, or guessed from a name."""

from __future__ import annotations

import itertools
import re

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import InstallMethod, OperatingSystem
from virttui.model.provision.lookups import Lookup, LookupKind
from virttui.planning.create.method_fields import method_value
from virttui.planning.create.sources import file_name
from virttui.planning.osinfo.catalog import OsCatalog

_SOURCE_FIELDS = {
    InstallMethod.MEDIUM: "medium",
    InstallMethod.CLOUD: "base",
    InstallMethod.DISK: "disk",
    InstallMethod.TREE: "tree",
}
"""The field that holds the source of the operating system."""


def chosen_system(
    method: InstallMethod, entered: FormValues, context: CreateContext, systems: OsCatalog
) -> tuple[OperatingSystem, tuple[OperatingSystem, ...]]:
    """Return the operating system that was chosen, detected in the medium, or guessed from a
    name, and the candidates for it."""
    found = systems.detect(context.medium) if context.medium is not None else ()
    if not found and context.medium is not None:
        found = systems_in_name(context.medium.volume, systems)
    if not found:
        image = _SOURCE_FIELDS.get(method)
        source = method_value(image, method, entered, context) if image else ""
        found = systems_in_name(_name_hint(source, context), systems)
    if entered.get("os"):
        return systems.by_id(entered["os"]), found
    return (found[0] if found else systems.by_id("")), found


def systems_in_name(source: str, systems: OsCatalog) -> tuple[OperatingSystem, ...]:
    """Return the systems whose id occurs in the name of an image: ``debian-12-generic`` is
    debian12.

    A release that is newer than all known ones of its distribution counts as the newest known one.
    """
    words = re.findall(r"[a-z]+|\d+(?:\.\d+)?", source.rpartition("/")[2].lower())
    found: list[OperatingSystem] = []
    for first, second in itertools.pairwise([*words, ""]):
        for id in (f"{first}{second}", f"{first}{second.split('.')[0]}", f"{first}-{second}"):
            system = systems.by_id(id)
            if system.known and system not in found:
                found.append(system)
    if found:
        return tuple(found)
    return next((newest for word in words if (newest := systems.newest_of(word))), ())


def _name_hint(source: str, context: CreateContext) -> str:
    """Return the text to guess a system from: the name of a file, or of an install tree."""
    found = context.lookup_results.get(Lookup(LookupKind.TREE, source))
    if found is not None and found.tree is not None:
        return found.tree.label
    return file_name(source)


def system_field(
    system: OperatingSystem,
    candidates: tuple[OperatingSystem, ...],
    systems: OsCatalog,
    context: CreateContext,
) -> FormField:
    """Return the field of the operating system: the candidates first, then all by their use."""
    # Only what the medium itself says is surely so; a file can be called anything.
    detected = systems.detect(context.medium) if context.medium is not None else ()
    options = [
        Option(
            one.id,
            f"{one.name}, as the medium says"
            if one in detected
            else f"{one.name}? guessed from its name",
        )
        for one in candidates
    ]
    candidate_ids = {one.id for one in candidates}
    options += [Option(one.id, one.name) for one in systems.by_use if one.id not in candidate_ids]
    note = context.medium_error or system.name
    return FormField("os", "system", system.id, tuple(options), note=note)
