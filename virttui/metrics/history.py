"""Fixed-length histories of the domains that somebody looks at."""

from __future__ import annotations

from collections import OrderedDict, deque

from virttui.model.inventory import Sample

LENGTH = 300
KEPT = 500


class History:
    """The last ``LENGTH`` samples of at most ``KEPT`` domains, the longest unseen dropped first."""

    def __init__(self) -> None:
        self._rings: OrderedDict[str, deque[Sample]] = OrderedDict()

    def record(self, uuid: str, sample: Sample) -> None:
        """Add the newest sample of ``uuid``."""
        ring = self._rings.get(uuid)
        if ring is None:
            ring = self._rings[uuid] = deque(maxlen=LENGTH)
            if len(self._rings) > KEPT:
                self._rings.popitem(last=False)
        ring.append(sample)

    def seen(self, uuid: str) -> None:
        """Somebody looks at ``uuid``: keep its ring longest."""
        if uuid in self._rings:
            self._rings.move_to_end(uuid)

    def known(self) -> tuple[str, ...]:
        """The domains that have a ring."""
        return tuple(self._rings)

    def samples(self, uuid: str) -> tuple[Sample, ...]:
        """All samples kept of ``uuid``, oldest first."""
        return tuple(self._rings.get(uuid, ()))

    def forget(self, uuid: str) -> None:
        """Drop the ring of a domain that is gone."""
        self._rings.pop(uuid, None)
