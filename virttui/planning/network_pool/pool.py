"""New storage pools: the fields of each type, and the XML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass

from virttui.libvirtxml.build import element, name, path
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.network_pool import (
    NetworkPoolContext,
    NetworkPoolPlan,
    PoolSourceQuery,
)
from virttui.planning.form import choice, of_names
from virttui.planning.network_pool import pool_sources
from virttui.planning.network_pool.autostart import start_and_autostart, start_field
from virttui.planning.network_pool.pool_sources import host as _host
from virttui.planning.network_pool.pool_sources import with_found_sources

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class _Type:
    """One type of pool: its fields behind name and type, and what is in its ``<source>``.

    ``target`` is where its volumes appear: "" where they have no path, else the folder that its own
    is proposed in; with ``fixed`` it is the folder, and not asked for.
    """

    words: str
    meaning: str
    fields: Callable[[FormValues, NetworkPoolContext], list[FormField]]
    source: Callable[[FormValues], list[str]]
    target: str = ""
    fixed: bool = False
    builds: tuple[Option, ...] = ()


def form_fields(entered: FormValues, site: NetworkPoolContext) -> tuple[FormField, ...]:
    """The fields of a pool of the type that is given."""
    free = next(f"pool{number}" for number in range(1, 10_000) if f"pool{number}" not in site.names)
    called = entered.get("name") or free
    told = site.host_environment.pools
    types = tuple(
        Option(type, one.words) for type, one in _TYPES.items() if told is None or type in told
    )
    kind = choice("type", "type", types, entered)
    wanted = [FormField("name", "name", called), kind]
    if not kind.value:
        return tuple(wanted)
    type = _TYPES[kind.value]
    wanted += type.fields(entered, site)
    if type.target and not type.fixed:
        folder = entered.get("target") or posixpath.join(type.target, called)
        wanted.append(FormField("target", "folder", folder, note="of the host"))
    if type.builds:
        wanted.append(choice("build", "prepare it", type.builds, entered))
    return (*wanted, start_field(entered))


def source_query(entered: FormValues, site: NetworkPoolContext) -> PoolSourceQuery | None:
    """Where libvirt is to look for sources, None where it cannot or it is not said where."""
    return pool_sources.source_query({one.name: one.value for one in form_fields(entered, site)})


def meaning(values: FormValues) -> str:
    """What the volumes of the type are, "" without one."""
    return _TYPES[values["type"]].meaning if values["type"] else ""


def plan(entered: FormValues, site: NetworkPoolContext) -> NetworkPoolPlan:
    """The pool. Raises InvalidInput, in words, while it cannot be made."""
    wanted = form_fields(entered, site)
    for one in wanted:
        if one.needed and not one.value:
            raise InvalidInput(f"{one.label} is missing")
    values = {one.name: one.value for one in wanted}
    called, type = name(values["name"], "name of a pool"), _TYPES[values["type"]]
    if called in site.names:
        raise InvalidInput(f"there is a pool {called} already")
    source = type.source(values)
    xml = element(
        "pool",
        element("name", text=called),
        element("uuid", text=site.uuid),
        element("source", *source) if source else "",
        _target(type, values, site),
        type=values["type"],
    )
    start, autostart = start_and_autostart(values)
    build = values.get("build", "no")
    return NetworkPoolPlan(
        called,
        xml,
        meaning(values),
        build=build != "no",
        no_overwrite=build == "format",
        start=start,
        autostart=autostart,
    )


def _target(type: _Type, values: FormValues, site: NetworkPoolContext) -> str:
    if not type.target:
        return ""
    if type.fixed:
        folder = type.target.format(group=values.get("source", ""))
        return element("target", element("path", text=folder))
    folder = posixpath.normpath(path(values["target"]))
    for taken, pool in site.used_folders:
        if folder == posixpath.normpath(taken):
            raise InvalidInput(f"{folder} is that of the pool {pool}")
    return element("target", element("path", text=folder))


# -- fields ------------------------------------------------------------------------------------


_Field = Callable[[FormValues, NetworkPoolContext], FormField]


def _asked(name: str, label: str, note: str) -> _Field:
    """A field that somebody has to fill in."""
    return lambda entered, site: FormField(name, label, entered.get(name, ""), note=note)


def _optional(name: str, label: str, note: str) -> _Field:
    return lambda entered, site: FormField(
        name, label, entered.get(name, ""), needed=False, note=note
    )


def _format(label: str, *names: str) -> _Field:
    return lambda entered, site: choice("format", label, of_names(*names), entered)


def _all(*fields: _Field) -> Callable[[FormValues, NetworkPoolContext], list[FormField]]:
    return lambda entered, site: [field(entered, site) for field in fields]


def _device(entered: FormValues, site: NetworkPoolContext) -> FormField:
    """A block device. None is proposed: the wrong one holds somebody's data."""
    options, note = site.host_environment.disks, "of the host, as /dev/sdb"
    return FormField("device", "device", entered.get("device", ""), options, note=note)


def _adapter(entered: FormValues, site: NetworkPoolContext) -> FormField:
    options, note = of_names(*site.host_environment.adapters), "of the host, as scsi_host2"
    return FormField("adapter", "adapter", entered.get("adapter", ""), options, note=note)


