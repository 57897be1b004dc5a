"""Seeds of cloud-init (NoCloud): what is in the source's, and the one that its clone gets.

With another instance in it cloud-init makes ssh host keys and the host name anew at its next boot;
the machine-id it leaves alone. The image may have been written by a guest, so it is read by a
reader of our own that goes no further than its bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message

from virttui.model.provision.clone import CloudInitSeed
from virttui.planning.domain_spec.cloud_init import seed_image

MOST = 4 * 1024**2
"""Bytes; a larger image is no seed."""
_SECTOR = 2048
_KEPT = ("user-data", "meta-data", "network-config", "vendor-data")
_SUPPLEMENTARY, _END = 2, 255
_UCS2 = (b"%/@", b"%/C", b"%/E")
_STATIC = re.compile(rb"(?m)^\s*-?\s*[\"']?(addresses|address|gateway4)[\"']?\s*:|type:\s*static")


def read_seed(data: bytes) -> CloudInitSeed | None:
    """The seed in an ISO image; None where it is none, or is not laid out as usual."""
    root = _root(data)
    if root is None:
        return None
    files = {name: content for name, content in _files(data, *root) if name in _KEPT}
    if "meta-data" not in files or "user-data" not in files:
        return None
    network = files.get("network-config", b"") + files["meta-data"]
    return CloudInitSeed(tuple(sorted(files.items())), static=_STATIC.search(network) is not None)


def _root(data: bytes) -> tuple[int, int] | None:
    """Place and length of the Joliet root folder of an image called ``cidata``."""
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
    """The files of a folder by their names; what lies outside of the image is left out."""
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


def renewed(seed: CloudInitSeed, name: str, uuid: str, macs: Sequence[tuple[str, str]]) -> bytes:
    """The image for a clone: another instance, its own host name, its own MAC addresses.

    ``macs`` are those of the source, each with the clone's in its place.
    """
    host = host_name(name)
    files = dict(seed.files)
    files["meta-data"] = _meta(files["meta-data"], f"virttui-{uuid}", host)
    files["user-data"] = _user(files["user-data"], host)
    if "network-config" in files:
        files["network-config"] = _moved(files["network-config"], macs)
    return seed_image(files)


def host_name(name: str) -> str:
    """A host name after a domain's: letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9-]+", "-", name).strip("-")[:63] or "clone"


def _meta(data: bytes, instance: str, host: str) -> bytes:
    """meta-data with these two, whatever else is in it; JSON or lines of YAML."""
    told = {"instance-id": instance, "local-hostname": host}
    try:
        known = json.loads(data)
    except ValueError:
        known = None
    if isinstance(known, dict):
        return json.dumps({**known, **told}, indent=1, ensure_ascii=False).encode() + b"\n"
    kept = _without(data.decode("utf-8", "replace"), ("instance-id", "local-hostname", "hostname"))
    lines = [f"{key}: {json.dumps(value)}" for key, value in told.items()]
    return "\n".join([*kept, *lines, ""]).encode()


def _without(text: str, names: Sequence[str]) -> list[str]:
    """The lines without these keys and what is indented below them."""
    kept, dropping = [], False
    for line in text.splitlines():
        if line[:1] not in (" ", "\t"):
            dropping = line.partition(":")[0].strip("'\" ") in names
        if not dropping and line.strip() not in ("", "---", "..."):
            kept.append(line)
    return kept


def _user(data: bytes, host: str) -> bytes:
    """user-data that names no other host, in a cloud-config or in the parts of several."""
    if data.startswith(b"#cloud-config"):
        return _named(data, host)
    if not re.match(rb"(?i)(content-type:\s*multipart|mime-version:)", data):
        return data
    message = message_from_bytes(data)
    changed = False
    for part in message.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == "text/cloud-config" and isinstance(content, bytes):
            changed |= _put(part, _named(content, host), content)
    return message.as_bytes() if changed else data


def _put(part: Message, content: bytes, before: bytes) -> bool:
    if content == before:
        return False
    del part["Content-Transfer-Encoding"]
    part.set_payload(content, "utf-8")
    return True


_HOST = re.compile(
    rb"""(?m)^(?P<key> ?["']?(?:hostname|fqdn)["']?[ \t]*:[ \t]*)(?P<was>[^\n#,]*)"""
)


def _named(config: bytes, host: str) -> bytes:
    """A cloud-config whose own host name, where it has one, is the clone's."""

    def put(found: re.Match[bytes]) -> bytes:
        was = found["was"].strip(b" \"'\r").decode("utf-8", "replace")
        domain = was.partition(".")[2] if b"fqdn" in found["key"] else ""
        return found["key"] + json.dumps(f"{host}.{domain}" if domain else host).encode()

    return _HOST.sub(put, config)


def _moved(config: bytes, macs: Sequence[tuple[str, str]]) -> bytes:
    for was, now in macs:
        if was:
            config = re.sub(re.escape(was.encode()), now.encode(), config, flags=re.IGNORECASE)
    return config
