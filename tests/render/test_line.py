from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from virttui.render.line import (
    Background,
    Role,
    Run,
    clean,
    cut,
    cut_end,
    ends,
    fit,
    head,
    length,
    merged,
    on,
    plain,
    tail,
    text_width,
    toned,
    within,
    wrapped,
)

anything = st.text(st.characters(codec="utf-8"), max_size=60)
runs = st.lists(
    st.builds(
        Run, anything.map(clean), st.sampled_from(list(Role)), st.sampled_from(list(Background))
    ),
    max_size=8,
)


@given(anything)
def test_clean_text_is_as_wide_as_its_characters_are(text: str) -> None:
    shown = clean(text)
    assert shown.isprintable()
    assert cell_len(shown) == sum(map(cell_len, shown)) == text_width(shown)
    assert clean(shown) == shown


@given(anything, st.integers(0, 40))
def test_fit_takes_exactly_its_cells(text: str, width: int) -> None:
    assert text_width(fit(text, width)) == width
    assert text_width(fit(text, width, right=True)) == width


@given(anything, st.integers(0, 40))
def test_cutting_never_takes_more(text: str, width: int) -> None:
    shown = clean(text)
    for short in (head(shown, width), tail(shown, width), cut(shown, width), cut_end(shown, width)):
        assert text_width(short) <= width
    if text_width(shown) <= width:
        assert cut(shown, width) == cut_end(shown, width) == shown


@given(runs, st.integers(0, 80))
def test_within_takes_exactly_its_cells(line: list[Run], width: int) -> None:
    assert length(within(line, width)) == width


@given(runs)
def test_merging_keeps_the_text_and_the_ground_of_every_cell(line: list[Run]) -> None:
    joined = merged(line)
    assert plain(joined) == plain(line)
    assert len(joined) <= len(line)
    assert [g for r in joined for g in [r.background] * len(r.text)] == [
        g for r in line for g in [r.background] * len(r.text)
    ]


@given(runs)
def test_merging_keeps_the_role_of_every_cell_that_shows_it(line: list[Run]) -> None:
    def roles(some: list[Run] | tuple[Run, ...]) -> list[Role | None]:
        return [
            run.role if not char.isspace() or run.role in (Role.ALARM, Role.TAB, Role.BUTTON)
            else None
            for run in some
            for char in run.text
        ]  # fmt: skip

    assert roles(merged(line)) == roles(line)


@given(st.text(st.characters(codec="ascii", exclude_characters="\x7f"), max_size=80),
       st.integers(4, 30))  # fmt: skip
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(text_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


def test_what_a_terminal_would_obey_is_shown() -> None:
    assert clean("a\x1b[31mb\nc\td\x9be") == "a\\x1b[31mb\\x0ac\\x09d\\x9be"
    assert clean("a\u202eb\u200bc\ufeff") == "a\\u202eb\\u200bc\\ufeff"
    assert clean("e\u0301") == "é"
    assert clean("\u0301") == "\\u0301"
    assert clean("bad[/x] [bold]") == "bad[/x] [bold]"
    assert clean("한글") == "한글"


def test_long_names_are_cut_in_the_middle() -> None:
    assert cut("payments-reconcile-worker-07", 21) == "payments-recon…ker-07"
    assert cut("abcdef", 3) == "abc"
    assert cut_end("a long sentence", 7) == "a long…"


def test_ends_and_grounds() -> None:
    left, right = (Run("left"),), (Run("right", Role.MUTED),)
    assert plain(ends(left, right, 12)) == "left   right"
    assert plain(ends(left, right, 3)) == "lef"
    assert on(left, Background.PANEL)[0].background is Background.PANEL
    assert toned((*left, *right), Role.FAINT) == (Run("leftright", Role.FAINT),)
