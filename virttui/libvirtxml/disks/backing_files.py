"""The files that an image names, by the words in its header: as QEMU and libvirt understand them.

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
_DEEPEST = 32
_LONGEST = 64 * 1024


def paths_named(named: str, image: str) -> tuple[str, ...] | None:
    """The paths of its host that ``named`` means in the image at ``image``, not normalized.

    Empty for what is no file of the host (a network server's); None for what makes no sense.
    """
    if not named:
        return ()
    if named.startswith(_JSON):
        return _of_json(named.removeprefix(_JSON), image)
    if _DRIVER.match(named) and not named.startswith(_FILE_DRIVERS):
        return ()
    for driver in _FILE_DRIVERS:
        named = named.removeprefix(driver)
    return (_beside(named, image),)


def normal(path: str) -> str:
    """A path without dots and doubled slashes, as far as that can be told from its text."""
    told = posixpath.normpath(path)
    return told[1:] if told.startswith("//") else told


def backing_path(named: str, image: str) -> str:
    """The one path that a volume lies on, for people: normalized, else the words themselves."""
    paths = paths_named(named, image) if image.startswith("/") else ()
    return normal(paths[0]) if paths else named


def _beside(path: str, image: str) -> str:
    """Seen from the folder of the image: libvirt writes such paths as ``/srv/a/../b/c``."""
    if re.match(r"//+[^/]", path):
        path = "/" + path.lstrip("/")
    return path if path.startswith("/") else posixpath.join(posixpath.dirname(image), path)


def _of_json(text: str, image: str) -> tuple[str, ...] | None:
    if len(text) > _LONGEST:
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    found: list[str] = []
    for name in _file_names(told, 0):
        # A name in it may have a driver before it, or be a text of that kind again.
        inner = paths_named(name, image) if not name.startswith(_JSON) else None
        if inner is None:
            return None
        found += inner
    return tuple(dict.fromkeys(found))


def _file_names(told: Any, depth: int) -> Iterator[str]:
    """Everything called a file name, at any depth."""
    if depth > _DEEPEST:
        return
    if isinstance(told, list):
        for one in told:
            yield from _file_names(one, depth + 1)
    elif isinstance(told, dict):
        for key, value in told.items():
            last = str(key).rpartition(".")[2]
            if isinstance(value, str) and last == "filename":
                yield value
            else:
                yield from _file_names(value, depth + 1)