def _offering(field: _Field) -> _Field:
    """A field that is chosen from what libvirt finds."""
    return lambda entered, site: with_found_sources(field(entered, site), entered, site)


_SERVER = _asked("host", "server", "as nas01, or nas01:2049")
_IQN = _offering(_asked("iqn", "target", "its IQN, as iqn.2026-01.lab:vms"))
_SHARE = _offering(_asked("dir", "share", "on the server, as /export/vms"))
_GROUP_NAME = _offering(_asked("source", "its name", "on the host, as vg0"))
_GLUSTER = _offering(_asked("source", "volume", "on the server, as vms"))


def _share_format(entered: FormValues, site: NetworkPoolContext) -> FormField:
    """How a share is mounted: as it was found, where it was."""
    formats = of_names("auto", "nfs", "cifs", "glusterfs")
    found = site.source_result.sources if site.source_result is not None else ()
    told = next((one.format for one in found if one.dir == entered.get("dir")), "")
    usual = told if told in {one.name for one in formats} else ""
    return choice("format", "format", formats, entered, usual)


def _group_fields(entered: FormValues, site: NetworkPoolContext) -> list[FormField]:
    """A volume group or zpool; devices only where it is made of them."""
    wanted = [_GROUP_NAME(entered, site)]
    if entered.get("build", "no") != "no":
        note = "as /dev/sdb /dev/sdc"
        wanted.append(FormField("devices", "device", entered.get("devices", ""), note=note))
    return wanted


def _rbd_fields(entered: FormValues, site: NetworkPoolContext) -> list[FormField]:
    wanted = _all(
        _asked("source", "Ceph pool", "as vms"),
        _asked("host", "monitors", "one or more, as mon1 mon2:6789"),
        _optional("user", "user", "as libvirt, or none"),
    )(entered, site)
    if wanted[-1].value:
        wanted.append(_asked("secret", "secret", "UUID; :secrets has them")(entered, site))
    return wanted


# -- sources -----------------------------------------------------------------------------------


def _devices(words: str) -> list[str]:
    return [element("device", path=path(word)) for word in words.split()]


def _of_group(values: FormValues) -> list[str]:
    return [*_devices(values.get("devices", "")), _named(values["source"], "name")]


def _named(words: str, what: str) -> str:
    return element("name", text=name(words, what))


def _iqn(values: FormValues) -> list[str]:
    return [_host(values["host"]), element("device", path=name(values["iqn"], "IQN"))]


def _of_initiator(values: FormValues) -> list[str]:
    initiator = element("iqn", name=name(values["initiator"], "IQN"))
    return [*_iqn(values), element("initiator", initiator)]


def _of_rbd(values: FormValues) -> list[str]:
    hosts = [_host(word) for word in values["host"].split()]
    source = [_named(values["source"], "name of a Ceph pool"), *hosts]
    if values["user"]:
        if _UUID.fullmatch(values["secret"]) is None:
            raise InvalidInput(f"{values['secret']} is no UUID of a secret")
        secret = element("secret", uuid=values["secret"])
        source.append(element("auth", secret, type="ceph", username=name(values["user"], "user")))
    return source


def _of_gluster(values: FormValues) -> list[str]:
    return [
        _host(values["host"]),
        element("dir", path=path(values["dir"])),
        _named(values["source"], "name of a volume"),
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
        lambda values: [*_devices(values["device"]), element("format", type=values["format"])],
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
        lambda values: [*_of_group(values), "<format type='lvm2'/>"],
        "/dev/{group}", fixed=True, builds=_GROUP,
    ),
    "disk": _Type(
        "a whole disk", "Volumes are partitions of the disk; a volume deleted is a partition less.",
        _all(_device, _format("table", "gpt", "dos")),
        lambda values: [*_devices(values["device"]), element("format", type=values["format"])],
        "/dev", fixed=True, builds=_DISK,
    ),
    "iscsi": _Type(
        "an iSCSI target", "The host logs in to the target; its LUNs are the volumes.",
        _all(_SERVER, _IQN), _iqn, _BY_PATH, fixed=True,
    ),
    "iscsi-direct": _Type(
        "an iSCSI target, by QEMU",
        "QEMU itself talks to the target; its LUNs are the volumes.",
        _all(_SERVER, _asked("initiator", "initiator", "our own IQN"), _IQN), _of_initiator,
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
        "a Ceph pool", "Volumes are RBD images; QEMU itself talks to Ceph.", _rbd_fields, _of_rbd
    ),
    "zfs": _Type(
        "a ZFS pool", "Volumes are ZFS volumes of the pool.",
        _group_fields, _of_group, builds=_ZPOOL,
    ),
    "gluster": _Type(
        "a GlusterFS volume", "Volumes are files on Gluster; QEMU itself talks to it.",
        lambda entered, site: [
            *_all(_SERVER, _GLUSTER)(entered, site),
            FormField("dir", "folder in it", entered.get("dir") or "/"),
        ],
        _of_gluster,
    ),
}  # fmt: skip


def _share(values: FormValues) -> str:
    """The share on the server; those of CIFS and GlusterFS have names, not paths."""
    words = values["dir"]
    return path(words) if values["format"] in ("auto", "nfs") else words
