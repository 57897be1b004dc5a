"""The history gets a copy of each definition before it is changed or deleted."""

from __future__ import annotations

from typing import Any

from virttui.hypervisor.queries.documents import stored
from virttui.model.commands import Command
from virttui.model.documents import Document
from virttui.persistence import definition_history


def keep_definition(libvirt_object: Any, command: Command) -> None:
    """Write the stored definition of ``libvirt_object`` to the history. Raises Refused."""
    target = command.target
    xml, _ = stored(libvirt_object, target.kind)
    if xml:
        definition_history.save_version(
            Document(target.kind, target.key, libvirt_object.name()), command.verb.value, xml
        )
