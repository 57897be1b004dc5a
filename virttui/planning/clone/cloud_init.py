"""Seeds of cloud-init (NoCloud): reading the source's, and making the clone's.

A new instance id makes cloud-init create ssh host keys and the host name anew at the next boot; it
leaves the machine-id. A guest may have written the image, so it is read by a parser of our own that
never reads beyond its bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from virttui.model.provision.clone import CloudInitSeed
from virttui.planning.domain_spec.cloud_init import seed_image

if TYPE_CHECKING:
    from email.message import Message

MAX_SIZE = 4 * 1024**2
"""Bytes; a larger image is no seed."""
_SECTOR = 2048
_SEED_FILES = ("user-data", "meta-data", "network-config", "vendor-data")
_SUPPLEMENTARY, _END = 2, 255
_UCS2 = (b"%/@", b"%/C", b"%/E")
_STATIC = re.compile(rb"(?m)^\s*-?\s*[\"']?(addresses|address|gateway4)[\"']?\s*:|type:\s*static")


def read_seed(data: bytes) -> CloudInitSeed | None:
    """Return the seed in an ISO image; None where it is none, or has an unusual layout."""
    root = _root(data)
    if root is None:
        return None
    files = {name: content for name, content in _files(data, *root) if name in _SEED_FILES}
    if "meta-data" not in files or "user-data" not in files:
        return None
    network = files.get("network-config", b"") + files["meta-data"]
    return CloudInitSeed(tuple(sorted(files.items())), static=_STATIC.search(network) is not None)


def _root(data: bytes) -> tuple[int, int] | None:
    """Return offset and length of the Joliet root folder of an image labelled ``cidata``."""
    found: tuple[int, int] | None = None
    named = False
    for start in range(16 * _SECTOR, len(data) - _SECTOR + 1, _SECTOR):
        sector = data[start : start + _SECTOR]
        if sector[1:6] != b"CD001" or sector[0] == _END:
            break
        if sector[0] == _SUPPLEMENTARY and sector[88:91] in _UCS2:
            found = _extent(sector[156:190])
        named = named or sector[40:72].strip(b" \0").lower() == b"cidata"
    return found if named else None


def _extent(record: bytes) -> tuple[int, int]:
    return int.from_bytes(record[2:6], "little") * _SECTOR, int.from_bytes(record[10:14], "little")


def _files(data: bytes, start: int, length: int) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a folder; those that reach beyond the image are skipped."""
    folder, place = data[start : start + length], 0
    while place < len(folder):
        size = folder[place]
        if size < 34:  # the rest of a sector is empty
            place = (place // _SECTOR + 1) * _SECTOR
            continue
        record = folder[place : place + size]
        place += size
        name = record[33 : 33 + record[32]].decode("utf-16-be", "replace").partition(";")[0]
        at, count = _extent(record)
        if not record[25] & 2 and at + count <= len(data):
            yield name, data[at : at + count]


def seed_for_clone(
    seed: CloudInitSeed, name: str, uuid: str, macs: Sequence[tuple[str, str]]
) -> bytes:
    """Return the seed image for a clone: a new instance id, its host name, its MAC addresses.

    ``macs`` pairs the source's addresses with the clone's.
    """
    host = host_name(name)
    files = dict(seed.files)
    files["meta-data"] = _meta_data(files["meta-data"], f"virttui-{uuid}", host)
    files["user-data"] = _user_data(files["user-data"], host)
    if "network-config" in files:
        files["network-config"] = _with_macs(files["network-config"], macs)
    return seed_image(files)


def host_name(name: str) -> str:
    """Return a host name made from a domain's name: letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:63] or "clone"


def _meta_data(data: bytes, instance: str, host: str) -> bytes:
    """Return meta-data with a new instance id and host name, JSON or lines of YAML."""
    new_keys = {"instance-id": instance, "local-hostname": host}
    try:
        known = json.loads(data)
    except ValueError:
        known = None
    if isinstance(known, dict):
        return json.dumps({**known, **new_keys}, indent=1, ensure_ascii=False).encode() + b"\n"
    old_lines = _without(
        data.decode("utf-8", "replace"), ("instance-id", "local-hostname", "hostname")
    )
    lines = [f"{key}: {json.dumps(value)}" for key, value in new_keys.items()]
    return "\n".join([*old_lines, *lines, ""]).encode()


def _without(text: str, names: Sequence[str]) -> list[str]:
    """Return the lines without these keys and the lines indented below them."""
    lines, dropping = [], False
    for line in text.splitlines():
        if line[:1] not in (" ", "\t"):
            dropping = line.partition(":")[0].strip("'\" ") in names
        if not dropping and line.strip() not in ("", "---", "..."):
            lines.append(line)
    return lines


def _user_data(data: bytes, host: str) -> bytes:
    """Return user-data with the clone's host name, in a cloud-config or a multipart message."""
    if data.startswith(b"#cloud-config"):
        return _with_host_name(data, host)
    if not re.match(rb"(?i)(content-type:\s*multipart|mime-version:)", data):
        return data
    from email import message_from_bytes

    message = message_from_bytes(data)
    changed = False
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/cloud-config" and isinstance(content, bytes):
            changed |= _set_payload(part, _with_host_name(content, host), content)
    return message.as_bytes() if changed else data


def _set_payload(part: Message, content: bytes, before: bytes) -> bool:
    if content == before:
        return False
    del part["Content-Transfer-Encoding"]
    part.set_payload(content, "utf-8")
    return True


_HOST = re.compile(
    rb"""(?m)^(?P<key> ?["']?(?:hostname|fqdn)["']?[ \t]*:[ \t]*)(?P<was>[^\n#,]*)"""
)


def _with_host_name(config: bytes, host: str) -> bytes:
    """Return a cloud-config whose host name and FQDN, where it sets them, are the clone's."""

    def replace_host(found: re.Match[bytes]) -> bytes:
        original = found["was"].strip(b" \"'\r").decode("utf-8", "replace")
        domain = original.partition(".")[2] if b"fqdn" in found["key"] else ""
        return found["key"] + json.dumps(f"{host}.{domain}" if domain else host).encode()

    return _HOST.sub(replace_host, config)


def _with_macs(config: bytes, macs: Sequence[tuple[str, str]]) -> bytes:
    for original, new in macs:
        if original:
            config = re.sub(re.escape(original.encode()), new.encode(), config, flags=re.IGNORECASE)
    return config
