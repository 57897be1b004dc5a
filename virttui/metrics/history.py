"""Fixed-length histories: an hour of every active domain, five minutes of those looked at.

Both are 32-bit floats in arrays that grow to their length and no further. ``GAP`` is a gap.

=========  ====================================  =========================  ======================
ring       of                                    holds                      bytes a domain
=========  ====================================  =========================  ======================
coarse     every active domain                   3 series, 360 x 10 s       4,320
fine       those in view, selected or seen,      8 series and the time,     12,000
           at most 500                           300 ticks
=========  ====================================  =========================  ======================
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterable

from virttui.model.domains.history import GAP, SERIES, MetricHistory
from virttui.model.identity import ObjectId

FINE_LENGTH = 300
FINE_SAMPLES = 500
COARSE_STEP = 10.0
COARSE_LENGTH = 360
# A peak is looked for in so many coarse steps: five minutes.
PEAK_STEPS = 30

_COARSE = ("cpu", "rx", "tx")
_NOTHING = (GAP,) * len(SERIES)


class FineHistory:
    """The last ticks of at most ``FINE_SAMPLES`` domains, the longest unseen dropped first."""

    def __init__(self) -> None:
        self._rings: OrderedDict[str, tuple[array[float], array[float]]] = OrderedDict()

    def record(self, uuid: str, at: float, figures: Iterable[float | None]) -> None:
        """Add the newest figures of ``uuid``, in the order of ``SERIES``."""
        found = self._rings.get(uuid)
        if found is None:
            found = self._rings[uuid] = (array("d"), array("f"))
            if len(self._rings) > FINE_SAMPLES:
                self._rings.popitem(last=False)
        times, values = found
        times.append(at)
        values.extend([GAP if value is None else value for value in figures])
        if len(times) > FINE_LENGTH:
            del times[0]
            del values[: len(SERIES)]

    def gap(self, at: float) -> None:
        """Add a gap to every ring."""
        for uuid in tuple(self._rings):
            self.record(uuid, at, _NOTHING)

    def seen(self, uuid: str) -> None:
        """Somebody looks at ``uuid``: keep its ring longest."""
        if uuid in self._rings:
            self._rings.move_to_end(uuid)

    def known(self) -> tuple[str, ...]:
        """The domains that have a ring."""
        return tuple(self._rings)

    def median(self, uuid: str, series: str, least: int = 30) -> float | None:
        """The median of a series, or None where fewer than ``least`` values are known."""
        _, values = self._rings.get(uuid, (None, array("f")))
        known = sorted(value for value in values[SERIES.index(series) :: len(SERIES)] if value >= 0)
        return known[len(known) // 2] if len(known) >= least else None

    def rings(self, uuid: str) -> tuple[array[float], array[float]]:
        """Times, and the figures in the order of ``SERIES`` for each."""
        return self._rings.get(uuid, (array("d"), array("f")))

    def forget(self, uuid: str) -> None:
        """Drop the ring of a domain that is gone."""
        self._rings.pop(uuid, None)


class CoarseHistory:
    """The highest CPU and network figures of every ten seconds, for an hour.

    Rings end at one step for all, so none needs times of its own.
    """

    def __init__(self) -> None:
        self._rings: dict[str, array[float]] = {}
        self._tops: dict[str, list[float]] = {}
        self._step: int | None = None

    def add(self, uuid: str, cpu: float | None, rx: float | None, tx: float | None) -> None:
        """Take figures of ``uuid`` into the step that is not over yet."""
        top = self._tops.get(uuid)
        if top is None:
            top = self._tops[uuid] = [GAP, GAP, GAP]
        if cpu is not None and cpu > top[0]:
            top[0] = cpu
        if rx is not None and rx > top[1]:
            top[1] = rx
        if tx is not None and tx > top[2]:
            top[2] = tx

    def close(self, now: float) -> bool:
        """End the step when its time has passed; true when one was ended."""
        step = int(now // COARSE_STEP)
        if self._step is None:
            self._step = step
        missed = step - self._step
        if missed <= 0:
            return False
        for uuid in self._tops.keys() - self._rings.keys():
            self._rings[uuid] = array("f")
        gap = [GAP] * (len(_COARSE) * min(missed - 1, COARSE_LENGTH))
        for uuid, ring in self._rings.items():
            ring.extend(self._tops.get(uuid, _NOTHING[: len(_COARSE)]))
            ring.extend(gap)
            if len(ring) > COARSE_LENGTH * len(_COARSE):
                del ring[: len(ring) - COARSE_LENGTH * len(_COARSE)]
        self._tops.clear()
        self._step = step
        return True

    def peaks(self) -> dict[str, float]:
        """The highest CPU share of the last five minutes, of the domains that have one."""
        most = PEAK_STEPS * len(_COARSE)
        peaks = {uuid: max(ring[-most :: len(_COARSE)]) for uuid, ring in self._rings.items()}
        return {uuid: peak for uuid, peak in peaks.items() if peak >= 0}

    def ring(self, uuid: str) -> tuple[list[float], array[float]]:
        """The ends of the steps (monotonic seconds), and three figures for each."""
        ring = self._rings.get(uuid, array("f"))
        last, count = self._step or 0, len(ring) // len(_COARSE)
        return [(last - count + 1 + place) * COARSE_STEP for place in range(count)], ring

    def forget(self, uuid: str) -> None:
        """Drop the ring of a domain that is gone."""
        self._rings.pop(uuid, None)
        self._tops.pop(uuid, None)


class History:
    """Both rings of one host's domains."""

    def __init__(self) -> None:
        self.fine = FineHistory()
        self.coarse = CoarseHistory()

    def trail(self, key: ObjectId) -> MetricHistory:
        """The past of a domain: coarse until its fine ring begins, then fine."""
        fine_at, fine = self.fine.rings(key.uuid)
        coarse_at, coarse = self.coarse.ring(key.uuid)
        begin = fine_at[0] if fine_at else float("inf")
        count = sum(at < begin for at in coarse_at)
        columns: dict[str, array[float]] = {}
        for place, name in enumerate(SERIES):
            if name in _COARSE:
                column = coarse[_COARSE.index(name) : count * len(_COARSE) : len(_COARSE)]
            else:
                column = array("f", [GAP]) * count
            columns[name] = column + fine[place :: len(SERIES)]
        return MetricHistory(key, array("d", coarse_at[:count]) + fine_at, **columns, coarse=count)

    def forget(self, uuid: str) -> None:
        """Drop what is known of a domain that is gone."""
        self.fine.forget(uuid)
        self.coarse.forget(uuid)
