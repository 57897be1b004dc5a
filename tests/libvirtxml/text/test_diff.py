"""Differences and merges: nothing of either side is lost without being shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from virttui.libvirtxml.text.diff import ElementPaths, changed_words, counts, hunks
from virttui.libvirtxml.text.merge import Origin, Resolution, chunks, conflicts, merge

texts = st.lists(st.sampled_from("abcdef"), max_size=14).map("\n".join)


@given(texts, texts)
def test_hunks_turn_the_old_into_the_new(old: str, new: str) -> None:
    before, after = old.split("\n"), new.split("\n")
    done, place = [], 0
    for hunk in hunks(before, after):
        done += before[place : hunk.old_start] + after[hunk.new_start : hunk.new_end]
        place = hunk.old_end
    assert [*done, *before[place:]] == after


@given(texts, texts)
def test_without_a_change_of_the_other_side_mine_is_the_outcome(base: str, mine: str) -> None:
    assert merge(chunks(base, mine, base), {}) == mine
    assert merge(chunks(base, base, mine), {}) == mine
    assert merge(chunks(base, mine, mine), {}) == mine


@given(texts, texts, texts)
def test_each_side_can_be_had_whole(base: str, mine: str, theirs: str) -> None:
    found = chunks(base, mine, theirs)
    for pick, whole in (
        (Resolution.MINE, mine),
        (Resolution.THEIRS, theirs),
        (Resolution.BASE, base),
    ):
        assert merge(found, dict.fromkeys(range(len(found)), pick)) == whole
    for side, whole in (("mine", mine), ("theirs", theirs), ("base", base)):
        lines = [line for chunk in found for line in getattr(chunk, side)]
        assert "\n".join(lines) == whole


def test_two_changes_apart_are_both_taken_and_one_place_is_asked_about() -> None:
    base = "title\nmemory\nvcpu\ndisk\nnic"
    apart = chunks(base, base.replace("memory", "memory 2"), base.replace("nic", "nic down"))
    assert merge(apart, {}) == "title\nmemory 2\nvcpu\ndisk\nnic down"
    clash = chunks(base, base.replace("memory", "memory 2"), base.replace("memory", "memory 3"))
    assert conflicts(clash) == [1] and clash[1].origin is Origin.CONFLICT
    assert merge(clash, {}) is None
    assert merge(clash, {1: Resolution.THEIRS}) == base.replace("memory", "memory 3")
    assert merge(clash, {1: Resolution.BOTH}) == base.replace("memory", "memory 2\nmemory 3")


def test_words_that_changed_are_named() -> None:
    old, new = "<memory unit='GiB'>128</memory>", "<memory unit='GiB'>160</memory>"
    assert changed_words(old, new) == ([(19, 22)], [(19, 22)])
    assert changed_words("<a/>", "nothing alike at all") == ([], [])


def test_lines_know_their_device() -> None:
    text = "<domain>\n  <memory>1</memory>\n  <devices>\n    <disk>\n      <target dev='vda'/>\n"
    text += "    </disk>\n    <channel>\n      <target name='org.qemu.guest_agent.0'/>\n"
    places = ElementPaths(text)
    assert places.at_line(1) == ("memory",)
    assert places.at_line(4) == ("devices", "disk vda")
    assert places.at_line(0) == ()
    assert counts(hunks(["a", "b"], ["a", "c", "d"])) == (2, 1)
