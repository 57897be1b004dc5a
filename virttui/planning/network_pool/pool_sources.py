"""The search for sources of a pool: its query, and its result in libvirt's XML."""

from __future__ import annotations

import re

from lxml import etree
from msgspec.structs import replace

from virttui.libvirtxml.build import element, name
from virttui.libvirtxml.parse import attribute, root_of, text
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.network_pool import NetworkPoolContext, PoolSource, PoolSourceSearch

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")


def host_xml(words: str) -> str:
    """Return the ``<host>`` of a server and its port, if it has one. Raises InvalidInput."""
    match = _HOST.fullmatch(words)
    if match is None or (match[2] and not 0 < int(match[2]) < 65536):
        raise InvalidInput(f"{words or 'nothing'} is not a server, as nas01 or nas01:2049")
    return element("host", name=match[1].strip("[]"), port=match[2] or "")


def source_query(values: FormValues) -> PoolSourceSearch | None:
    """Return the search that the values of a form allow, None while one of them is missing."""
    type, server = values.get("type", ""), values.get("host", "")
    if type == "logical":
        return PoolSourceSearch(type) if values.get("build", "no") == "no" else None
    if type not in ("netfs", "iscsi", "iscsi-direct", "gluster"):
        return None
    initiator = values.get("initiator", "") if type == "iscsi-direct" else ""
    if not server or (type == "iscsi-direct" and not initiator):
        return None
    query = PoolSourceSearch(type, server, initiator)
    try:
        query_xml(query)
    except InvalidInput:
        return None
    return query


def query_xml(query: PoolSourceSearch) -> str:
    """Return the ``<source>`` of the query, "" for the host itself. Raises InvalidInput."""
    if not query.host:
        return ""
    mine = element("iqn", name=name(query.initiator, "IQN")) if query.initiator else ""
    return element("source", host_xml(query.host), element("initiator", mine) if mine else "")


def parse_sources(xml: str) -> tuple[PoolSource, ...]:
    """Return the sources in ``<sources>``, each once, in order. Raises InvalidInput."""
    root = root_of(xml)
    if root.tag != "sources":
        raise InvalidInput("that is not a list of sources")
    return tuple(dict.fromkeys(map(_source, root.iterfind("source"))))


def _source(source: etree._Element) -> PoolSource:
    devices = (device.get("path", "") for device in source.iterfind("device"))
    return PoolSource(
        name=text(source, "name"),
        dir=attribute(source, "dir", "path"),
        format=attribute(source, "format", "type"),
        devices=tuple(device for device in devices if device),
    )


def with_found_sources(
    fields: FormField, entered: FormValues, context: NetworkPoolContext
) -> FormField:
    """Return a field with the sources found as options, and a note about them."""
    result = context.source_result
    if result is None:
        return fields
    where = f" on {entered['host']}" if entered.get("host") else ""
    if result.error:
        note = "not known: see below"
    elif not result.done:
        note = f"looking{where}"
    else:
        note = f"{len(result.sources) or 'none'} found{where}"
    return replace(fields, options=_options(entered.get("type", ""), result.sources), note=note)


def _options(type: str, found: tuple[PoolSource, ...]) -> tuple[Option, ...]:
    if type == "netfs":
        return tuple(Option(one.dir, one.format) for one in found if one.dir)
    if type in ("iscsi", "iscsi-direct"):
        return tuple(Option(device) for one in found for device in one.devices)
    return tuple(Option(one.name, " ".join(one.devices)) for one in found if one.name)
