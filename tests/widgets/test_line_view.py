"""Lines are rendered past Textual's cache, and look as they would through it."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from virttui.render.line import Background, Line, Role, Run
from virttui.widgets.line_view import LineView
from virttui.widgets.themes import theme

WIDTH = 20
LINES: list[Line] = [
    (Run("● "), Run("web-01", Role.STRONG), Run(" running", Role.OK)),
    (Run("日本語", Role.WARN), Run(" wide"), Run("名前", Role.BAD)),
    (Run("longer than the widget is", Role.ALARM, Background.PLAIN),),
    (),
    (Run("x" * WIDTH, Role.FAINT),),
]


class Lines(App[None]):
    def __init__(self, name: str) -> None:
        super().__init__(ansi_color=name in ("ansi", "none"))
        self.register_theme(theme(name))
        self.theme = f"virttui-{name}"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme("dark").variables

    def compose(self) -> ComposeResult:
        view = LineView()
        view.styles.width, view.styles.height = WIDTH, len(LINES) + 1
        yield view


def cells(strips: list[Strip]) -> list[list[object]]:
    """Each character with its style."""
    return [[(char, style) for text, style, _ in strip for char in text] for strip in strips]


@pytest.mark.parametrize("colourless", [False, True])
@pytest.mark.parametrize("name", ["dark", "light", "ansi", "none"])
async def test_they_look_as_through_the_cache(
    name: str, colourless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if colourless:
        monkeypatch.setenv("NO_COLOR", "1")
    app = Lines(name)
    async with app.run_test(size=(40, 10)):
        view = app.query_one(LineView)
        for lines in (LINES, LINES[::-1]):
            view.set_lines(lines)
            for crop in (Region(0, 0, WIDTH, len(LINES) + 1), Region(3, 1, 7, 3)):
                rendered = view.render_lines(crop)
                assert [cell_len(strip.text) for strip in rendered] == [crop.width] * crop.height
                view._styles_cache.clear()
                assert cells(rendered) == cells(Widget.render_lines(view, crop))


async def test_each_character_knows_where_it_is() -> None:
    app = Lines("dark")
    async with app.run_test(size=(40, 10)):
        view = app.query_one(LineView)
        view.set_lines(LINES)
        for y, strip in enumerate(view.render_lines(Region(0, 0, WIDTH, 2))):
            places = [style.meta["offset"] for _, style, _ in strip if style is not None]
            texts = [text for text, *_ in strip]
            assert places == [(len("".join(texts[:n])), y) for n in range(len(texts))]
