"""Records of the model: each field under a name that says its unit.

A field that is added to a struct of the model is in every record, under its own name until
``UNITS`` gives it one with a unit. ``LEFT_OUT`` are the few that mean nothing outside.
Sizes are bytes, times seconds, shares 0 to 1; what is not known is None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from virttui.model.domains.history import GAP, SERIES, MetricHistory
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.errors import OperationError
from virttui.model.inventory import Domain, HostState, Inventory, Network, Pool, Volume
from virttui.model.messages import HostEvent
from virttui.model.network_records import NetworkRecord
from virttui.model.severity import Severity
from virttui.model.tasks import Task

Record = dict[str, Any]

UNITS: Mapping[type, Mapping[str, str]] = {
    Usage: {
        "cpu": "cpu_share",
        "rx": "net_rx_bytes_per_second",
        "tx": "net_tx_bytes_per_second",
        "memory_used": "memory_used_bytes",
        "memory_given": "memory_given_bytes",
        "read": "disk_read_bytes_per_second",
        "write": "disk_write_bytes_per_second",
        "net_errors": "net_errors_per_second",
        "steal": "steal_share",
        "latency": "disk_latency_seconds",
        "usual_latency": "disk_usual_latency_seconds",
        "disk_full": "disk_full_share",
        "peak": "cpu_peak_share",
    },
    Domain: {"memory": "memory_bytes", "memory_max": "memory_max_bytes"},
    Pool: {
        "capacity": "capacity_bytes",
        "allocation": "allocation_bytes",
        "available": "available_bytes",
        "promised": "promised_bytes",
    },
    Volume: {"capacity": "capacity_bytes", "allocation": "allocation_bytes"},
    HostState: {"memory_promised": "memory_promised_bytes"},
    NetworkRecord: {"kind": "section"},
}
COUNTED = (
    "cpu_seconds_total",
    "disk_read_bytes_total",
    "disk_write_bytes_total",
    "net_rx_bytes_total",
    "net_tx_bytes_total",
)
"""The names of ``Usage.counters``, in their order."""
LEFT_OUT: Mapping[type, frozenset[str]] = {
    # When a figure was taken is a moment of this process's own clock.
    Usage: frozenset({"cpu_at", "cpu_turn", "net_at", "net_turn", "monitor_at", "monitor_turn"}),
    # Since when it is silent is told as "silent_seconds".
    Domain: frozenset({"key", "silent_at"}),
    Network: frozenset({"key"}),
    Pool: frozenset({"key"}),
    HostState: frozenset({"since_at", "answered_at", "next_try_at", "id"}),
}


TURNS: Mapping[str, frozenset[str]] = {
    "cpu_old": frozenset({"cpu"}),
    "net_old": frozenset({"rx", "tx", "net_errors"}),
    "monitor_old": frozenset(
        {"memory_used", "memory_given", "read", "write", "steal", "latency", "disk_full"}
    ),
}
"""What of a ``Usage`` is not the present any more when that method of it says so."""


def moment(epoch: float) -> str:
    """A wall-clock time as ISO 8601 in UTC: ``2026-01-31T03:14:22.125Z``."""
    spelled = datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds")
    return spelled.removesuffix("+00:00") + "Z"


def flat(thing: Struct) -> Record:
    """One of the model's structs as a record, in the order of its fields."""
    units, left_out = UNITS.get(type(thing), {}), LEFT_OUT.get(type(thing), frozenset())
    record: Record = {}
    for name in thing.__struct_fields__:
        value = getattr(thing, name)
        if name in left_out:
            continue
        if name.endswith("_epoch"):
            record[name.removesuffix("_epoch")] = moment(value) if value else None
        else:
            record[units.get(name, name)] = _plain(value)
    return record


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, float):
        # Six decimals of a byte or a share are noise already.
        return round(value, 6)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, OperationError):
        return value.message
    if isinstance(value, Struct):
        return flat(value)
    if isinstance(value, tuple | list | frozenset):
        return [_plain(one) for one in value]
    return value


def domain_record(inventory: Inventory, domain: Domain) -> Record:
    """One domain and what it uses; a host that does not answer tells no figures."""
    return {
        "host": inventory.host.name,
        "uuid": domain.key.uuid,
        **flat(domain),
        "silent_seconds": silent_seconds(inventory, domain),
        **usage_record(present(inventory, domain)),
    }


def silent_seconds(inventory: Inventory, domain: Domain) -> float | None:
    """For how long its QEMU has not answered; None while it does."""
    if domain.silent_at is None:
        return None
    return round(max(0.0, inventory.at - domain.silent_at), 3)


