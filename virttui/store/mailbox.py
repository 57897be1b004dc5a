"""The queue of messages from the backend's threads to the app's thread."""

from __future__ import annotations

import threading
from collections import deque

from virttui.model.inventory import Inventory
from virttui.model.messages import FleetMessage


class Mailbox:
    """Messages that the app has not taken yet; of each host only the newest inventory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inventories: dict[str, Inventory] = {}
        self._others: deque[FleetMessage] = deque()

    def push(self, message: FleetMessage) -> bool:
        """Add a message; true when the queue was empty, so that the app must be woken."""
        with self._lock:
            empty = not self._inventories and not self._others
            if isinstance(message, Inventory):
                self._inventories[message.host.id] = message
            else:
                self._others.append(message)
            return empty

    def take(self) -> list[FleetMessage]:
        """Remove and return all messages, inventories first."""
        with self._lock:
            messages: list[FleetMessage] = [*self._inventories.values(), *self._others]
            self._inventories.clear()
            self._others.clear()
            return messages
