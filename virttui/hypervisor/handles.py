"""libvirt's domain handles of one connection, by UUID. Handles never leave their lane."""

from __future__ import annotations

from typing import Any

from virttui.model.errors import NotFound


class Handles:
    """A cache of domain handles: one list call fetches all, a single one is looked up by need."""

    def __init__(self) -> None:
        self._by_uuid: dict[str, Any] = {}

    def fill(self, domains: list[Any]) -> dict[str, Any]:
        """Replace the cache by a fresh list; returns it by UUID."""
        self._by_uuid = {domain.UUIDString(): domain for domain in domains}
        return self._by_uuid

    def keep(self, uuid: str, domain: Any | None) -> None:
        """Replace one handle, or drop it."""
        if domain is None:
            self._by_uuid.pop(uuid, None)
        else:
            self._by_uuid[uuid] = domain

    def get(self, uuid: str) -> Any | None:
        """The handle if it is known; makes no call."""
        return self._by_uuid.get(uuid)

    def of(self, connection: Any, uuid: str) -> Any:
        """The handle, after one list call when it is not known yet. Raises NotFound."""
        if uuid not in self._by_uuid:
            self.fill(connection.listAllDomains(0))
        found = self._by_uuid.get(uuid)
        if found is None:
            raise NotFound("the domain is gone")
        return found

    def some(self, connection: Any, uuids: tuple[str, ...]) -> list[Any]:
        """The handles of those of ``uuids`` that exist, after at most one list call."""
        if any(uuid not in self._by_uuid for uuid in uuids):
            self.fill(connection.listAllDomains(0))
        return [found for uuid in uuids if (found := self._by_uuid.get(uuid)) is not None]
