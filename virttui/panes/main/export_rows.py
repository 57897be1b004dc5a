"""The rows of a pane as records, as they are filtered and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from virttui.export import fields
from virttui.export.fields import Record
from virttui.panes.domains.rows import DomainRow
from virttui.panes.hosts.pane import HostRow
from virttui.panes.main.events import EventRow
from virttui.panes.main.tasks import TaskRow
from virttui.panes.networks.pane import NetworkRow
from virttui.panes.storage.pools import PoolRow
from virttui.panes.storage.volumes import VolumeRow
from virttui.render.grouping import Heading


def records(rows: Sequence[Any]) -> list[Record]:
    """One record a row, with everything that is known of what the row stands for.

    Headings are no rows; what they hide is listed in its place. A batch is as many as its tasks.
    """
    found: list[Record] = []
    for row in rows:
        if isinstance(row, TaskRow):
            found += _tasks(row)
        elif not isinstance(row, Heading):
            found.append(_record(row))
        elif row.folded:
            found += map(_record, row.rows)
    return found


def _tasks(row: TaskRow) -> list[Record]:
    """The tasks of a row; a batch may be of several hosts, which are told by their ids."""
    return [
        fields.task_record(task, task.command.target.key.host if row.batch else row.host)
        for task in row.tasks
    ]


def _record(row: Any) -> Record:
    match row:
        case DomainRow():
            return fields.domain_record(row.inventory, row.domain)
        case NetworkRow():
            return fields.thing_record(row.inventory.host.name, row.network)
        case PoolRow():
            return fields.thing_record(row.inventory.host.name, row.pool)
        case VolumeRow():
            record = fields.thing_record(row.key.host, row.volume)
            if not record.pop("known"):
                # Not read yet: nothing is known of it but what it is called.
                record |= dict.fromkeys(("capacity_bytes", "allocation_bytes"))
            return {**record, "used_by": [domain.name for domain in row.users]}
        case HostRow():
            return fields.host_record(row.host)
        case EventRow():
            return fields.event_record(row.event, row.host)
    raise TypeError(f"no record is made of a {type(row).__name__}")
