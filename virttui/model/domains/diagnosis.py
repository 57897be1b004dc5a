"""The diagnosis of a failed domain."""

from __future__ import annotations

from msgspec import Struct


class Diagnosis(Struct, frozen=True):
    """Facts about a domain that failed.

    ``log`` is the end of its QEMU log, oldest line first; ``log_note`` says where it was read, or
    why it was not. ``messages`` are libvirt's own (taints, deprecated settings), None where this
    libvirt has none. ``cause`` and ``advice`` are the likely meaning of the log's lines.
    """

    log: tuple[str, ...] = ()
    log_note: str = ""
    messages: tuple[str, ...] | None = None
    cause: str = ""
    advice: str = ""
