"""The queue of messages from the backend's threads to the app's thread."""

from __future__ import annotations

import threading
from collections import deque

from virttui.model.inventory import Inventory
from virttui.model.queries import News


class Mailbox:
    """Messages that the app has not taken yet; of each host only the newest inventory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inventories: dict[str, Inventory] = {}
        self._others: deque[News] = deque()

    def put(self, news: News) -> bool:
        """Add a message; true when the queue was empty, so that the app must be woken."""
        with self._lock:
            empty = not self._inventories and not self._others
            if isinstance(news, Inventory):
                self._inventories[news.host.id] = news
            else:
                self._others.append(news)
            return empty

    def take(self) -> list[News]:
        """Remove and return all messages, inventories first."""
        with self._lock:
            news: list[News] = [*self._inventories.values(), *self._others]
            self._inventories.clear()
            self._others.clear()
            return news
