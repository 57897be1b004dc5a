"""libvirt URIs: looked at, and passed on as they were written.

libvirt takes a ``+`` for itself and blanks as ``%20``; whoever writes a URI anew from its parts
changes what it names.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, urlsplit

# The schemes libvirt's documentation names ("Connection URIs" and the driver pages).
_DRIVERS = (
    "qemu xen lxc test ch vbox vz virtuozzo bhyve esx gsx vpx hyperv openvz vmwareplayer "
    "vmwarews vmwarefusion mock network storage interface nodedev nwfilter secret"
)
_PATHS = frozenset({"", "/", "/system", "/session"})
_OF_TWO_PATHS = frozenset({"qemu", "vbox"})


def split_uri(uri: str) -> SplitResult:
    """The parts of ``uri``; all of it is path when it is malformed, and libvirt refuses it then."""
    try:
        return urlsplit(uri)
    except ValueError:
        return SplitResult("", "", uri, "", "")


def driver(uri: str) -> str:
    """The hypervisor that a URI names."""
    return uri.partition(":")[0].partition("+")[0].lower()


def transport(uri: str) -> str:
    """The transport of a URI: "ssh", "unix" …, "" where it names none."""
    return uri.partition(":")[0].partition("+")[2].lower()


def has_driver(uri: str) -> bool:
    """Return true if libvirt has a driver for the scheme of ``uri``."""
    return ":" in uri and driver(uri) in _DRIVERS.split()


def authority(uri: str) -> str:
    """User, host and port as they are written: ``root@kvm01:2222``."""
    found = re.match(r"[^:/?#]+://([^/?#]*)", uri)
    return found[1] if found else ""


def host_of(uri: str) -> str:
    """The host that a URI names, an IPv6 address without its brackets; "" for this machine."""
    place = authority(uri).rpartition("@")[2]
    if found := re.match(r"\[([^\]]*)\]", place):
        return found[1]
    return place if place.count(":") > 1 else place.partition(":")[0]


def parameter(uri: str, name: str) -> str:
    """A parameter of the query as libvirt reads it: a ``+`` stands for itself. "" without one."""
    for pair in re.split(r"[&;]", split_uri(uri).query):
        key, _, value = pair.partition("=")
        if unquote(key) == name:
            return unquote(value)
    return ""


def quiet_uri(uri: str) -> str:
    """``uri`` with what keeps ssh from asking: its prompt would be drawn across the screen."""
    if transport(uri) != "ssh" or re.search(r"[?&;]no_tty=", uri):
        return uri
    whole, hash, fragment = uri.partition("#")
    joint = "" if whole[-1:] in "?&" else "&" if "?" in whole else "?"
    return f"{whole}{joint}no_tty=1{hash}{fragment}"


_SHORT = 20


def labels(all_uris: Sequence[str]) -> dict[str, str]:
    """A label for each host until its name is known: the shortest one that is unique.

    The host of its URI, else who and where; of this machine's own the URI, or what is apart in it.
    """
    found: dict[str, str] = {}
    for shorten in (host_of, authority):
        named = Counter(shorten(uri) for uri in all_uris)
        for uri in all_uris:
            if (name := shorten(uri)) and named[name] == 1:
                found.setdefault(uri, name)
    left = [uri for uri in all_uris if uri not in found]
    return found | _apart(left)


def _apart(some: Sequence[str]) -> dict[str, str]:
    """URIs without the parts that all long ones of them begin and end with."""
    long = [re.split(r"([/?&=:@;])", uri) for uri in some if len(uri) > _SHORT]
    begin, end = _common(long), _common([parts[::-1] for parts in long])
    found = {}
    for uri in some:
        parts = re.split(r"([/?&=:@;])", uri)
        own = "".join(parts[begin : len(parts) - end]) if len(long) > 1 else ""
        found[uri] = own if own and len(uri) > _SHORT else uri
    return found


def _common(lists: Sequence[Sequence[str]]) -> int:
    """The number of items that all lists have in common at their start."""
    columns = list(zip(*lists, strict=False))
    return next((n for n, column in enumerate(columns) if len(set(column)) > 1), len(columns))


def unknown_path(uri: str) -> str:
    """The path of a URI whose driver knows two, and not this one; "" else."""
    path = split_uri(uri).path
    known = driver(uri) not in _OF_TWO_PATHS or path in _PATHS or path.startswith("/embed")
    return "" if known else path


def hint(uri: str) -> str:
    """The likely intention of a URI that cannot be opened; "" where nothing is odd about it."""
    if not uri:
        return ""
    if not has_driver(uri):
        bare = re.fullmatch(r"(?:[^@/:\s]+@)?[\w.\-]+", uri)
        return f"do you mean qemu+ssh://{uri}/system?" if bare else ""
    place = authority(uri).rpartition("@")
    naked, _, _ = place[2].partition("%")
    if place[2].count(":") > 1 and not place[2].startswith("[") and _is_ipv6(naked):
        right = uri.replace(place[2], f"[{place[2]}]", 1)
        return f"an IPv6 address stands in brackets: {right}"
    if transport(uri) in ("ssh", "libssh", "libssh2", "tcp", "tls") and not host_of(uri):
        scheme = uri.partition(":")[0]
        return f"it names no host: {scheme}://HOST/system"
    if unknown_path(uri):
        scheme, at = uri.partition(":")[0], authority(uri)
        return f"it has /system and /session: {scheme}://{at}/system"
    path = split_uri(uri).path
    if re.match(r"[^:]+:/?[^/]", uri) and driver(uri) != "test":
        return f"three slashes: {driver(uri)}:///system"
    if driver(uri) == "qemu" and not transport(uri) and not host_of(uri) and path in ("", "/"):
        return "it means this machine; another one is qemu+ssh://HOST/system"
    return ""


def _is_ipv6(words: str) -> bool:
    """Return true for an IPv6 address, perhaps with a port behind it."""
    try:
        ipaddress.IPv6Address(words)
    except ValueError:
        return False
    return True
