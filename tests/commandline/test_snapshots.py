"""``snapshot NAME`` and ``revert NAME``: which domains, which options, what is not said yet."""

from __future__ import annotations

from tests.commandline.test_parser import choices, reading
from virttui.commandline.parsed import RevertCommand, SnapshotCommand
from virttui.commandline.snapshots import entered


def taken(line: str) -> SnapshotCommand:
    found = reading(line).intent
    assert isinstance(found, SnapshotCommand), reading(line)
    return found


def test_a_snapshot_is_of_the_selected_domain_or_of_those_behind_on() -> None:
    assert [one.name for one in taken("snapshot before").targets] == ["gitlab"]
    several = taken("snapshot nightly --at-rest on web-01 web-02")
    assert [one.name for one in several.targets] == ["web-01", "web-02"]
    assert entered(several) == {"name": "nightly", "quiesce": "yes"}
    assert entered(taken("snapshot --memory a")) == {"name": "a", "memory": "yes"}


def test_the_word_alone_opens_the_sheet_with_the_usual_name() -> None:
    assert entered(taken("snapshot ")) == {}


def test_options_are_offered_and_others_refused() -> None:
    assert choices("snapshot a --") == ["--memory", "--at-rest"]
    assert "--quiesce is not known" in reading("snapshot a --quiesce ").error
    assert reading("snapshot a b").error.startswith("one name")


def test_a_revert_names_one_snapshot_of_one_domain() -> None:
    found = reading("revert before --force").intent
    assert isinstance(found, RevertCommand) and found.force and found.name == "before"
    assert [one.name for one in found.targets] == ["gitlab"]
    assert reading("revert ").error == "name a snapshot; t lists them"
    assert reading("revert a on web-01 web-02").error == "one snapshot of one domain"
