"""New storage pools: the fields of each type, and the XML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

from msgspec import Struct

from virttui.libvirtxml.build import element, name, path
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.network_pool import (
    NetworkPoolContext,
    NetworkPoolPlan,
    PoolSourceSearch,
)
from virttui.planning.form import choice, of_names
from virttui.planning.network_pool import pool_sources
from virttui.planning.network_pool.autostart import start_and_autostart, start_field
from virttui.planning.network_pool.pool_sources import host_xml as _host
from virttui.planning.network_pool.pool_sources import with_found_sources

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Type(Struct, frozen=True):
    """A type of pool: its fields after name and type, and the content of its ``<source>``.

    ``target`` is the folder that a new pool's own folder is suggested in, "" for volumes without a
    path; with ``fixed`` it is the folder itself, and not asked for.
    """

    words: str
    meaning: str
    fields: Callable[[FormValues, NetworkPoolContext], list[FormField]]
    source: Callable[[FormValues], list[str]]
    target: str = ""
    fixed: bool = False
    builds: tuple[Option, ...] = ()


def form_fields(entered: FormValues, context: NetworkPoolContext) -> tuple[FormField, ...]:
    """Return the fields for the type entered."""
    free = next(
        f"pool{number}" for number in range(1, 10_000) if f"pool{number}" not in context.names
    )
    object_name = entered.get("name") or free
    known_types = context.host_environment.pools
    types = tuple(
        Option(type, one.words)
        for type, one in _TYPES.items()
        if known_types is None or type in known_types
    )
    kind = choice("type", "type", types, entered)
    fields = [FormField("name", "name", object_name), kind]
    if not kind.value:
        return tuple(fields)
    type = _TYPES[kind.value]
    fields += type.fields(entered, context)
    if type.target and not type.fixed:
        folder = entered.get("target") or posixpath.join(type.target, object_name)
        fields.append(FormField("target", "folder", folder, note="of the host"))
    if type.builds:
        fields.append(choice("build", "prepare it", type.builds, entered))
    return (*fields, start_field(entered))


def source_query(entered: FormValues, context: NetworkPoolContext) -> PoolSourceSearch | None:
    """Return the search for sources, None where libvirt cannot search or a value is missing."""
    return pool_sources.source_query({one.name: one.value for one in form_fields(entered, context)})


def meaning(values: FormValues) -> str:
    """Return a sentence about the volumes of the type, "" without a type."""
    return _TYPES[values["type"]].meaning if values["type"] else ""


def plan(entered: FormValues, context: NetworkPoolContext) -> NetworkPoolPlan:
    """Return the pool. Raises InvalidInput while it cannot be created."""
    fields = form_fields(entered, context)
    for one in fields:
        if one.needed and not one.value:
            raise InvalidInput(f"{one.label} is missing")
    values = {one.name: one.value for one in fields}
    object_name, type = name(values["name"], "name of a pool"), _TYPES[values["type"]]
    if object_name in context.names:
        raise InvalidInput(f"there is a pool {object_name} already")
    source = type.source(values)
    xml = element(
        "pool",
        element("name", text=object_name),
        element("uuid", text=context.uuid),
        element("source", *source) if source else "",
        _target_xml(type, values, context),
        type=values["type"],
    )
    start, autostart = start_and_autostart(values)
    build = values.get("build", "no")
    return NetworkPoolPlan(
        object_name,
        xml,
        meaning(values),
        build=build != "no",
        no_overwrite=build == "format",
        start=start,
        autostart=autostart,
    )


def _target_xml(type: _Type, values: FormValues, context: NetworkPoolContext) -> str:
    if not type.target:
        return ""
    if type.fixed:
        folder = type.target.format(group=values.get("source", ""))
        return element("target", element("path", text=folder))
    folder = posixpath.normpath(path(values["target"]))
    for used_folder, pool in context.used_folders:
        if folder == posixpath.normpath(used_folder):
            raise InvalidInput(f"{folder} is that of the pool {pool}")
    return element("target", element("path", text=folder))


# -- fields ------------------------------------------------------------------------------------


_Field = Callable[[FormValues, NetworkPoolContext], FormField]


def _required(name: str, label: str, note: str) -> _Field:
    """Return a field that must be filled in."""
    return lambda entered, context: FormField(name, label, entered.get(name, ""), note=note)


def _optional(name: str, label: str, note: str) -> _Field:
    return lambda entered, context: FormField(
        name, label, entered.get(name, ""), needed=False, note=note
    )


def _format(label: str, *names: str) -> _Field:
    return lambda entered, context: choice("format", label, of_names(*names), entered)


def _all(*fields: _Field) -> Callable[[FormValues, NetworkPoolContext], list[FormField]]:
    return lambda entered, context: [field(entered, context) for field in fields]


def _device(entered: FormValues, context: NetworkPoolContext) -> FormField:
    """Return the field for a block device. It has no default: the wrong device may hold data."""
    options, note = context.host_environment.disks, "of the host, as /dev/sdb"
    return FormField("device", "device", entered.get("device", ""), options, note=note)


def _adapter(entered: FormValues, context: NetworkPoolContext) -> FormField:
    options, note = of_names(*context.host_environment.adapters), "of the host, as scsi_host2"
    return FormField("adapter", "adapter", entered.get("adapter", ""), options, note=note)


def _from_search(field: _Field) -> _Field:
    """Return a field whose options are what libvirt finds."""
    return lambda entered, context: with_found_sources(field(entered, context), entered, context)


_SERVER = _required("host", "server", "as nas01, or nas01:2049")
_IQN = _from_search(_required("iqn", "target", "its IQN, as iqn.2026-01.lab:vms"))
_SHARE = _from_search(_required("dir", "share", "on the server, as /export/vms"))
_GROUP_NAME = _from_search(_required("source", "its name", "on the host, as vg0"))
_GLUSTER = _from_search(_required("source", "volume", "on the server, as vms"))


def _share_format(entered: FormValues, context: NetworkPoolContext) -> FormField:
    """Return the field for a share's format; the default is the one that was found."""
    formats = of_names("auto", "nfs", "cifs", "glusterfs")
    found = context.source_result.sources if context.source_result is not None else ()
    found_format = next((one.format for one in found if one.dir == entered.get("dir")), "")
    usual = found_format if found_format in {one.name for one in formats} else ""
    return choice("format", "format", formats, entered, usual)