def present(inventory: Inventory, domain: Domain) -> Usage:
    """The current usage of a domain: old figures count as unknown.

    While its QEMU does not answer, nothing that only QEMU tells is the present.
    """
    usage = inventory.usage.get(domain.key.uuid)
    if usage is None or not inventory.current or not domain.state.active:
        return NO_USAGE
    old = [name for is_old, names in TURNS.items() if getattr(usage, is_old)(inventory.at)
           for name in names]  # fmt: skip
    if domain.silent_at is not None:
        counters = replace(usage.counters, read=None, write=None)
        usage = replace(usage, counters=counters)
        old += TURNS["monitor_old"]
    changes: dict[str, Any] = dict.fromkeys(old)
    return replace(usage, **changes) if changes else usage


def usage_record(usage: Usage) -> Record:
    """The usage of a domain as a record; counters and the fullest file system are spread out."""
    record = flat(usage)
    fullest = record.pop("filesystem") or {}
    counters = dict(zip(COUNTED, record.pop("counters").values(), strict=True))
    if usage.memory_used is None:
        record["memory_exact"] = None
    return {
        **record,
        "filesystem_mountpoint": fullest.get("mountpoint"),
        "filesystem_used_bytes": fullest.get("used"),
        "filesystem_total_bytes": fullest.get("total"),
        **counters,
    }


TICK = (
    "time",
    "host",
    "uuid",
    "name",
    "state",
    "reason",
    "silent_seconds",
    *usage_record(NO_USAGE),
)
"""The columns of ``virttui record``."""


def ticks(inventory: Inventory, epoch: float) -> Iterable[Record]:
    """One record a domain; one of the host alone, without figures, while it does not answer."""
    head = {"time": moment(epoch), "host": inventory.host.name}
    if not inventory.current or not inventory.listed:
        nothing = dict.fromkeys(TICK)
        yield {**nothing, **head, "state": inventory.host.phase.value}
        return
    for domain in sorted(inventory.domains.values(), key=lambda domain: domain.name):
        yield {
            **head,
            "uuid": domain.key.uuid,
            "name": domain.name,
            "state": domain.state.value,
            "reason": domain.reason,
            "silent_seconds": silent_seconds(inventory, domain),
            **usage_record(present(inventory, domain)),
        }


_SERIES = {**UNITS[Usage], "memory": "memory_share"}


def trail_records(trail: MetricHistory, epoch: float, now: float) -> list[Record]:
    """The moments of a trail, oldest first; ``now`` is the monotonic time of ``epoch``."""
    names = [_SERIES[name] for name in SERIES]
    series = [getattr(trail, name) for name in SERIES]
    return [
        {
            "time": moment(epoch - (now - at)),
            **{
                name: None if values[place] == GAP else round(float(values[place]), 6)
                for name, values in zip(names, series, strict=True)
            },
        }
        for place, at in enumerate(trail.at)
    ]


def thing_record(host: str, thing: Network | Pool | Volume) -> Record:
    """A network, pool or volume of a host."""
    uuid = {} if isinstance(thing, Volume) else {"uuid": thing.key.uuid}
    return {"host": host, **uuid, **flat(thing)}


def host_record(host: HostState) -> Record:
    """A host, its own figures beside the rest."""
    record = flat(host)
    figures = record.pop("figures")
    return {**record, **{f"host_{name}": value for name, value in figures.items()}}


def task_record(task: Task, host: str) -> Record:
    """A task, its command spread out."""
    command = task.command
    return {
        "time": moment(task.started_epoch),
        "host": host,
        "uuid": command.target.key.uuid,
        "kind": command.target.kind.value,
        "name": command.target.name,
        "verb": command.verb.value,
        "state": task.state.value,
        "took_seconds": None if task.ended_at is None else task.ended_at - task.started_at,
        "words": task.words,
        "trouble": _plain(task.trouble),
        "said": task.trouble.libvirt_message if task.trouble is not None else None,
    }


EVENT_LEVELS = {Severity.OK: "", Severity.WARNING: "warn", Severity.ERROR: "alarm"}
"""The words for a severity in exported events and in filters."""


def event_record(event: HostEvent, host: str) -> Record:
    """An event."""
    return {
        "time": moment(event.epoch),
        "host": host,
        "uuid": event.key.uuid if event.key is not None else None,
        "topic": event.topic,
        "who": event.subject,
        "what": event.text,
        "by": event.actor,
        "level": EVENT_LEVELS[event.level],
    }
