"""Backing files named in an image's header, resolved as QEMU and libvirt resolve them.

A name is a path, a path relative to the folder of the image, one with a driver before it
(``file:/srv/base.qcow2``), or a ``json:`` text, nested or with dotted keys.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

_JSON = "json:"
_DRIVER = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FILE_DRIVERS = ("file:", "host_device:", "host_cdrom:")
_MAX_DEPTH = 32
_MAX_LENGTH = 64 * 1024


def named_paths(name: str, image: str) -> tuple[str, ...] | None:
    """Return the paths on its host that ``name`` stands for in the image at ``image``, not
    normalized.

    They are empty for a source that is no file of the host (a network server's); None for a name
    that makes no sense.
    """
    if not name:
        return ()
    if name.startswith(_JSON):
        return _json_paths(name.removeprefix(_JSON), image)
    if _DRIVER.match(name) and not name.startswith(_FILE_DRIVERS):
        return ()
    for driver in _FILE_DRIVERS:
        name = name.removeprefix(driver)
    return (_absolute(name, image),)


def normalized(path: str) -> str:
    """Return a path without dots and doubled slashes, as far as its text allows."""
    normal = posixpath.normpath(path)
    return normal[1:] if normal.startswith("//") else normal


def backing_path(name: str, image: str) -> str:
    """Return the path of a volume's backing file for people: normalized, else the name as it is."""
    paths = named_paths(name, image) if image.startswith("/") else ()
    return normalized(paths[0]) if paths else name


def _absolute(path: str, image: str) -> str:
    """Return a path relative to the folder of the image: libvirt writes such paths as
    ``/srv/a/../b/c``."""
    if re.match(r"//+[^/]", path):
        path = "/" + path.lstrip("/")
    return path if path.startswith("/") else posixpath.join(posixpath.dirname(image), path)


def _json_paths(text: str, image: str) -> tuple[str, ...] | None:
    if len(text) > _MAX_LENGTH:
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    paths: list[str] = []
    for name in _file_names(data, 0):
        # A name in it may have a driver before it, or be a text of that kind again.
        inner = named_paths(name, image) if not name.startswith(_JSON) else None
        if inner is None:
            return None
        paths += inner
    return tuple(dict.fromkeys(paths))


def _file_names(data: Any, depth: int) -> Iterator[str]:
    """Yield every value of a key "filename", at any depth."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, list):
        for one in data:
            yield from _file_names(one, depth + 1)
    elif isinstance(data, dict):
        for key, value in data.items():
            last = str(key).rpartition(".")[2]
            if isinstance(value, str) and last == "filename":
                yield value
            else:
                yield from _file_names(value, depth + 1)
