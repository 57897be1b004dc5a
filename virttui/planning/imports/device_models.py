"""Other tools' names of hardware, in libvirt's words."""

from __future__ import annotations

import re

_MODELS = {
    "e1000": "e1000", "82540em": "e1000", "82543gc": "e1000", "82545em": "e1000",
    "e1000e": "e1000e", "82583v": "e1000e", "pcnet32": "pcnet", "vlance": "pcnet",
    "flexible": "pcnet", "am79c960": "pcnet", "am79c970a": "pcnet", "am79c973": "pcnet",
    "vmxnet": "vmxnet3", "vmxnet2": "vmxnet3", "vmxnet3": "vmxnet3",
    "virtio": "virtio", "virtio-net": "virtio", "rtl8139": "rtl8139",
}  # fmt: skip
_MAC = re.compile(r"[0-9a-f]{12}")
_MAX_LENGTH = 4000


def card_model(words: str) -> str:
    """Return a network card's model, "" for an unknown one."""
    return _MODELS.get(words.strip().lower(), "")


def mac_of(words: str) -> str:
    """Return a MAC address in any notation (``08:00:27…``, ``08-00-27…``, ``080027…``), else ""."""
    digits = re.sub(r"[:.\-\s]", "", words.lower())
    if not _MAC.fullmatch(digits) or not digits.strip("0") or int(digits[:2], 16) & 1:
        return ""
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def arch_of(*words: str) -> str:
    """Return the architecture that a system's name contains, "" for none."""
    for text in words:
        if re.search(r"(^|[^a-z])(arm(?![a-z])|armv|aarch64)", text.lower()):
            return "aarch64"
    return ""


def one_line(words: str) -> str:
    """Return text from a file on one line, without characters that a definition cannot hold."""
    plain = " ".join(words.split())
    return "".join(one for one in plain if one.isprintable())[:_MAX_LENGTH]
