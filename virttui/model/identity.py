"""What a row stands for, and what it is known by."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kinds of thing a row can stand for."""

    DOMAIN = "domain"
    NETWORK = "network"
    POOL = "pool"
    VOLUME = "volume"
    HOST = "host"


class Key(NamedTuple):
    """Identity of a row: the host's id in this fleet and libvirt's UUID. Never a name."""

    host: str
    uuid: str