def _group_fields(entered: FormValues, context: NetworkPoolContext) -> list[FormField]:
    """Return the fields of a volume group or zpool; devices only when it is to be created."""
    fields = [_GROUP_NAME(entered, context)]
    if entered.get("build", "no") != "no":
        note = "as /dev/sdb /dev/sdc"
        fields.append(FormField("devices", "device", entered.get("devices", ""), note=note))
    return fields


def _rbd_fields(entered: FormValues, context: NetworkPoolContext) -> list[FormField]:
    fields = _all(
        _required("source", "Ceph pool", "as vms"),
        _required("host", "monitors", "one or more, as mon1 mon2:6789"),
        _optional("user", "user", "as libvirt, or none"),
    )(entered, context)
    if fields[-1].value:
        fields.append(_required("secret", "secret", "UUID; :secrets has them")(entered, context))
    return fields


# -- sources -----------------------------------------------------------------------------------


def _devices_xml(words: str) -> list[str]:
    return [element("device", path=path(word)) for word in words.split()]


def _group_xml(values: FormValues) -> list[str]:
    return [*_devices_xml(values.get("devices", "")), _name_xml(values["source"], "name")]


def _name_xml(words: str, what: str) -> str:
    return element("name", text=name(words, what))


def _iqn_xml(values: FormValues) -> list[str]:
    return [_host(values["host"]), element("device", path=name(values["iqn"], "IQN"))]


def _initiator_xml(values: FormValues) -> list[str]:
    initiator = element("iqn", name=name(values["initiator"], "IQN"))
    return [*_iqn_xml(values), element("initiator", initiator)]


def _rbd_xml(values: FormValues) -> list[str]:
    hosts = [_host(word) for word in values["host"].split()]
    source = [_name_xml(values["source"], "name of a Ceph pool"), *hosts]
    if values["user"]:
        if _UUID.fullmatch(values["secret"]) is None:
            raise InvalidInput(f"{values['secret']} is not a UUID of a secret")
        secret = element("secret", uuid=values["secret"])
        source.append(element("auth", secret, type="ceph", username=name(values["user"], "user")))
    return source


