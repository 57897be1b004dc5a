"""What a row or a document stands for, and what it is known by."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kinds of thing a row or a document can stand for."""

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
    """Identity: the host's id in this fleet and libvirt's UUID, never a name.

    What libvirt gives no UUID (interfaces, node devices) is known by its name, as libvirt knows it;
    a host's own documents by "".
    """

    host: str
    uuid: str
