"""The times at which a failed connection is retried."""

from __future__ import annotations

import random

from virttui.model.errors import BadUri, HostDenied, OperationError

DENIED_RETRY = 30.0
LONGEST_RETRY = 30.0


class RetrySchedule:
    """The attempts to connect to one host. Times are those of the clock that ``now`` is from."""

    def __init__(self, now: float) -> None:
        self.next_at: float | None = now
        self.failures = 0

    def is_due(self, now: float) -> bool:
        """Return true if it is time to try."""
        return self.next_at is not None and now >= self.next_at

    def started(self) -> None:
        """An attempt is under way: the next one is not planned yet."""
        self.next_at = None

    def opened(self) -> None:
        """The attempt succeeded."""
        self.failures = 0

    def failed(self, error: OperationError, now: float) -> None:
        """Plan the next attempt: a little later each time, and never in step with other hosts.

        A URI that libvirt does not take is tried again only when the user asks for it.
        """
        self.failures += 1
        denied = isinstance(error, HostDenied)
        wait = DENIED_RETRY if denied else min(LONGEST_RETRY, 2.0 ** (self.failures - 1))
        again = now + wait * random.uniform(0.8, 1.2)
        self.next_at = None if isinstance(error, BadUri) else again

    def at_once(self, now: float) -> None:
        """The user asks for it now."""
        self.next_at = now
