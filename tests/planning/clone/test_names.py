"""Names of clones from patterns, and of their volumes; what makes no sense is refused in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.model.errors import InvalidInput
from virttui.planning.clone.names import MAX_CLONES, expand, next_name, volume_name


def test_a_pattern_stands_for_its_names_in_order() -> None:
    assert expand("web-02") == ("web-02",)
    assert expand("web-{08..11}") == ("web-08", "web-09", "web-10", "web-11")
    assert expand("w{9..11}") == ("w9", "w10", "w11")
    assert expand("{a,b}-{1..2}") == ("a-1", "a-2", "b-1", "b-2")
    assert len(expand("x{001..200}")) == MAX_CLONES


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "missing"),
        ("a/b", "cannot"),
        ("a\nb", "cannot"),
        (" a", "with a space"),
        ("..", "cannot"),
        ("web-{1..3", "no } after"),
        ("web-1}", "no { before"),
        ("a{b{c,d}}", "cannot be nested"),
        ("a{}", "braces hold names"),
        ("a{b}", "braces hold names"),
        ("a{b,}", "braces hold names"),
        ("a{b,b}", "appears twice"),
        ("a{3..1}", "counts down"),
        ("a{1..x}", "not a range"),
        ("a{0..999999999}", "more than 200"),
        ("{1..100}{1..100}{1..100}{1..100}", "more than 200"),
        ("n" * 201, "longer"),
    ],
)
def test_what_is_no_pattern_is_refused_in_words(pattern: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        expand(pattern)
    assert why in refused.value.message


@given(st.text(alphabet="ab{},.0123 /\n\x00é"))
def test_any_text_gives_few_whole_names_or_a_sentence(pattern: str) -> None:
    try:
        found = expand(pattern)
    except InvalidInput:
        return
    assert 0 < len(found) <= MAX_CLONES and len(set(found)) == len(found)
    assert all(name.strip() and "/" not in name and name.isprintable() for name in found)


def test_the_next_name_counts_on() -> None:
    assert next_name("web-01", {"web-01", "web-02"}) == "web-03"
    assert next_name("web-09", set()) == "web-10"
    assert next_name("db", {"db"}) == "db-clone"
    assert next_name("debian12", set()) == "debian12-clone"
    assert next_name("db", {"db", "db-clone"}) == "db-clone1"


def test_volumes_are_called_as_their_clone_is() -> None:
    def called(old: str, ending: str | None = None) -> str:
        return volume_name(old, "web-1", "web-5", "vdb", ending)

    assert called("web-1.qcow2") == "web-5.qcow2"
    assert called("web-1-data.raw") == "web-5-data.raw"
    assert called("web-1-data.raw", ".qcow2") == "web-5-data.qcow2"
    assert called("web-10.img") == "web-5-vdb.img", "that is another one's name"
    assert called("disk0") == "web-5-vdb"
    assert called("disk0.snap1") == "web-5-vdb", "no ending of an image"
    assert called("web-1-own.qcow2") == "web-5.qcow2"
