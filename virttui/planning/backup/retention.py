"""Which backups a rule keeps, and which may go; pure.

A rule counts backups that were verified alone. What was not verified, or did not verify, neither
fulfils it nor goes by it: nothing that nobody has read stands in for a backup that is known to be
good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, tzinfo

from msgspec import Struct

from virttui.model.backup.chains import damaged, newest_first
from virttui.model.backup.manifest import StoredBackup
from virttui.model.errors import InvalidInput

_PART = re.compile(r"(?P<period>[a-z]+)[ =:]*(?P<count>\d{1,4})")
_EXAMPLE = "for example: last 7, daily 14, weekly 8, monthly 12, yearly 3"


class RetentionRule(Struct, frozen=True):
    """How many backups to keep: the newest ``last``, and the newest of so many days and so on.

    Days, weeks (which begin on Mondays), months and years without a verified backup do not count.
    """

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0


class Retained(Struct, frozen=True):
    """What becomes of a backup. ``reasons`` are the words for why it stays; without any it goes."""

    backup: StoredBackup
    reasons: tuple[str, ...] = ()

    @property
    def goes(self) -> bool:
        """Whether nothing keeps it."""
        return not self.reasons


_PERIODS: dict[str, Callable[[datetime], tuple[int, ...]]] = {
    "daily": lambda moment: (moment.year, moment.month, moment.day),
    "weekly": lambda moment: moment.isocalendar()[:2],
    "monthly": lambda moment: (moment.year, moment.month),
    "yearly": lambda moment: (moment.year,),
}
"""The word of a rule -> what two backups of the same period have in common."""


def retention_rule(text: str) -> RetentionRule:
    """Read a rule as "last 7, daily 14". Raises InvalidInput."""
    found: dict[str, int] = {}
    for part in text.split(","):
        match = _PART.fullmatch(part.strip().lower())
        if match is None or match["period"] not in RetentionRule.__struct_fields__:
            raise InvalidInput(f"{part.strip() or 'nothing'} is no part of a rule", advice=_EXAMPLE)
        if match["period"] in found:
            raise InvalidInput(f"the rule says {match['period']} twice", advice=_EXAMPLE)
        found[match["period"]] = int(match["count"])
    rule = RetentionRule(**found)
    if rule == RetentionRule():
        raise InvalidInput("the rule keeps nothing", advice=_EXAMPLE)
    return rule


def retained(
    backups: Collection[StoredBackup], rule: RetentionRule, zone: tzinfo | None = None
) -> tuple[Retained, ...]:
    """Return what becomes of the backups of one domain in one pool, the newest first.

    ``zone`` is where days begin, None for that of this computer.
    """
    rows = newest_first(backups)
    verified = [one for one in rows if one.verified is not None and not damaged(one, backups)]
    reasons: dict[str, list[str]] = {one.manifest.id: [] for one in rows}
    for place, one in enumerate(verified[: rule.last]):
        reasons[one.manifest.id].append(f"last {place + 1}")
    for period, common in _PERIODS.items():
        wanted = getattr(rule, period)
        for place, one in enumerate(_newest_of_each(verified, common, zone)[:wanted]):
            reasons[one.manifest.id].append(f"{period} {place + 1}")
    for one in rows[:1]:
        reasons[one.manifest.id].append("the newest, which the next one follows")
    for one in rows:
        if one not in verified:
            problem = damaged(one, backups)
            reasons[one.manifest.id].append(f"not good: {problem}" if problem else "not verified")
    _keep_what_is_needed(rows, reasons)
    return tuple(Retained(one, tuple(reasons[one.manifest.id])) for one in rows)


def _newest_of_each(
    rows: Iterable[StoredBackup],
    common: Callable[[datetime], tuple[int, ...]],
    zone: tzinfo | None,
) -> list[StoredBackup]:
    found: dict[tuple[int, ...], StoredBackup] = {}
    for one in rows:
        found.setdefault(common(datetime.fromtimestamp(one.manifest.begun, zone)), one)
    return list(found.values())


def _keep_what_is_needed(rows: Iterable[StoredBackup], reasons: dict[str, list[str]]) -> None:
    """Keep what a backup that stays lies on; ``rows`` are newest first, so all of it comes later.

    A manifest that names a later one as its parent is followed as well, once.
    """
    parents = {one.manifest.id: one.manifest.parent for one in rows}
    for id in parents:
        if not reasons[id]:
            continue
        needed, way = parents[id], {id}
        while needed in reasons and needed not in way:
            if not reasons[needed]:
                reasons[needed].append(f"{id} needs it")
            way.add(needed)
            needed = parents[needed]
