"""libvirt's schema files on this computer, and the schemas by kind of document."""

from __future__ import annotations

import os
import re
import sys
import threading
from functools import lru_cache
from pathlib import Path

from lxml import etree
from msgspec import Struct, field

from virttui.libvirtxml.schema.grammar import Grammar
from virttui.model.identity import Kind

_FILES = {
    Kind.DOMAIN: "domain.rng",
    Kind.SAVED_IMAGE: "domain.rng",
    Kind.NETWORK: "network.rng",
    Kind.POOL: "storagepool.rng",
    Kind.VOLUME: "storagevol.rng",
    Kind.SNAPSHOT: "domainsnapshot.rng",
    Kind.NWFILTER: "nwfilter.rng",
    Kind.NWFILTER_BINDING: "nwfilterbinding.rng",
    Kind.NETWORK_PORT: "networkport.rng",
    Kind.SECRET: "secret.rng",
    Kind.INTERFACE: "interface.rng",
    Kind.NODE_DEVICE: "nodedev.rng",
    Kind.CAPABILITIES: "capability.rng",
    Kind.DOMAIN_CAPABILITIES: "domaincaps.rng",
}
_LIBRARY = re.compile(r"libvirt\.so\.0\.(\d+)\.(\d+)")


class Schema(Struct, frozen=True, eq=False):
    """A schema in two forms: as a grammar for places and messages, and as libxml2's validator
    for the verdict."""

    title: str
    grammar: Grammar
    validator: etree.RelaxNG
    lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, root: etree._Element) -> bool:
        """Return libxml2's verdict on a whole document. Any thread may ask."""
        with self.lock:
            return bool(self.validator.validate(root))


def schema_folder() -> Path | None:
    """Return the folder of libvirt's schemas; None where there is none."""
    shares = [
        *filter(None, os.environ.get("XDG_DATA_DIRS", "").split(":")),
        "/usr/share",
        "/usr/local/share",
        f"{sys.prefix}/share",
        f"{sys.base_prefix}/share",
        "/run/current-system/sw/share",
        "/opt/homebrew/share",
    ]
    folders = (Path(share) / "libvirt" / "schemas" for share in shares)
    return next((one for one in folders if (one / "domain.rng").is_file()), None)


def schema(kind: Kind) -> Schema | str:
    """Return the schema of a kind of document, or one sentence why there is none."""
    name, place = _FILES.get(kind), schema_folder()
    if name is None:
        return f"libvirt has no schema for a {kind}"
    if place is None:
        return "libvirt's schemas are not on this machine: only well-formed XML is checked"
    return _read(place / name)


@lru_cache(maxsize=2 * len(_FILES))
def _read(path: Path) -> Schema | str:
    try:
        validator = etree.RelaxNG(etree.parse(path, _parser()))
        return Schema(_title(path), Grammar(path), validator)
    except (OSError, etree.LxmlError) as error:
        reason = str(error).partition("\n")[0]
        return f"{path.name} cannot be read ({reason}): only well-formed XML is checked"


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _title(path: Path) -> str:
    """Return ``domain.rng, libvirt 9.0``: the release is in the file name of the library beside."""
    prefix = path.parents[3]
    for library in (*prefix.glob("lib*/libvirt.so.0.*"), *prefix.glob("lib/*/libvirt.so.0.*")):
        match = _LIBRARY.match(library.name)
        if match is not None:
            # 9.3.0 is 9003: a thousand for each release, one for each month's.
            return f"{path.name}, libvirt {int(match[1]) // 1000}.{int(match[1]) % 1000}"
    return path.name
