"""Kinds of objects, and their identity."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of objects that have rows or documents."""

    DOMAIN = "domain"
    NETWORK = "network"
    POOL = "pool"
    VOLUME = "volume"
    HOST = "host"
    SNAPSHOT = "snapshot"
    NWFILTER = "nwfilter"
    NWFILTER_BINDING = "nwfilter binding"
    NETWORK_PORT = "network port"
    SECRET = "secret"
    INTERFACE = "interface"
    NODE_DEVICE = "node device"
    SAVED_IMAGE = "saved image"
    CAPABILITIES = "capabilities"
    DOMAIN_CAPABILITIES = "domain capabilities"


class ObjectId(NamedTuple):
    """An identity: the host's id in this fleet and libvirt's UUID, never a name.

    Objects without a UUID (interfaces, node devices) have their name in libvirt instead; a host's
    own documents have "".
    """

    host: str
    uuid: str
