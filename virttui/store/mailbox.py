"""The queue of messages from the backend's threads to the app's thread."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping

from virttui.model.inventory import Domain, Inventory
from virttui.model.messages import FleetMessage


class Mailbox:
    """Messages that the app has not taken yet; of each host only the newest inventory.

    ``news``: one of them says more than new figures of what is known.
    """

    def __init__(self) -> None:
        self.news = False
        self._lock = threading.Lock()
        self._inventories: dict[str, Inventory] = {}
        self._others: deque[FleetMessage] = deque()
        self._last: dict[str, Inventory] = {}

    def push(self, message: FleetMessage) -> bool:
        """Add a message; true when the app must be woken: for the first, and for the first news."""
        with self._lock:
            first = not self._inventories and not self._others
            news = True
            if isinstance(message, Inventory):
                host = message.host.id
                before = self._last.get(host)
                news = before is None or _differs(before, message)
                self._inventories[host] = self._last[host] = message
            else:
                self._others.append(message)
            wake = first or (news and not self.news)
            self.news = self.news or news
            return wake

    def take(self) -> list[FleetMessage]:
        """Remove and return all messages, inventories first."""
        with self._lock:
            messages: list[FleetMessage] = [*self._inventories.values(), *self._others]
            self._inventories.clear()
            self._others.clear()
            self.news = False
            return messages


def _differs(before: Inventory, after: Inventory) -> bool:
    """Return true if more than figures differ. Rows that did not change stay the same objects."""
    return (
        _rows_differ(before.domains, after.domains)
        or before.networks is not after.networks
        or before.pools is not after.pools
        or before.host.phase is not after.host.phase
        or (before.listed, before.missing_parts) != (after.listed, after.missing_parts)
        or [job.id for job in before.jobs] != [job.id for job in after.jobs]
        # Another domain is under the cursor: its graphs are waited for.
        or (before.trail and before.trail.key) != (after.trail and after.trail.key)
    )


def _rows_differ(before: Mapping[str, Domain], after: Mapping[str, Domain]) -> bool:
    """Return true if a domain came, went, or changed in more than what is still being read.

    While definitions are read, and for rows that come into view, addresses and definitions arrive
    a few at a time: they come with the next figures.
    """
    if before is after:
        return False
    if len(before) != len(after):
        return True
    changed = [
        (before.get(uuid), one) for uuid, one in after.items() if before.get(uuid) is not one
    ]
    return any(old is None or _essence(old) != _essence(new) for old, new in changed)


def _essence(domain: Domain) -> tuple[object, ...]:
    return (
        domain.name,
        domain.state,
        domain.reason,
        domain.id,
        domain.persistent,
        domain.autostart,
        domain.saved,
        domain.silent_at,
    )
