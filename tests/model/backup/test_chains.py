"""Which backups a restore needs, and which are worth nothing once one is deleted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.planning.backup.examples import backup_id, stored
from virttui.model.backup.chains import (
    chain_of,
    damaged,
    dependents,
    newest_first,
    volumes_of_disk,
)
from virttui.model.errors import InvalidInput

CHAIN = (stored(1), stored(2, 1), stored(3, 2), stored(4, 1))


def ids(*days: int) -> list[str]:
    return [backup_id(day) for day in days]


def test_a_chain_begins_with_its_full_one() -> None:
    assert [one.manifest.id for one in chain_of(backup_id(3), CHAIN)] == ids(1, 2, 3)
    assert [one.manifest.id for one in chain_of(backup_id(4), CHAIN)] == ids(1, 4)
    assert volumes_of_disk("vda", chain_of(backup_id(3), CHAIN)) == tuple(
        f"web-{one}-vda.qcow2" for one in ids(3, 2, 1)
    )
    assert volumes_of_disk("vdz", CHAIN) == ()


def test_a_gap_is_named() -> None:
    with pytest.raises(InvalidInput, match=f"{backup_id(3)} needs {backup_id(2)}"):
        chain_of(backup_id(3), (CHAIN[0], CHAIN[2]))
    with pytest.raises(InvalidInput, match="is not in the pool"):
        chain_of(backup_id(9), CHAIN)


def test_a_ring_ends() -> None:
    ring = replace(stored(1), manifest=replace(stored(1, 2).manifest))
    with pytest.raises(InvalidInput, match="needs itself"):
        chain_of(backup_id(2), (ring, stored(2, 1)))
    assert dependents({backup_id(9)}, (ring, stored(2, 1))) == set()


def test_a_disk_that_lies_on_another_file_does_not_fit() -> None:
    other = stored(2, 1)
    disk = replace(other.manifest.disks[0], backing="someone-else.qcow2")
    with pytest.raises(InvalidInput, match="lies on someone-else"):
        chain_of(
            backup_id(2),
            (CHAIN[0], replace(other, manifest=replace(other.manifest, disks=(disk,)))),
        )


def test_two_domains_do_not_fit() -> None:
    other = replace(
        CHAIN[0],
        manifest=replace(CHAIN[0].manifest, uuid="00000000-0000-4000-8000-000000000000"),
    )
    with pytest.raises(InvalidInput, match="two domains"):
        chain_of(backup_id(2), (other, CHAIN[1]))


def test_what_needs_what() -> None:
    assert dependents({backup_id(1)}, CHAIN) == set(ids(2, 3, 4))
    assert dependents({backup_id(2)}, CHAIN) == {backup_id(3)}
    assert dependents(set(ids(2, 3)), CHAIN) == set()


def test_what_is_damaged_says_why() -> None:
    assert damaged(CHAIN[2], CHAIN) == ""
    assert "web-x is not" in damaged(stored(2, 1), (stored(1, missing=("web-x",)), stored(2, 1)))
    assert "did not verify" in damaged(stored(2, 1), (stored(1, good=False), stored(2, 1)))
    assert [one.manifest.id for one in newest_first(CHAIN)] == ids(4, 3, 2, 1)
