"""Objects as actions need them: with their host and the task at work on them."""

from __future__ import annotations

from virttui.actions import Subject
from virttui.model.identity import Key, Kind
from virttui.panes.survey import Survey


def subject(survey: Survey, kind: Kind | None, key: Key, pool: Key | None) -> Subject | None:
    """The object with that key; None when it is gone. ``pool`` is the one of a volume."""
    host = survey.host(key.host)
    if kind is None or host is None:
        return None
    if kind is Kind.HOST:
        return Subject(kind, key, host.name, host)
    if kind is Kind.VOLUME:
        volumes = survey.volumes.get(pool, ()) if pool else ()
        volume = next((v for v in volumes if v.path == key.uuid), None)
        return Subject(kind, key, volume.name, host, volume) if volume else None
    find = {Kind.DOMAIN: survey.domain, Kind.NETWORK: survey.network, Kind.POOL: survey.pool}
    thing = find[kind](key)
    if thing is None:
        return None
    return Subject(kind, key, thing.name, host, thing, survey.at_work.get(key))
