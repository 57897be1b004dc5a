"""libvirt's domain handles of one connection, by UUID. Handles never leave their worker."""

from __future__ import annotations

from collections.abc import Set

from virttui.hypervisor.connection.types import Connection, DomainHandle


class DomainHandleCache:
    """A cache of domain handles, filled by one list call when one is missing.

    A worker may have to open its connection anew; handles of the one before are then forgotten.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._by_uuid: dict[str, DomainHandle] = {}

    def fill(self, connection: Connection) -> dict[str, DomainHandle]:
        """Replace the cache by a fresh list; returns it by UUID."""
        domains = connection.listAllDomains(0)
        self._connection = connection
        self._by_uuid = {domain.UUIDString(): domain for domain in domains}
        return self._by_uuid

    def keep(self, uuid: str, domain: DomainHandle | None) -> None:
        """Replace one handle, or drop it."""
        if domain is None:
            self._by_uuid.pop(uuid, None)
        else:
            self._by_uuid[uuid] = domain

    def get(self, uuid: str) -> DomainHandle | None:
        """The handle if it is known; makes no call."""
        return self._by_uuid.get(uuid)

    def without(self, uuids: Set[str]) -> list[DomainHandle]:
        """All known handles but those of ``uuids``; makes no call."""
        return [domain for uuid, domain in self._by_uuid.items() if uuid not in uuids]

    def some(self, connection: Connection, uuids: tuple[str, ...]) -> list[DomainHandle]:
        """The handles of those of ``uuids`` that exist, after at most one list call."""
        known = self._by_uuid if connection is self._connection else {}
        if any(uuid not in known for uuid in uuids):
            known = self.fill(connection)
        return [found for uuid in uuids if (found := known.get(uuid)) is not None]
