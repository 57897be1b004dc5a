"""The options of a list as a record that can be saved, and back."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from virttui.render.filter import EVERYTHING, Filter
from virttui.render.list_pane import ListOptions, Pane

Record = dict[str, Any]


def record_of(pane: Pane[Any], choice: ListOptions) -> Record:
    """The record of a list for a view: everything but its marks and its cursor."""
    return {
        "pane": pane.id,
        "sort": choice.sort,
        "descending": choice.descending,
        "filter": choice.filter.text,
        "eyes_only": choice.attention_only,
        "group": choice.group,
        "on": sorted(choice.on),
        "off": sorted(choice.off),
    }


def choice_of(pane: Pane[Any], record: Record, now: ListOptions) -> ListOptions:
    """The options of ``pane`` from a record; unknown entries, of other versions, are ignored."""
    known = {column.id for column in pane.columns}
    sort = str(record.get("sort", ""))
    filter = pane.language.parse(str(record.get("filter", "")))
    group = str(record.get("group", ""))
    return replace(
        now,
        sort=sort if sort in known else now.sort,
        descending=bool(record.get("descending")),
        filter=filter if isinstance(filter, Filter) else EVERYTHING,
        attention_only=bool(record.get("eyes_only")),
        group=group if group in pane.groups else "",
        folded=frozenset(),
        on=_those(record.get("on"), known),
        off=_those(record.get("off"), known),
    )


def _those(names: object, known: set[str]) -> frozenset[str]:
    return frozenset(map(str, names)) & known if isinstance(names, list) else frozenset()
