"""Looks at files of this machine and at places of the web, for whoever thinks up a machine.

Every function here waits for disks and servers: call it on a thread.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from virttui.local.http import FAILS, HttpNotFound, opened, why
from virttui.model.errors import InvalidInput
from virttui.model.provision.lookups import InstallTree, Lookup, LookupKind, LookupResult, TreeFile
from virttui.planning.osinfo import install_trees
from virttui.planning.osinfo.iso_image import disk_format

PATIENCE = 20.0
"""Seconds a server may take to answer."""
_LONGEST_TEXT = 512 * 1024
_LONGEST_LIST = 8 * 1024 * 1024
_HEAD = 512


def look_up(lookup: Lookup) -> LookupResult:
    """What is at a place; why it is of no use is in its ``wrong``."""
    try:
        if lookup.kind is LookupKind.TEXT:
            return LookupResult(text=_text(lookup.place))
        if lookup.kind is LookupKind.TREE:
            return LookupResult(tree=_tree(install_trees.tree_url(lookup.place)))
        return _image(lookup)
    except InvalidInput as error:
        return LookupResult(error=error.message)


def _text(place: str) -> str:
    path = Path(place).expanduser()
    try:
        with path.open(encoding="utf-8-sig") as file:
            text = file.read(_LONGEST_TEXT + 1)
    except OSError as error:
        raise InvalidInput(f"{place}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{place} is not text") from error
    if len(text) > _LONGEST_TEXT:
        raise InvalidInput(f"{place} is longer than {_LONGEST_TEXT // 1024} KiB")
    return text


def _image(lookup: Lookup) -> LookupResult:
    if lookup.is_url:
        install_trees.tree_url(lookup.place)
        with opened(lookup.place, PATIENCE, Range=f"bytes=0-{_HEAD - 1}") as answer:
            size = _length(answer)
            head = answer.read(_HEAD)
        if not size:
            raise InvalidInput(f"{lookup.place}: its server does not say how large it is")
    else:
        path = Path(lookup.place).expanduser()
        try:
            with path.open("rb") as file:
                head = file.read(_HEAD)
                size = path.stat().st_size
        except OSError as error:
            raise InvalidInput(f"{lookup.place}: {error.strerror}") from error
    if not size:
        raise InvalidInput(f"{lookup.place} is empty")
    format, capacity = disk_format(head, size)
    return LookupResult(size=size, capacity=capacity, format=format)


# -- install trees -----------------------------------------------------------------------------


def _tree(url: str) -> InstallTree:
    for mark in install_trees.TREEINFO_NAMES:
        if text := _page(url + mark):
            return _sized(install_trees.from_treeinfo(url, text))
    for guess in install_trees.possible_locations(url):
        kernel, initrd = _size(guess.kernel), _size(guess.initrd)
        if kernel and initrd:
            sums = _page(guess.sums) if guess.sums else ""
            return install_trees.from_location(url, guess, (kernel, initrd), sums)
    raise InvalidInput(
        f"{url} is not an install tree: it has no .treeinfo, and no Debian installer"
    )


def _sized(tree: InstallTree) -> InstallTree:
    def sized(file: TreeFile) -> TreeFile:
        if not (size := _size(file.url)):
            raise InvalidInput(f"{file.url} is not there, though its .treeinfo names it")
        return replace(file, size=size)

    return replace(tree, kernel=sized(tree.kernel), initrd=sized(tree.initrd))


def _size(url: str) -> int:
    """The bytes behind a URL; 0 where there is nothing, or its server does not say."""
    try:
        with opened(url, PATIENCE, "HEAD") as answer:
            return _length(answer)
    except HttpNotFound:
        return 0


def _page(url: str) -> str:
    """The text behind a URL, "" where there is none."""
    try:
        with opened(url, PATIENCE) as answer:
            data: bytes = answer.read(_LONGEST_LIST)
            return data.decode("utf-8", "replace")
    except HttpNotFound:
        return ""
    except FAILS as error:
        raise InvalidInput(f"{url}: {why(error)}") from error


def _length(answer: Any) -> int:
    """The bytes of the whole, also where only its begin was asked for."""
    told = answer.headers.get("Content-Range", "").rpartition("/")[2]
    told = told or answer.headers.get("Content-Length", "")
    return int(told) if told.isdigit() else 0
