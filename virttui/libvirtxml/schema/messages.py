"""Messages about mismatches: the fault, the allowed values, and the most likely correction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from virttui.libvirtxml.schema import pattern as p
from virttui.libvirtxml.schema.pattern import Data, Pattern

_MAX_QUOTED = 40

_EXPECTED = {
    "UUID": "a UUID, 32 hexadecimal digits with or without dashes",
    "macAddr": "a MAC address like 52:54:00:6b:1a:0e",
    "uniMacAddr": "a MAC address of one card, like 52:54:00:6b:1a:0e",
    "mac": "a MAC address like 52:54:00:6b:1a:0e",
    "ipv4Addr": "an IPv4 address",
    "ipv6Addr": "an IPv6 address",
    "ipv4Prefix": "a prefix from 0 to 32",
    "ipv6Prefix": "a prefix from 0 to 128",
    "absFilePath": "a path that begins with /",
    "absDirPath": "a path that begins with /",
    "filePath": "a path",
    "dirPath": "a path",
    "path": "a path",
    "cpuset": "a set of CPUs like 0-3,^2,8",
    "countCPU": "a number of CPUs",
    "unit": "a unit like KiB, MiB or GiB",
    "deviceName": "a device's name",
    "dnsName": "a host's name",
    "genericName": "a name of letters, digits and _+-",
    "objectName": "a name without /",
    "objectNameWithSlash": "a name on one line",
    "volName": "a name without /",
    "aliasName": "an alias of letters, digits, _ and -",
    "diskTargetDev": "a device name like vda, sda or hda",
    "octalMode": "an octal mode like 0644",
    "createMode": "an octal mode like 0644",
    "uint8": "a number from 0 to 0xff",
    "uint16": "a number from 0 to 0xffff",
    "uint24": "a number from 0 to 0xffffff",
    "uint32": "a number from 0 to 0xffffffff",
    "hexuint": "a hexadecimal number",
    "unsignedInt": "a whole number",
    "unsignedLong": "a whole number",
    "positiveInteger": "a whole number from 1 on",
    "PortNumber": "a port from -1 to 65535",
    "wwn": "a world wide name of 16 hexadecimal digits",
    "usbId": "a USB id like 0x1d6b",
    "featureName": "a feature's name",
    "IscsiQualifiedName": "an iSCSI name like iqn.2026-01.org.example:disk",
}


def quoted(text: str) -> str:
    """Return a piece of the document in quotes, shortened where it is long."""
    line = " ".join(text.split())
    return f'"{line}"' if len(line) <= _MAX_QUOTED else f'"{line[: _MAX_QUOTED - 1]}…"'


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that ``word`` was most likely meant to be, "" where none is near."""
    if not word or len(word) > 2 * _MAX_QUOTED:
        return ""
    lower = {one.lower(): one for one in known}
    near = get_close_matches(word.lower(), lower, n=1, cutoff=0.65)
    return lower[near[0]] if near else ""


def did_you_mean(fix: str) -> str:
    """Return ``Did you mean "bus"?``, with a blank before it; "" for no correction."""
    return f' Did you mean "{fix}"?' if fix else ""


def join_words(words: Sequence[str], shown: int = 3, last: str = "and") -> str:
    """Return ``a``, ``a or b``, ``a, b, c and 4 more``."""
    if len(words) > shown + 1:
        return f"{', '.join(words[:shown])} and {len(words) - shown} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def expected_value(patterns: Iterable[Pattern]) -> str:
    """Return the values that these patterns allow in words; "" where one of them has no words."""
    found: dict[str, None] = {}
    for pattern in patterns:
        for leaf in p.leaves(pattern):
            if not isinstance(leaf, Data):
                continue
            words = _EXPECTED.get(leaf.definition) or leaf.datatype.description
            if not words:
                return ""
            found[words] = None
    return " or ".join(found) if len(found) <= 2 else ""


def value_message(
    what: str, value: str, patterns: Sequence[Pattern], where: str = ""
) -> tuple[str, str]:
    """Return the message about a value that is not allowed, and the value that was most likely
    meant.

    ``what`` names the attribute or element (``model type``), ``where`` the condition that excludes
    it.
    """
    refused = f"{what} {quoted(value)} is not allowed{where}"
    allowed = tuple(dict.fromkeys(word for one in patterns for word in p.text_words(one)))
    kind = expected_value(patterns)
    if not value.strip():
        if allowed:
            return f"{what} is empty. Allowed are {join_words(allowed)}", ""
        return f"{what} is empty" + (f". Wanted is {kind}" if kind else ""), ""
    fix = closest(value, allowed)
    if fix:
        return f"{refused}.{did_you_mean(fix)}", fix
    if kind:
        also = f", or {join_words(allowed, last='or')}" if allowed else ""
        return f"{what} {quoted(value)} is not {kind}{also}{where}", ""
    if len(allowed) == 1:
        return f'{refused}. Only "{allowed[0]}" is', ""
    if allowed:
        return f"{refused}. Allowed are {join_words(allowed)}", ""
    return refused, ""
