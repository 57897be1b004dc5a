"""The snapshots of a domain in figures, as lists of domains show them."""

from __future__ import annotations

from msgspec import Struct


class SnapshotSummary(Struct, frozen=True, gc=False):
    """How many snapshots a domain has, when the newest was taken, how long its chains are.

    ``newest`` is in seconds since 1970, None where there is none or libvirt does not tell.
    ``chain`` counts the files of the longest backing chain of its disks, None while it is off.
    """

    count: int = 0
    newest: float | None = None
    chain: int | None = None


NO_SNAPSHOTS = SnapshotSummary()