def _gluster_xml(values: FormValues) -> list[str]:
    return [
        _host(values["host"]),
        element("dir", path=path(values["dir"])),
        _name_xml(values["source"], "name of a volume"),
    ]


_FOLDER = (Option("yes", "make the folder if missing"), Option("no", "it is there"))
_FILE_SYSTEM = (
    Option("yes", "make the folder if missing"),
    Option("format", "a file system too, if empty"),
    Option("no", "both are there"),
)
_DISK = (Option("no", "it has partitions"), Option("format", "a table of its own if empty"))
_GROUP = (Option("no", "it is there"), Option("format", "make it of empty devices"))
_ZPOOL = (Option("no", "it is there"), Option("yes", "make it of devices"))
_BASE, _BY_PATH = "/srv/libvirt", "/dev/disk/by-path"

_TYPES: dict[str, _Type] = {
    "dir": _Type(
        "a folder of the host", "Volumes are files in a folder of the host.",
        _all(), lambda values: [], _BASE, builds=_FOLDER,
    ),
    "fs": _Type(
        "a file system of a device",
        "The device is mounted while the pool is active; volumes are files in it.",
        _all(_device, _format("format", "auto", "ext4", "xfs", "ext3", "btrfs", "vfat")),
        lambda values: [*_devices_xml(values["device"]), element("format", type=values["format"])],
        _BASE, builds=_FILE_SYSTEM,
    ),
    "netfs": _Type(
        "a share: NFS, CIFS, GlusterFS",
        "The share is mounted while the pool is active; volumes are files in it.",
        _all(_SERVER, _SHARE, _share_format),
        lambda values: [
            _host(values["host"]),
            element("dir", path=_share(values)),
            element("format", type=values["format"]),
        ],
        _BASE, builds=_FOLDER,
    ),
    "logical": _Type(
        "an LVM volume group", "Volumes are logical volumes of the group.",
        _group_fields,
        lambda values: [*_group_xml(values), "<format type='lvm2'/>"],
        "/dev/{group}", fixed=True, builds=_GROUP,
    ),
    "disk": _Type(
        "a whole disk", "Volumes are partitions of the disk; a volume deleted is a partition less.",
        _all(_device, _format("table", "gpt", "dos")),
        lambda values: [*_devices_xml(values["device"]), element("format", type=values["format"])],
        "/dev", fixed=True, builds=_DISK,
    ),
    "iscsi": _Type(
        "an iSCSI target", "The host logs in to the target; its LUNs are the volumes.",
        _all(_SERVER, _IQN), _iqn_xml, _BY_PATH, fixed=True,
    ),
    "iscsi-direct": _Type(
        "an iSCSI target, by QEMU",
        "QEMU itself talks to the target; its LUNs are the volumes.",
        _all(_SERVER, _required("initiator", "initiator", "our own IQN"), _IQN), _initiator_xml,
    ),
    "scsi": _Type(
        "a SCSI adapter", "The LUNs that the adapter sees are the volumes.",
        _all(_adapter),
        lambda values: [
            element("adapter", type="scsi_host", name=name(values["adapter"], "adapter"))
        ],
        _BY_PATH, fixed=True,
    ),
    "mpath": _Type(
        "multipath devices", "The multipath devices of the host are the volumes.",
        _all(), lambda values: [], "/dev/mapper", fixed=True,
    ),
    "rbd": _Type(
        "a Ceph pool", "Volumes are RBD images; QEMU itself talks to Ceph.", _rbd_fields, _rbd_xml
    ),
    "zfs": _Type(
        "a ZFS pool", "Volumes are ZFS volumes of the pool.",
        _group_fields, _group_xml, builds=_ZPOOL,
    ),
    "gluster": _Type(
        "a GlusterFS volume", "Volumes are files on Gluster; QEMU itself talks to it.",
        lambda entered, context: [
            *_all(_SERVER, _GLUSTER)(entered, context),
            FormField("dir", "folder in it", entered.get("dir") or "/"),
        ],
        _gluster_xml,
    ),
}  # fmt: skip


def _share(values: FormValues) -> str:
    """Return the share on the server; shares of CIFS and GlusterFS have names, not paths."""
    words = values["dir"]
    return path(words) if values["format"] in ("auto", "nfs") else words
