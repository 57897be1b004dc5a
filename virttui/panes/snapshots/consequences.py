"""What a revert to a snapshot does, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from virttui.formatting import listed, size
from virttui.model.domains.snapshots import Snapshot, SnapshotKind


def revert_sentences(snapshot: Snapshot, name: str, *, active: bool) -> Iterator[str]:
    """Yield what a revert of the domain ``name`` does, what is lost first."""
    disks = listed([one.target for one in snapshot.kept_disks]) or "no disk"
    written = snapshot.written_after if snapshot.current else None
    if written is None:
        yield f"What was written to {disks} since then goes."
    else:
        yield f"{size(written)} written to {disks} since then go."
    if active:
        yield f"{name} stops: consoles and viewers are cut."
    if snapshot.memory != "no":
        yield "It goes on with the memory of that moment; its clock stands at that time."
    elif snapshot.state == "disk-snapshot":
        yield "It boots anew: no memory was kept at that moment."
    else:
        yield "It was off at that moment."
    if left := [one.target for one in snapshot.left_out]:
        stays = "stays" if len(left) == 1 else "stay"
        yield f"{listed(left)} {stays} as now: not in that snapshot."


def firmware_sentences(snapshot: Snapshot, *, pflash: bool, tpm: str) -> Iterator[str]:
    """Yield what becomes of the NVRAM and of the state of a TPM."""
    if pflash and snapshot.kind is SnapshotKind.EXTERNAL:
        yield "Its NVRAM stays as it is now."
    if tpm:
        yield "The state of its TPM may not fit: keys sealed since then can be lost."
