"""What a rule keeps, and what goes by it: verified backups alone count."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.planning.backup.examples import backup_id, stored
from virttui.model.backup.chains import damaged, dependents
from virttui.model.backup.manifest import StoredBackup
from virttui.model.errors import InvalidInput
from virttui.planning.backup.retention import RetentionRule, retained, retention_rule


def outcome(backups: list[StoredBackup], rule: str) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """The ids that go, and the reasons of those that stay."""
    found = retained(backups, retention_rule(rule), UTC)
    gone = sorted(one.backup.manifest.id for one in found if one.goes)
    return gone, {one.backup.manifest.id: one.reasons for one in found if not one.goes}


def ids(*days: int) -> list[str]:
    return [backup_id(day) for day in days]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("last 7", RetentionRule(last=7)),
        ("last 7, daily 14,weekly=8", RetentionRule(last=7, daily=14, weekly=8)),
        ("Monthly: 12, yearly3", RetentionRule(monthly=12, yearly=3)),
    ],
)
def test_a_rule_is_read(text: str, expected: RetentionRule) -> None:
    assert retention_rule(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing is no part"),
        ("7", "7 is no part"),
        ("last 7, hourly 3", "hourly 3 is no part"),
        ("last -1", "last -1 is no part"),
        ("last 7; rm -rf", "last 7; rm -rf is no part"),
        ("last 1, last 2", "last twice"),
        ("last 0, daily 0", "keeps nothing"),
    ],
)
def test_what_is_no_rule_is_told(text: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        retention_rule(text)


def test_only_the_last_verified_ones_stay() -> None:
    backups = [stored(day, good=True) for day in range(1, 7)]
    gone, kept = outcome(backups, "last 2")
    assert gone == ids(1, 2, 3, 4)
    assert kept[backup_id(5)] == ("last 2",)


def test_what_is_not_verified_neither_counts_nor_goes() -> None:
    backups = [stored(1, good=True), stored(2, good=True), stored(3), stored(4, good=False)]
    gone, kept = outcome(backups, "last 1")
    assert gone == ids(1)
    assert kept[backup_id(2)] == ("last 1",)
    assert kept[backup_id(3)] == ("not verified",)
    assert kept[backup_id(4)][-1] == f"not good: {backup_id(4)} did not verify"


def test_a_verified_one_whose_chain_is_broken_does_not_count() -> None:
    broken = stored(3, 2, good=True)
    gone, kept = outcome([stored(1, good=True), broken], "last 1")
    assert gone == []
    assert kept[backup_id(1)] == ("last 1",)
    assert "is not in the pool" in kept[backup_id(3)][-1]


def test_what_a_kept_one_needs_stays() -> None:
    backups = [
        stored(1, good=True), stored(2, 1, good=True), stored(3, good=True), stored(4, 3, good=True)
    ]  # fmt: skip
    gone, kept = outcome(backups, "last 1")
    assert gone == ids(1, 2)
    assert kept[backup_id(3)] == (f"{backup_id(4)} needs it",)


def test_a_period_keeps_its_newest_and_empty_ones_do_not_count() -> None:
    # 25 November 2026 is a Wednesday; MOMENT plus so many days.
    early = [stored(day, good=True) for day in (1, 2, 3, 9, 10, 24)]
    twice = replace(early[2], manifest=replace(early[2].manifest, id="20261103T020000Z"))
    twice = replace(twice, manifest=replace(twice.manifest, begun=early[2].manifest.begun + 3600))
    gone, kept = outcome([*early, twice], "daily 2, weekly 3")
    assert kept[backup_id(24)][:2] == ("daily 1", "weekly 1")
    assert kept[backup_id(10)] == ("daily 2", "weekly 2")
    assert sorted(gone) == sorted(set(ids(1, 2, 3, 9)) | {"20261103T020000Z"} - set(kept))
    assert len(kept) == 3 and "weekly 3" in next(
        reasons for id, reasons in kept.items() if id not in ids(10, 24)
    )


def test_the_newest_always_stays() -> None:
    gone, kept = outcome([stored(1, good=True), stored(2, good=True)], "yearly 1")
    assert gone == ids(1) and kept[backup_id(2)][0] == "yearly 1"
    _, alone = outcome([stored(1)], "yearly 1")
    assert alone == {backup_id(1): ("the newest, which the next one follows", "not verified")}


HISTORIES = st.lists(
    st.tuples(st.booleans(), st.sampled_from([True, True, True, False, None])),
    min_size=1,
    max_size=25,
)
RULES = st.builds(RetentionRule, *(st.integers(0, 4) for _ in range(5)))


@given(HISTORIES, RULES)
def test_no_rule_leaves_less_than_it_says_or_breaks_a_chain(
    history: list[tuple[bool, bool | None]], rule: RetentionRule
) -> None:
    backups = [
        stored(day, None if full or day == 1 else day - 1, good=good)
        for day, (full, good) in enumerate(history, 1)
    ]
    found = retained(backups, rule, UTC)
    gone = [one.backup for one in found if one.goes]
    left = [one.backup for one in found if not one.goes]
    assert len(found) == len(backups) and left
    good = [one for one in backups if one.verified and not damaged(one, backups)]
    still = [one for one in left if one.verified and not damaged(one, left)]
    assert len(still) >= min(rule.last, len(good))
    assert not dependents([one.manifest.id for one in gone], backups)
    assert all(one in good for one in gone)
