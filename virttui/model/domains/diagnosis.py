"""Why a domain failed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of a domain that failed.

    ``log`` is the end of its QEMU log, oldest line first; ``log_note`` says where it was read, or
    why it was not. ``messages`` are libvirt's own (taints, deprecated settings), None where this
    libvirt has none to give. ``cause`` and ``advice`` are what the log's lines most likely mean.
    """

    log: tuple[str, ...] = ()
    log_note: str = ""
    messages: tuple[str, ...] | None = None
    cause: str = ""
    advice: str = ""
