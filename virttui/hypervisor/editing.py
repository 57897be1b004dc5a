"""Edits by name: read the definition, change what is named, and write it as any other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import libvirt

from virttui.definitions.edits import apply
from virttui.hypervisor.documents import NO_PASSWORDS, stored
from virttui.hypervisor.writing import define
from virttui.model.commands import Command, When
from virttui.model.documents import Document
from virttui.model.errors import BadInput, ChangedElsewhere, Refused
from virttui.model.identity import Kind

# So often an edit is made anew when somebody else wrote between reading and writing.
ATTEMPTS = 5


def edit(connection: Any, command: Command) -> str:
    """Carry out EDIT; returns words for what was done. Raises libvirtError or Trouble.

    An edit names what it changes and nothing else, so who wrote meanwhile is no reason to stop:
    it is made again in what is stored then.
    """
    key, name = command.target.key, command.target.name
    document = Document(Kind.DOMAIN, key, name)
    domain = connection.lookupByUUIDString(key.uuid)
    for _ in range(ATTEMPTS - 1):
        try:
            return define(connection, _written_out(domain, document, command))
        except ChangedElsewhere:
            continue
    return define(connection, _written_out(domain, document, command))


def _written_out(domain: Any, document: Document, command: Command) -> Command:
    """The edit as a text to be stored and steps for what runs. Raises BadInput, Refused."""
    wanted, when = command.edit, command.when
    if wanted is None:
        raise BadInput("an edit must say what it changes")
    active, persistent = bool(domain.isActive()), bool(domain.isPersistent())
    before, whole = stored(domain, Kind.DOMAIN) if persistent else ("", True)
    if not whole:
        raise Refused(NO_PASSWORDS)
    if not persistent and when is When.NEXT_BOOT:
        raise Refused("it is transient: there is no next boot", advice="change it live")
    if not active and when is When.LIVE:
        raise Refused("it is off: nothing runs that could change", advice="change the next boot")
    live = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE) if active else ""
    made = apply(before, live, wanted)
    if when is When.LIVE and not made.steps:
        which = ", ".join(dict.fromkeys(made.waiting))
        raise Refused(
            f"{which} cannot change while it runs" if which else "it is so already",
            advice="change the next boot" if which else "",
        )
    steps = made.steps if when.now else ()
    if made.text == before:
        if not steps:
            raise Refused("it is so already")
        when = When.LIVE
    return replace(command, document=document, xml=made.text, base=before, steps=steps, when=when)
