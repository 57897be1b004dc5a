"""Secrets: their values go one way, from the hands to libvirt."""

from __future__ import annotations

from virttui.hypervisor.connection.types import Connection
from virttui.hypervisor.queries.documents import stored
from virttui.model.commands import Command
from virttui.model.documents import Document
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.model.secret_value import SecretBytes
from virttui.persistence import definition_history


def set_value(connection: Connection, command: Command, secret_value: SecretBytes) -> str:
    """Give a secret its value; returns words. Raises libvirtError or Refused."""
    secret = connection.secretLookupByUUIDString(command.target.key.uuid)
    value = secret_value.take()
    if value is None:
        raise Refused("its value was already used", advice="type it again")
    secret.setValue(value, 0)
    return "has its value"


def undefine(connection: Connection, command: Command) -> str:
    """Undefine a secret; its definition is kept, its value is not. Raises libvirtError."""
    secret = connection.secretLookupByUUIDString(command.target.key.uuid)
    text, _ = stored(secret, Kind.SECRET)
    document = Document(Kind.SECRET, command.target.key, command.target.name)
    definition_history.save_version(document, command.verb.value, text)
    secret.undefine()
    return "is deleted, and its value with it"
