"""Install trees: the places of a distribution's installer kernel, and its kernel arguments.

Fedora and all after Red Hat have a ``.treeinfo`` at the root of a tree; Debian's and Ubuntu's
installers are at a known place below a suite, with ``SHA256SUMS`` beside them.
"""

from __future__ import annotations

import configparser
import re
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from virttui.model.errors import InvalidInput
from virttui.model.provision.lookups import InstallTree, TreeFile

TREEINFO_NAMES = (".treeinfo", "treeinfo")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DEBIAN = (
    "netboot/debian-installer/{arch}/",
    "netboot/ubuntu-installer/{arch}/",
    "current/images/netboot/debian-installer/{arch}/",
    "current/legacy-images/netboot/ubuntu-installer/{arch}/",
    "main/installer-{arch}/current/images/netboot/debian-installer/{arch}/",
    "main/installer-{arch}/current/legacy-images/netboot/ubuntu-installer/{arch}/",
    "",
)
"""Possible places of a Debian installer's kernel, below the URL typed."""
_ARCHES = ("amd64", "arm64", "i386", "ppc64el", "s390x")
_SUMS = "images/"
"""The folder whose SHA256SUMS covers what is below it."""


class InstallerLocation(Struct, frozen=True):
    """A possible place of an installer: its kernel, its initrd, and the file of their checksums.

    ``prefix`` is the beginning of their names in that file.
    """

    kernel: str
    initrd: str
    sums: str = ""
    prefix: str = ""


def tree_url(url: str) -> str:
    """Return the URL of a tree, with a slash at its end. Raises InvalidInput for anything else."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInput(f"{url[:80]} is not a URL: it begins with https:// or http://")
    if parts.username or parts.password:
        raise InvalidInput(
            "a URL with a name and password in it would be shown and kept: leave them out"
        )
    if not url.isprintable() or " " in url:
        raise InvalidInput("a URL holds no blanks or control characters")
    return url.rstrip("/") + "/"


def from_treeinfo(url: str, text: str, arch: str = "x86_64") -> InstallTree:
    """Return the tree that a ``.treeinfo`` describes. Raises InvalidInput."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise InvalidInput(
            f"its .treeinfo makes no sense: {error.message.splitlines()[0]}"
        ) from error
    general = dict(parser["general"]) if parser.has_section("general") else {}
    arch = general.get("arch", arch)
    section = f"images-{arch}"
    if not parser.has_section(section):
        raise InvalidInput(f"its .treeinfo names no images for {arch}")
    images = dict(parser[section])
    if "kernel" not in images or "initrd" not in images:
        raise InvalidInput("its .treeinfo names no kernel, or no initrd")
    sums = dict(parser["checksums"]) if parser.has_section("checksums") else {}
    words = general.get("name") or f"{general.get('family', '')} {general.get('version', '')}"
    return InstallTree(
        url,
        TreeFile(_below(url, images["kernel"]), sha256=_sha256(sums.get(images["kernel"], ""))),
        TreeFile(_below(url, images["initrd"]), sha256=_sha256(sums.get(images["initrd"], ""))),
        " ".join(words.split()),
        f"inst.repo={url.rstrip('/')}",
    )


def _below(url: str, path: str) -> str:
    """Return a path of a tree as a URL on the tree's own server."""
    found = urljoin(url, path)
    if urlsplit(found)[:2] != urlsplit(url)[:2]:
        raise InvalidInput(f"its .treeinfo leads elsewhere: {path[:80]}")
    return found


def _sha256(parser: str) -> str:
    kind, _, value = parser.partition(":")
    return value.lower() if kind == "sha256" and _SHA256.fullmatch(value.lower()) else ""


def possible_locations(url: str) -> tuple[InstallerLocation, ...]:
    """Return the places where a Debian installer could be, the likeliest first."""
    named = [arch for arch in _ARCHES if re.search(rf"(?<![a-z0-9]){arch}(?![a-z0-9])", url)]
    found = []
    for arch in named or _ARCHES[:1]:
        for path in _DEBIAN:
            place = url + path.format(arch=arch)
            head, images, below = place.rpartition(_SUMS)
            sums = f"{head}{images}SHA256SUMS" if images else ""
            found.append(
                InstallerLocation(f"{place}linux", f"{place}initrd.gz", sums, f"./{below}")
            )
    return tuple(dict.fromkeys(found))


def from_location(
    url: str, location: InstallerLocation, sizes: tuple[int, int], sums: str
) -> InstallTree:
    """Return the tree whose installer was found there. ``sums`` is the text of its SHA256SUMS,
    or ""."""
    listed = {
        name.lstrip("*"): value.lower()
        for line in sums.splitlines()
        if len(parts := line.split(maxsplit=1)) == 2
        for value, name in [parts]
        if _SHA256.fullmatch(value.lower())
    }
    kernel = TreeFile(location.kernel, sizes[0], listed.get(f"{location.prefix}linux", ""))
    initrd = TreeFile(location.initrd, sizes[1], listed.get(f"{location.prefix}initrd.gz", ""))
    return InstallTree(url, kernel, initrd, _debian(location.kernel), "")


def _debian(url: str) -> str:
    """Return the name of a Debian installer from its URL: ``Debian bookworm``."""
    suite = re.search(r"/dists/([a-z0-9.-]+)/", url)
    distro = "Ubuntu" if "ubuntu" in url else "Debian"
    return f"{distro} {suite[1]}" if suite is not None else f"{distro} installer"
