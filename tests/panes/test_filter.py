from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.panes.filter import Facts, Filter, Wrong, parse

WEB = Facts(
    "web-01", "kvm01", "running running", "Shop front", "10.20.1.11 fe80::1", 0.38,
    4.6 * 1024**3, 0.57,
)  # fmt: skip
DB = Facts("db-replica-02", "kvm02", "I/O error paused", "", "", None, None, None)


def passes(text: str, facts: Facts) -> bool:
    found = parse(text)
    assert isinstance(found, Filter), found
    return found.passes(facts)


@pytest.mark.parametrize(
    ("text", "web", "db"),
    [
        ("", True, True),
        ("web", True, False),
        ("WEB-0", True, False),
        ("shop", True, False),
        ("kvm", True, True),
        ("10.20", True, False),
        ("paused", False, True),
        ("web kvm02", False, False),
        ("-web", False, True),
        ("host:kvm*", True, True),
        ("host:kvm02", False, True),
        ("state:paused", False, True),
        ("state:I/O", False, True),
        ("name:*-01", True, False),
        ("address:fe80*", True, False),
        ("title:front", True, False),
        ("cpu>30", True, False),
        ("cpu<=38", True, False),
        ("cpu<80%", True, False),
        ("mem>4G", True, False),
        ("mem>=512M", True, False),
        ("mem>80%", False, False),
        ("-cpu>30", False, True),
        ("[/x]", False, False),
        ("[s]hop*", False, False),
        ("http://x", False, False),
    ],
)
def test_what_passes(text: str, web: bool, db: bool) -> None:
    assert (passes(text, WEB), passes(text, DB)) == (web, db)


@pytest.mark.parametrize(
    ("text", "word", "start", "sentence"),
    [
        ("web mem>4X", "mem>4X", 4, "4X is no size: 4G, 512M or 80%"),
        ("cpu>>5", "cpu>>5", 0, "a number is wanted after >"),
        ("cpu>", "cpu>", 0, "a number is wanted after >"),
        ("cpu>x", "cpu>x", 0, "x is no percentage: 80 or 12.5"),
        ("colour:red", "colour:red", 0,
         "colour is no field: name, host, state, title, address"),
        ("disk>5", "disk>5", 0, "disk is no figure: cpu or mem"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text: str, word: str, start: int, sentence: str) -> None:
    found = parse(text)
    assert isinstance(found, Wrong)
    assert (found.word, found.start, found.sentence) == (word, start, sentence)


def test_the_words_that_can_be_read_still_hold() -> None:
    found = parse("web cpu>>5")
    assert isinstance(found, Wrong)
    assert (found.rest.text, found.rest.passes(WEB), found.rest.passes(DB)) == ("web", True, False)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_filter_or_a_sentence(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Wrong) or found.passes(WEB) in (True, False)
