"""The form of a new volume: its fields, its XML, and sizes as they are typed."""

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
_BACKING_FORMATS = ("qcow2", "raw", "qed", "vmdk", "vdi")
"""The formats that QEMU can read a backing file in."""
NO_SECRET = "no"


def form_fields(entered: FormValues, pool: PoolContext) -> tuple[FormField, ...]:
    """Return the fields of a new volume, with the values entered or the defaults."""
    files = pool.type in FILE_POOLS
    formats = _FORMATS if files else (Option("raw", f"all that {pool.type} pools have"),)
    format = choice("format", "format", formats, entered)
    name = entered.get("name", "")
    note = "as data.qcow2" if files else "as data"
    fields = [FormField("name", "name", name, note=note), format]
    backing_volume = ""
    if format.value == "qcow2":
        backing = _backing_field(entered, pool)
        backing_volume = backing.value
        fields.append(backing)
        if backing_volume.startswith("/"):
            fields.append(
                choice("backing_format", "it is", of_names(*_BACKING_FORMATS[:2]), entered)
            )
    size = entered.get("size") or _default_size(backing_volume, pool)
    fields.append(FormField("size", "size", size, note="20G, 512M; what its guest sees"))
    if files and not backing_volume:
        ways = (_SPARSE, _METADATA, _FULL) if format.value == "qcow2" else (_SPARSE, _FULL)
        fields.append(choice("preallocate", "take space", ways, entered))
    if files and pool.secrets:
        secrets = (Option(NO_SECRET, "anybody with the file can read it"), *pool.secrets)
        fields.append(choice("secret", "encrypt", secrets, entered))
    return tuple(fields)


def _backing_field(entered: FormValues, pool: PoolContext) -> FormField:
    """Return the field for the backing file: a volume of the pool by name, or a path of the
    host."""
    usable = [one for one in pool.volumes if one.format in _BACKING_FORMATS]
    options = tuple(Option(one.name, one.format) for one in usable)
    note = "nothing, a volume, a path"
    return FormField(
        "backing", "backed by", entered.get("backing", ""), options, needed=False, note=note
    )


def _volume_named(name: str, pool: PoolContext) -> Volume | None:
    return next((one for one in pool.volumes if one.name == name), None)


def _default_size(backing: str, pool: PoolContext) -> str:
    """Return the default size: that of the backing volume, where there is one."""
    backing_volume = _volume_named(backing, pool)
    return _exact_size(backing_volume.capacity) if backing_volume is not None else "20G"


def _exact_size(size: int) -> str:
    for unit, factor in (("G", 1024**3), ("M", 1024**2)):
        if size and size % factor == 0:
            return f"{size // factor}{unit}"
    return str(size)


def plan(entered: FormValues, pool: PoolContext) -> NewVolume:
    """Return the volume. Raises InvalidInput while it cannot be created."""
    values = {one.name: one.value for one in form_fields(entered, pool)}
    name = checked_name(values["name"], pool)
    backing, backing_format = _backing_of(values, pool)
    capacity = bytes_of(values["size"])
    if capacity < 512:
        raise InvalidInput("it is smaller than a sector of 512 bytes")
    preallocation = values.get("preallocate", "no")
    # Of a qcow2 libvirt takes the space only together with the tables.
    tables = preallocation == "metadata" or (
        preallocation == "full" and values["format"] == "qcow2"
    )
    secret = values.get("secret", NO_SECRET)
    return NewVolume(
        name=name,
        capacity=capacity,
        format=values["format"] if pool.type in FILE_POOLS else "",
        allocation=_allocation(preallocation, capacity, pool),
        metadata=tables,
        backing=backing,
        backing_format=backing_format,
        secret="" if secret == NO_SECRET else secret,
    )


def checked_name(name: str, pool: PoolContext) -> str:
    """Return the name if it is valid and free in the pool. Raises InvalidInput."""
    volume_name(name)
    if _volume_named(name, pool) is not None:
        raise InvalidInput(f"{name} is there already")
    return name


def _allocation(preallocation: str, capacity: int, pool: PoolContext) -> int | None:
    """Return the bytes to take at once: none of a sparse file; None (libvirt's default) in a
    pool without files."""
    if pool.type not in FILE_POOLS:
        return None
    if preallocation != "full":
        return 0
    if capacity > pool.available:
        raise InvalidInput("the pool has less space than that")
    return capacity


def _backing_of(values: FormValues, pool: PoolContext) -> tuple[str, str]:
    backing = values.get("backing", "")
    if not backing:
        return "", ""
    volume = _volume_named(backing, pool)
    if volume is not None:
        return volume.path, volume.format
    if not backing.startswith("/"):
        raise InvalidInput(f"no volume here is called {backing}; a path begins with /")
    return path(backing), values["backing_format"]


def volume_xml(new: NewVolume) -> str:
    """Return the ``<volume>`` of a new volume. Raises InvalidInput for text that XML cannot
    hold."""
    secret = element("secret", type="passphrase", uuid=new.secret) if new.secret else ""
    # libvirt's default, version 2, stores no dirty bitmaps: no incremental backup could follow.
    version = element("compat", text="1.1") if new.format == "qcow2" else ""
    target = [
        element("format", type=new.format) if new.format else "",
        version,
        element("encryption", secret, format="luks") if secret else "",
    ]
    backing_volume = element("format", type=new.backing_format) if new.backing_format else ""
    return element(
        "volume",
        element("name", text=new.name),
        element("capacity", text=str(new.capacity), unit="bytes"),
        element("allocation", text=str(new.allocation), unit="bytes")
        if new.allocation is not None
        else "",
        element("target", *target) if any(target) else "",
        element("backingStore", element("path", text=new.backing), backing_volume)
        if new.backing
        else "",
    )


def new_size(words: str, now: int) -> int:
    """Return a size as typed, in bytes: ``40G``, or ``+5G`` to add to ``now``. Raises
    InvalidInput."""
    entered_size = words.strip()
    size = (
        now + bytes_of(entered_size[1:]) if entered_size.startswith("+") else bytes_of(entered_size)
    )
    if size == now:
        raise InvalidInput("that is its size now")
    if size < 512:
        raise InvalidInput("that is smaller than a sector of 512 bytes")
    return size
