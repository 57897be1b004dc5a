"""The metrics of one domain over time, as graphs draw them."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui.model.identity import ObjectId

GAP = -1.0
"""The value of a series at a time when nothing was known."""

SERIES = ("cpu", "memory", "read", "write", "rx", "tx", "steal", "latency")


class MetricHistory(Struct, frozen=True):
    """Times, oldest first, and the metrics at each; ``GAP`` where there was none.

    Shares for ``cpu``, ``memory`` and ``steal``, bytes a second for ``read``, ``write``, ``rx`` and
    ``tx``, seconds a request for ``latency``. The first ``coarse`` points are ten seconds apart and
    hold only the maximum of CPU and network in those; the others are one a tick.
    """

    key: ObjectId
    at: Sequence[float] = ()
    cpu: Sequence[float] = ()
    memory: Sequence[float] = ()
    read: Sequence[float] = ()
    write: Sequence[float] = ()
    rx: Sequence[float] = ()
    tx: Sequence[float] = ()
    steal: Sequence[float] = ()
    latency: Sequence[float] = ()
    coarse: int = 0
