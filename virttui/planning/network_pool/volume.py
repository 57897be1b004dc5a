"""Volumes from forms: the fields of a new one, its XML, and sizes as they are typed."""

from __future__ import annotations

from virttui.libvirtxml.build import element, path
from virttui.libvirtxml.edits.operands import bytes_of
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.inventory import Volume
from virttui.model.volumes import FILE_POOLS, NewVolume, PoolContext
from virttui.planning.devices.volume_names import volume_name
from virttui.planning.form import choice, of_names

_FORMATS = (Option("qcow2", "grows as it is written"), Option("raw", "plain, and fastest"))
_SPARSE = Option("no", "space is taken as it is written")
_METADATA = Option("metadata", "its tables are written now")
_FULL = Option("full", "all of its space is taken now")
_BACKS = ("qcow2", "raw", "qed", "vmdk", "vdi")
"""The formats that QEMU reads a backing file in."""
NO_SECRET = "no"


def form_fields(entered: FormValues, room: PoolContext) -> tuple[FormField, ...]:
    """The fields of a new volume, with the values they have as given or else as usual."""
    files = room.type in FILE_POOLS
    formats = _FORMATS if files else (Option("raw", f"all that {room.type} pools have"),)
    format = choice("format", "format", formats, entered)
    name = entered.get("name", "")
    note = "as data.qcow2" if files else "as data"
    fields = [FormField("name", "name", name, note=note), format]
    under = ""
    if format.value == "qcow2":
        backing = _backing(entered, room)
        under = backing.value
        fields.append(backing)
        if under.startswith("/"):
            fields.append(choice("backing_format", "it is", of_names(*_BACKS[:2]), entered))
    size = entered.get("size") or _usual_size(under, room)
    fields.append(FormField("size", "size", size, note="20G, 512M; what its guest sees"))
    if files and not under:
        ways = (_SPARSE, _METADATA, _FULL) if format.value == "qcow2" else (_SPARSE, _FULL)
        fields.append(choice("preallocate", "take space", ways, entered))
    if files and room.secrets:
        secrets = (Option(NO_SECRET, "anybody with the file can read it"), *room.secrets)
        fields.append(choice("secret", "encrypt", secrets, entered))
    return tuple(fields)


def _backing(entered: FormValues, room: PoolContext) -> FormField:
    """What lies under it: a volume of the pool by name, or a path of the host."""
    able = [one for one in room.volumes if one.format in _BACKS]
    options = tuple(Option(one.name, one.format) for one in able)
    note = "nothing, a volume, a path"
    return FormField(
        "backing", "backed by", entered.get("backing", ""), options, needed=False, note=note
    )


def _volume(name: str, room: PoolContext) -> Volume | None:
    return next((one for one in room.volumes if one.name == name), None)


def _usual_size(backing: str, room: PoolContext) -> str:
    """A volume on top of another begins as large as that one."""
    under = _volume(backing, room)
    return _exactly(under.capacity) if under is not None else "20G"


def _exactly(size: int) -> str:
    for unit, factor in (("G", 1024**3), ("M", 1024**2)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def plan(entered: FormValues, room: PoolContext) -> NewVolume:
    """The volume. Raises InvalidInput, in words, while it cannot be made."""
    values = {one.name: one.value for one in form_fields(entered, room)}
    name = checked_name(values["name"], room)
    backing, backing_format = _under(values, room)
    capacity = bytes_of(values["size"])
    if capacity < 512:
        raise InvalidInput("it is smaller than a sector of 512 bytes")
    way = values.get("preallocate", "no")
    # Of a qcow2 libvirt takes the space only together with the tables.
    tables = way == "metadata" or (way == "full" and values["format"] == "qcow2")
    secret = values.get("secret", NO_SECRET)
    return NewVolume(
        name=name,
        capacity=capacity,
        format=values["format"] if room.type in FILE_POOLS else "",
        allocation=_allocation(way, capacity, room),
        metadata=tables,
        backing=backing,
        backing_format=backing_format,
        secret="" if secret == NO_SECRET else secret,
    )


def checked_name(name: str, room: PoolContext) -> str:
    """A name that no volume of the pool has. Raises InvalidInput."""
    volume_name(name)
    if _volume(name, room) is not None:
        raise InvalidInput(f"{name} is there already")
    return name


def _allocation(way: str, capacity: int, room: PoolContext) -> int | None:
    """What is taken at once: nothing of a sparse file; libvirt's usual where there are no files."""
    if room.type not in FILE_POOLS:
        return None
    if way != "full":
        return 0
    if capacity > room.available:
        raise InvalidInput("the pool has less space than that")
    return capacity


def _under(values: FormValues, room: PoolContext) -> tuple[str, str]:
    backing = values.get("backing", "")
    if not backing:
        return "", ""
    volume = _volume(backing, room)
    if volume is not None:
        return volume.path, volume.format
    if not backing.startswith("/"):
        raise InvalidInput(f"no volume here is called {backing}; a path begins with /")
    return path(backing), values["backing_format"]


def volume_xml(new: NewVolume) -> str:
    """The ``<volume>`` of a volume to be made. Raises InvalidInput for what no XML can hold."""
    secret = element("secret", type="passphrase", uuid=new.secret) if new.secret else ""
    target = [
        element("format", type=new.format) if new.format else "",
        element("encryption", secret, format="luks") if secret else "",
    ]
    under = element("format", type=new.backing_format) if new.backing_format else ""
    return element(
        "volume",
        element("name", text=new.name),
        element("capacity", text=str(new.capacity), unit="bytes"),
        element("allocation", text=str(new.allocation), unit="bytes")
        if new.allocation is not None
        else "",
        element("target", *target) if any(target) else "",
        element("backingStore", element("path", text=new.backing), under) if new.backing else "",
    )


def new_size(words: str, now: int) -> int:
    """A size as typed, in bytes: ``40G``, or ``+5G`` for so much more. Raises InvalidInput."""
    typed = words.strip()
    wanted = now + bytes_of(typed[1:]) if typed.startswith("+") else bytes_of(typed)
    if wanted == now:
        raise InvalidInput("that is its size now")
    if wanted < 512:
        raise InvalidInput("that is smaller than a sector of 512 bytes")
    return wanted
