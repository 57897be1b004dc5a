"""The tokenizer: every character in one token, line by line the same as at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.libvirtxml.text.documents import elements, scraps
from virttui.libvirtxml.text.tokenizer import Mode, Part, line_tokens, scan


@given(st.one_of(elements(), scraps))
def test_every_character_is_in_exactly_one_token(text: str) -> None:
    place = 0
    for token, _ in scan(text):
        assert token.start == place and token.end > place
        place = token.end
    assert place == len(text)


def kinds(text: str) -> list[Part]:
    """What each character but line ends is, scanned line by line."""
    mode = Mode.TEXT
    found: list[Part] = []
    for line in text.split("\n"):
        tokens, mode = line_tokens(line, mode)
        for token in tokens:
            found += [token.part] * (token.end - token.start)
    return found


@given(elements())
def test_lines_are_scanned_as_the_whole_is(text: str) -> None:
    whole: list[Part] = []
    for token, _ in scan(text):
        whole += [token.part] * (
            token.end - token.start - text[token.start : token.end].count("\n")
        )
    assert kinds(text) == whole


def test_a_forgotten_quote_ends_at_the_next_tag() -> None:
    parts = [token.part for token, _ in scan("<a b='c><d/>")]
    assert parts[-3:] == [Part.OPEN, Part.NAME, Part.EMPTY_END]
