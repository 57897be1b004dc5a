"""Differences, the review and the merge as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from virttui.libvirtxml.text.merge import Resolution, chunks
from virttui.model.commands import ApplyWhen, LiveChange, LiveOperation
from virttui.model.errors import Refused, SchemaError
from virttui.panes.xml_editor.diff_page import DiffPage
from virttui.panes.xml_editor.diff_rows import difference, draw, draw_beside
from virttui.panes.xml_editor.history_page import HistoryPage, HistoryRow
from virttui.panes.xml_editor.merge_page import ConflictPage, conflict_lines
from virttui.panes.xml_editor.review_page import Review, ReviewInput, button_line, checks, side
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, length, plain

OLD = "<domain>\n  <memory>1</memory>\n  <devices>\n    <disk/>\n  </devices>\n</domain>"
NEW = OLD.replace("<memory>1<", "<memory>2<").replace("    <disk/>\n", "")
LOOK = RenderContext(epoch=1000.0)


def shown(lines: Sequence[Line]) -> str:
    return "\n".join(plain(line).rstrip() for line in lines)


def test_a_difference_stands_under_its_element_with_numbers() -> None:
    made = difference(OLD, NEW)
    assert (made.added, made.removed, made.changes) == (1, 2, 2)
    page = shown([draw(row, LOOK, 60) for row in made.rows])
    assert page.splitlines()[:4] == [
        " memory",
        "   1    1    <domain>",
        "   2      -    <memory>1</memory>",
        "        2 +    <memory>2</memory>",
    ]
    assert "devices › disk" in page


def test_the_words_that_changed_are_marked() -> None:
    rows_ = difference(OLD, NEW).rows
    old = next(row for row in rows_ if row.kind == "old")
    marked = [run.text for run in draw(old, LOOK, 60) if run.role is Role.BAD_MARK]
    assert marked == ["1"]


texts = st.lists(st.sampled_from(["<a>", "<b/>", "</a>", "x"]), max_size=8).map("\n".join)


@given(texts, texts, st.integers(20, 90))
def test_every_row_takes_its_cells_in_both_ways(old: str, new: str, width: int) -> None:
    made = difference(old, new)
    for line in [
        *(draw(row, LOOK, width) for row in made.rows),
        *draw_beside(made.rows, LOOK, width),
    ]:
        assert length(line) == width
    told = [row.text for row in made.rows if row.kind in ("same", "new")]
    assert all(line in new.split("\n") for line in told)


def test_changes_are_walked() -> None:
    old = "\n".join(f"<a{n}/>" for n in range(100))
    new = old.replace("<a10/>", "<b/>").replace("<a90/>", "<c/>")
    page = DiffPage(difference(old, new))
    assert "<b/>" in shown(page.lines(LOOK, 40, 4))
    page.press("n")
    assert "<a90/>" in shown(page.lines(LOOK, 40, 4))
    page.press("N")
    assert "<b/>" in shown(page.lines(LOOK, 40, 4))


# -- the review ----------------------------------------------------------------------------------

REVIEW = Review(
    difference(OLD, NEW),
    checks(ReviewInput(schema="domain.rng", secrets=1, merged=("title",))),
    running=True,
    steps=(LiveChange(LiveOperation.UPDATE, "interface net0"),),
    waiting=("memory",),
    runs=("keep the old one in history (3)",),
    by_hand="virsh define web.xml",
)


def test_a_review_tells_checks_when_what_runs_and_by_hand() -> None:
    page = shown(side(REVIEW, LOOK, 44))
    for words in (
        "● schema     valid",
        "title merged",
        "1 password kept",
        "(•) next boot   all changes",
        "interface net0 only",
        "keep the old one in history (3)",
        "virsh define web.xml",
    ):
        assert words in page
    assert "a Apply at next boot" in plain(button_line(REVIEW))


def test_live_tells_what_waits() -> None:
    page = shown(side(replace(REVIEW, when=ApplyWhen.BOTH), LOOK, 44))
    assert "memory needs a restart of the guest" in page


def test_a_refusal_of_the_schema_offers_the_second_step_and_another_does_not() -> None:
    refused = replace(REVIEW, refusal=SchemaError("line 3: no", libvirt_message="extra element"))
    assert "A defines it without validation" in shown(side(refused, LOOK, 44))
    assert refused.refused_by_schema
    busy = replace(REVIEW, refusal=Refused("it is busy", libvirt_message="locked"))
    page = shown(side(busy, LOOK, 44))
    assert "it is busy" in page and '"locked"' in page and "without" not in page


def test_what_cannot_be_applied_says_why_instead_of_a_key() -> None:
    nothing = replace(REVIEW, difference=difference(OLD, OLD))
    assert "no differences" in plain(button_line(nothing)) and nothing.blocked
    live = replace(REVIEW, when=ApplyWhen.LIVE, steps=())
    assert "no change can be applied" in live.blocked
    unknown = replace(REVIEW, checks=checks(ReviewInput(unknown_secrets=("(hidden 9)",))))
    assert "(hidden 9)" in unknown.blocked


# -- merge and history ---------------------------------------------------------------------------


def test_conflicts_are_chosen_one_by_one() -> None:
    base = "a\nb\nc\nd\ne"
    merge = ConflictPage(chunks(base, "a\nB\nc\nD\ne", "a\nbb\nc\ndd\ne"))
    assert merge.open == 2 and merge.outcome() is None
    page, starts = conflict_lines(merge, LOOK, 50)
    assert len(starts) == 2 and "not chosen yet" in shown(page)
    merge.resolve(Resolution.THEIRS)
    assert merge.cursor == 1, "it goes on to the next"
    merge.resolve(Resolution.BOTH)
    assert merge.outcome() == "a\nbb\nc\nD\ndd\ne"
    assert all(length(line) == 50 for line in conflict_lines(merge, LOOK, 50)[0])


def test_the_history_lists_and_compares_at_every_width() -> None:
    past = HistoryPage()
    assert "reading the history" in shown(past.lines(LOOK, 80, 10))
    past.take(())
    assert "no earlier versions" in shown(past.lines(LOOK, 80, 10))
    past.take([HistoryRow(900.0, "edit", "web"), HistoryRow(100.0, "define", "web")])
    past.page = DiffPage(difference(OLD, NEW))
    for width in (60, 120):
        page = past.lines(LOOK, width, 14)
        assert "edit" in shown(page) and "<memory>2</memory>" in shown(page)
        assert all(length(line) == width for line in page)
    assert past.move(1) and not past.move(1)
