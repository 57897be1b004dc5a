"""Tags of a domain, kept in the metadata of its definition."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.commands.keep_definition import keep_definition
from virttui.hypervisor.connection.calls import ignoring
from virttui.hypervisor.connection.types import DomainHandle
from virttui.libvirtxml.tags import NAMESPACE, PREFIX, read_tags, tags_xml
from virttui.model.commands import Command, TagArguments


def tag(domain: DomainHandle, command: Command, arguments: TagArguments) -> str:
    """Add and drop tags of ours in the metadata, now and for the next boot."""
    flags = 0
    if domain.isPersistent():
        flags |= libvirt.VIR_DOMAIN_AFFECT_CONFIG
    if domain.isActive():
        flags |= libvirt.VIR_DOMAIN_AFFECT_LIVE
    element = libvirt.VIR_DOMAIN_METADATA_ELEMENT
    known: tuple[str, ...] = ()
    with ignoring(libvirt.VIR_ERR_NO_DOMAIN_METADATA):
        one = flags & libvirt.VIR_DOMAIN_AFFECT_CONFIG or flags
        known = read_tags(domain.metadata(element, NAMESPACE, one))
    tags = (set(known) | set(arguments.add)) - set(arguments.remove)
    if domain.isPersistent():
        keep_definition(domain, command)
    domain.setMetadata(element, tags_xml(tags) if tags else None, PREFIX, NAMESPACE, flags)
    return f"is tagged {' '.join(sorted(tags))}" if tags else "has no tags now"
