"""The widget shows the guest's screen or older lines, and paints what changed alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Offset, Region
from textual.selection import Selection

from virttui.terminal.row import CellStyle
from virttui.terminal.screen import TerminalScreen
from virttui.terminal.search import Match, find
from virttui.widgets.guest_colours import guest_styles
from virttui.widgets.terminal_view import TerminalView
from virttui.widgets.themes import theme


class RecordingView(TerminalView):
    """Remembers which regions were to be painted anew."""

    def __init__(self, terminal: TerminalScreen) -> None:
        super().__init__(terminal)
        self.painted: list[Region] = []

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        self.painted += regions
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class Stand(App[None]):
    """An app with nothing but the widget."""

    def __init__(self, view: RecordingView) -> None:
        super().__init__()
        self._view = view
        for name in ("dark", "ansi", "none"):
            self.register_theme(theme(name))
        self.theme = "virttui-dark"

    def compose(self) -> ComposeResult:
        yield self._view


@asynccontextmanager
async def shown(
    output: bytes = b"", *, size: tuple[int, int] = (20, 6), terminal: tuple[int, int] = (20, 6)
) -> AsyncIterator[tuple[RecordingView, TerminalScreen]]:
    screen = TerminalScreen(*terminal)
    screen.feed(output)
    view = RecordingView(screen)
    async with Stand(view).run_test(size=size) as pilot:
        view.read_terminal()
        await pilot.pause()
        view.painted.clear()
        yield view, screen
    screen.close()


def write(view: RecordingView, screen: TerminalScreen, output: bytes) -> list[Region]:
    view.painted.clear()
    screen.feed(output)
    view.read_terminal()
    return view.painted


def drawn(view: TerminalView) -> list[str]:
    return [view.render_line(y).text for y in range(view.size.height)]


def style_at(view: TerminalView, x: int, y: int) -> Style:
    (segment,) = view.render_line(y).crop(x, x + 1)
    assert segment.style is not None
    return segment.style.clear_meta_and_links()


def numbered(first: int, last: int) -> bytes:
    return b"\r\n".join(b"line %d" % n for n in range(first, last + 1))


async def test_the_screen_is_drawn_in_the_guests_colours() -> None:
    async with shown(b"\x1b[1;31mred\x1b[m plain") as (view, _):
        assert drawn(view) == ["red plain".ljust(20), *[" " * 20] * 5]
        style = style_at(view, 0, 0)
        assert style.bold and style.color is not None and style.color.number == 1
        assert style_at(view, 5, 0).color == guest_styles("dark")(CellStyle()).color


@pytest.mark.parametrize(
    ("output", "regions"),
    [
        (b"\x1b[3;1Hx", [Region(0, 2, 1, 1)]),
        (b"\x1b[3;6Hx", [Region(0, 2, 6, 1)]),
        (b"\x1b[3;1H\x1b[K", [Region(0, 2, 6, 1)]),
        (b"\x1b[3;9Hx", [Region(0, 2, 9, 1)]),
        (b"\x1b[1;1Hline 1", []),
        (b"\x1b[1;5H\x1b[31m \x1b[2;1Hl", [Region(0, 0, 5, 1), Region(0, 1, 1, 1)]),
        (b"\x1b]0;title\x07", []),
    ],
    ids=["the first cell", "the sixth cell", "erased", "longer", "the same", "colour", "nothing"],
)
async def test_only_what_changed_is_painted(output: bytes, regions: list[Region]) -> None:
    async with shown(numbered(1, 4)) as (view, screen):
        assert write(view, screen, output) == regions


async def test_the_cursor_is_drawn_while_one_types() -> None:
    async with shown("ab中".encode()) as (view, screen):
        plain = style_at(view, 4, 0)
        view.show_cursor(True)
        assert view.painted == [Region(0, 0, 6, 1)]
        assert style_at(view, 4, 0) != plain and style_at(view, 3, 0) != style_at(view, 4, 0)
        assert write(view, screen, b"\x1b[1;3H") == [Region(0, 0, 6, 1)]
        assert style_at(view, 2, 0) == style_at(view, 3, 0), "both cells of a wide character"
        assert style_at(view, 4, 0) == plain
        assert write(view, screen, b"\x1b[3;1H") == [Region(0, 0, 4, 1), Region(0, 2, 2, 1)]
        write(view, screen, b"\x1b[?25l")
        assert style_at(view, 0, 2) == plain
        assert drawn(view)[0] == "ab中".ljust(19)


async def test_a_part_of_the_screen_follows_the_cursor() -> None:
    async with shown(numbered(1, 6), size=(20, 4)) as (view, screen):
        assert [line.rstrip() for line in drawn(view)] == ["line 3", "line 4", "line 5", "line 6"]
        assert view.visible_lines == (2, 6)
        write(view, screen, b"\x1b[2;1H")
        assert drawn(view)[0].rstrip() == "line 2"
        write(view, screen, b"\x1b[4;1H")
        assert drawn(view)[0].rstrip() == "line 2", "no further than it has to"
        write(view, screen, b"\x1b[H")
        assert view.visible_lines == (0, 4)


async def test_what_scrolled_out_is_muted_above_where_there_is_room() -> None:
    async with shown(numbered(1, 9), size=(24, 8)) as (view, screen):
        assert [line.rstrip() for line in drawn(view)] == [
            " line 2", " line 3", "│line 4", "│line 5", "│line 6", "│line 7", "│line 8", "│line 9",
        ]  # fmt: skip
        assert style_at(view, 1, 1).color != style_at(view, 1, 2).color
        assert view.visible_lines == (1, 9)
        write(view, screen, b"\r\nline 10")
        assert [line.rstrip() for line in drawn(view)][:3] == [" line 3", " line 4", "│line 5"]


async def test_older_lines_stay_in_view_while_the_guest_writes() -> None:
    async with shown(numbered(1, 100)) as (view, screen):
        view.scroll_page(-1)
        assert not view.is_following
        assert (drawn(view)[0].strip(), drawn(view)[5].strip()) == ("line 90", "line 95")
        view.scroll_page(-1)
        assert drawn(view)[0].strip() == "line 85"
        assert write(view, screen, b"\r\n" + numbered(101, 140)) == []
        assert drawn(view)[0].strip() == "line 85"
        for _ in range(40):
            view.scroll_page(-1)
        assert drawn(view)[0].strip() == "line 1" and view.visible_lines == (0, 6)
        view.show_newest()
        assert view.is_following and drawn(view)[5].strip() == "line 140"
        view.scroll_lines(-1)
        assert drawn(view)[5].strip() == "line 139"
        view.scroll_lines(1)
        assert view.is_following


async def test_lines_that_are_no_longer_kept_give_way_to_the_oldest() -> None:
    async with shown(numbered(1, 100)) as (view, screen):
        view.show_line(10)
        assert drawn(view)[0].strip() == "line 11"
        write(view, screen, b"\r\n" + numbered(101, 30_000))
        assert view.visible_lines == (0, 6)
        assert drawn(view)[0].strip().startswith("line ")
        view.scroll_lines(1)
        assert view.visible_lines == (1, 7)


async def test_one_line_is_pinned_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with shown(numbered(1, 100)) as (view, screen):
        pinned: set[int] = set()
        pin, unpin = screen.pin, screen.unpin

        def noted(line: int) -> int:
            number = pin(line)
            pinned.add(number)
            return number

        def forgotten(number: int) -> None:
            pinned.remove(number)
            unpin(number)

        monkeypatch.setattr(screen, "pin", noted)
        monkeypatch.setattr(screen, "unpin", forgotten)
        for _ in range(5):
            view.scroll_page(-1)
        assert len(pinned) == 1
        view.show_newest()
        assert not pinned


async def test_a_match_is_reversed_and_brought_into_view() -> None:
    async with shown(numbered(1, 100)) as (view, screen):
        (match,) = find(screen, "line 50").matches
        view.show_match(match)
        (y,) = [y for y, line in enumerate(drawn(view)) if line.strip() == "line 50"]
        assert style_at(view, 0, y).reverse and style_at(view, 6, y).reverse
        assert not style_at(view, 7, y).reverse and not style_at(view, 0, y - 1).reverse
        view.painted.clear()
        view.show_match(Match(match.line + 1, 5, 2))
        assert view.painted == [Region(0, y, 7, 1), Region(0, y + 1, 7, 1)]
        view.show_match(None)
        assert not style_at(view, 5, y + 1).reverse


async def test_a_match_goes_on_in_the_next_row() -> None:
    async with shown(b"x" * 17 + b"kernel") as (view, screen):
        view.show_match(find(screen, "kernel").matches[0])
        assert [style_at(view, x, 0).reverse for x in (16, 17, 19)] == [None, True, True]
        assert [style_at(view, x, 1).reverse for x in (0, 2, 3)] == [True, True, None]


async def test_what_the_guest_hides_is_not_drawn() -> None:
    async with shown(b"a\x1b[8msecret\x1b[mb") as (view, _):
        assert drawn(view)[0].rstrip() == "a      b"


async def test_text_can_be_selected_without_the_gutter() -> None:
    async with shown(numbered(1, 3), size=(24, 6)) as (view, _):
        chosen = Selection(Offset(2, 0), Offset(4, 1))
        assert view.get_selection(chosen) == ("ne 1\nline", "\n")


async def test_another_size_shows_other_lines() -> None:
    async with shown(numbered(1, 9), size=(20, 6)) as (view, screen):
        screen.resize(30, 4)
        view.read_terminal()
        assert drawn(view)[-1].strip() == "line 9"


async def test_a_closed_terminal_shows_nothing_more_and_does_no_harm() -> None:
    async with shown(numbered(1, 100)) as (view, screen):
        view.scroll_page(-1)
        screen.close()
        view.read_terminal()
        view.scroll_page(1)
        view.show_newest()


@pytest.mark.parametrize("name", ["dark", "ansi", "none"])
def test_colours_are_the_guests_or_the_terminals_or_none(name: str) -> None:
    style = guest_styles(name)(CellStyle(foreground=(200, 10, 10), background=17, inverse=True))
    assert style.reverse
    if name == "none":
        assert style.color is None or style.color.is_default
        assert style.bgcolor is None or style.bgcolor.is_default
        return
    assert style.color is not None and style.bgcolor is not None
    if name == "ansi":
        assert style.color.number is not None and style.color.number < 16
        assert style.bgcolor.number is not None and style.bgcolor.number < 16
    else:
        assert style.color.triplet is not None and style.color.triplet.hex == "#c80a0a"
        assert style.bgcolor.number == 17
