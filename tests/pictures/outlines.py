"""Pictures without fonts: each character of a screen as an outline in its own cell.

Which typefaces a viewer has makes no difference: braille, dots and arrows stay in their cells in
every browser, editor and converter. Outlines are those of DejaVu Sans Mono (fonts-dejavu-core;
free to embed and to pass on, see https://dejavu-fonts.github.io/License.html). It has no braille:
those dots are drawn here. Lines and blocks are stretched to the whole cell, so that they meet.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import cairocffi

FAMILY = "DejaVu Sans Mono"
CELL = (12.2, 24.4)
"""Width and height of a cell, as textual's pictures have them."""
SIZE = 20.0
"""Of the typeface; its glyphs are 12.04 wide then."""
BASELINE = 18.5
"""Of a row, below its upper edge."""
_ADVANCE, _ASCENT, _DESCENT = 0.60205, 0.92822, 0.23584
_FULL = 1000.0
"""Size that outlines are taken at: nothing is rounded to pixels."""
_BRAILLE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each dot, by its bit."""
_COMMANDS = ("M", "L", "C", "Z")


@dataclass(frozen=True, slots=True)
class Cells:
    """Characters of one style in one row, from a column on."""

    row: int
    column: int
    text: str
    fill: str
    bold: bool = False
    underlined: bool = False
    struck: bool = False


class Outlines:
    """The outline of each character once, by the name it has in the picture."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, bool], str] = {}
        self.paths: dict[str, str] = {}
        self._contexts = {bold: _context(bold=bold) for bold in (False, True)}

    def name(self, character: str, *, bold: bool) -> str:
        """The name of a character's outline. Raises LookupError where the typeface has none."""
        key = (character, bold)
        if key not in self._names:
            name = f"{'b' if bold else 'g'}{ord(character):x}"
            self.paths[name] = self._path(character, bold=bold)
            self._names[key] = name
        return self._names[key]

    def _path(self, character: str, *, bold: bool) -> str:
        code = ord(character)
        if 0x2800 <= code <= 0x28FF:
            return _braille(code - 0x2800)
        context = self._contexts[bold]
        points = _outline(context, character)
        if points == _outline(context, "\uffff"):
            raise LookupError(f"{FAMILY} has no {character!r}")
        across, down, base = SIZE / _FULL, SIZE / _FULL, BASELINE
        if 0x2500 <= code <= 0x259F:
            across = CELL[0] / (_ADVANCE * _FULL)
            down = CELL[1] / ((_ASCENT + _DESCENT) * _FULL)
            base = _ASCENT * _FULL * down
        left = (CELL[0] - _ADVANCE * _FULL * across) / 2
        return "".join(
            _COMMANDS[kind]
            + " ".join(
                f"{_short(at[i] * across + left)} {_short(at[i + 1] * down + base)}"
                for i in range(0, len(at), 2)
            )
            for kind, at in points
        )


def _context(*, bold: bool) -> cairocffi.Context:
    context = cairocffi.Context(cairocffi.RecordingSurface(cairocffi.CONTENT_ALPHA, None))
    weight = cairocffi.FONT_WEIGHT_BOLD if bold else cairocffi.FONT_WEIGHT_NORMAL
    context.select_font_face(FAMILY, cairocffi.FONT_SLANT_NORMAL, weight)
    context.set_font_size(_FULL)
    options = cairocffi.FontOptions()
    options.set_hint_style(cairocffi.HINT_STYLE_NONE)
    options.set_hint_metrics(cairocffi.HINT_METRICS_OFF)
    context.set_font_options(options)
    for character in "iM":
        if abs(context.text_extents(character)[4] / _FULL - _ADVANCE) > 0.001:
            raise LookupError(f"{FAMILY} is not installed: fonts-dejavu-core has it")
    return context


def _outline(context: cairocffi.Context, text: str) -> list[tuple[int, tuple[float, ...]]]:
    context.new_path()
    context.move_to(0, 0)
    context.text_path(text)
    found = list(context.copy_path())
    # A path ends where the next character would begin, which is not drawn.
    while found and found[-1][0] == cairocffi.PATH_MOVE_TO:
        found.pop()
    return found


def _braille(bits: int) -> str:
    """Dots of an eighth of the cell each, in two columns and four rows."""
    wide, high, radius = CELL[0] / 2, CELL[1] / 4, 2.1
    return "".join(
        f"M{_short((column + 0.5) * wide - radius)} {_short((row + 0.5) * high)}"
        f"a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0Z"
        for bit, (column, row) in enumerate(_BRAILLE)
        if bits >> bit & 1
    )


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def cells(svg: str) -> Iterator[Cells]:
    """The text of a picture of textual's, with its styles."""
    styles = dict(re.findall(r"\.(terminal-[\w-]+-r\d+) \{([^}]*)\}", svg))
    pattern = r'<text class="(terminal-[\w-]+-r\d+)" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>'
    for style, x, y, text in re.findall(pattern, svg):
        looks = styles[style]
        fill = re.search(r"fill: (#\w+)", looks)
        assert fill is not None, looks
        yield Cells(
            round((float(y) - 20) / CELL[1]), round(float(x) / CELL[0]),
            html.unescape(text).replace("\xa0", " "), fill[1], "bold" in looks,
            "underline" in looks, "line-through" in looks,
        )  # fmt: skip


def backgrounds(svg: str) -> Iterator[tuple[int, float, float, str]]:
    """Row, left edge, width and colour of each background; neighbours of one colour are one."""
    pattern = r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="24.65"'
    last: tuple[int, float, float, str] | None = None
    for fill, x, y, width in re.findall(pattern, svg):
        row, left, wide = round((float(y) - 1.5) / CELL[1]), float(x), float(width)
        if last is not None and last[0] == row and last[3] == fill and abs(
            last[1] + last[2] - left
        ) < 0.1:  # fmt: skip
            last = (row, last[1], last[2] + wide, fill)
            continue
        if last is not None:
            yield last
        last = (row, left, wide, fill)
    if last is not None:
        yield last


def lines(found: list[Cells], size: tuple[int, int]) -> list[str]:
    """The screen as plain text."""
    screen = [[" "] * size[0] for _ in range(size[1])]
    for one in found:
        screen[one.row][one.column : one.column + len(one.text)] = one.text
    return ["".join(row).rstrip() for row in screen]


def outlined(svg: str, size: tuple[int, int], title: str) -> str:
    """The picture with outlines in the place of text; its text is in its description."""
    found, outlines = [one for one in cells(svg)], Outlines()
    wide, high = size[0] * CELL[0], size[1] * CELL[1]
    behind = list(backgrounds(svg))
    areas: Counter[str] = Counter()
    for _row, _left, width, fill in behind:
        areas[fill] += round(width)
    # The most common colour lies below all rows, so that no seam shows between them.
    common = areas.most_common(1)[0][0]
    body = [f'<rect width="{_short(wide)}" height="{_short(high)}" fill="{common}"/>']
    for row, left, width, fill in behind:
        if fill != common:
            body.append(
                f'<rect x="{_short(left)}" y="{_short(row * CELL[1])}" width="{_short(width)}"'
                f' height="{CELL[1]}" fill="{fill}"/>'
            )
    for one in found:
        body += _drawn(one, outlines)
    defined = "\n".join(f'<path id="{name}" d="{path}"/>' for name, path in
                        sorted(outlines.paths.items()) if path)  # fmt: skip
    framed = re.search(r'<rect fill="(#\w+)" stroke="rgba', svg)
    frame = framed[1] if framed else "#292929"
    text = html.escape("\n".join(lines(found, size)), quote=False)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_short(wide + 18)}'
        f' {_short(high + 50)}" role="img" shape-rendering="geometricPrecision">\n'
        f"<title>{html.escape(title, quote=False)}</title>\n<desc>\n{text}\n</desc>\n"
        "<!-- Outlines of DejaVu Sans Mono: free to embed and to pass on,"
        " https://dejavu-fonts.github.io/License.html -->\n"
        f"<defs>\n{defined}\n</defs>\n"
        f'<rect x="1" y="1" width="{_short(wide + 16)}" height="{_short(high + 48)}" rx="8"'
        f' fill="{frame}" stroke="#808080" stroke-opacity="0.5"/>\n'
        '<g transform="translate(26,22)"><circle r="7" fill="#ff5f57"/><circle cx="22" r="7"'
        ' fill="#febc2e"/><circle cx="44" r="7" fill="#28c840"/></g>\n'
        '<g transform="translate(9,41)">\n' + "\n".join(body) + "\n</g>\n</svg>\n"
    )


def _drawn(one: Cells, outlines: Outlines) -> Iterator[str]:
    """Characters in their cells, those of one style in one group."""
    top = one.row * CELL[1]
    drawn = "".join(
        f'<use href="#{outlines.name(character, bold=one.bold)}"'
        f' x="{_short((one.column + offset) * CELL[0])}"/>'
        for offset, character in enumerate(one.text)
        if not character.isspace() and character != "⠀"
    )
    if drawn:
        yield f'<g fill="{one.fill}" transform="translate(0,{_short(top)})">{drawn}</g>'
    for there, below in ((one.underlined, 21.0), (one.struck, 12.5)):
        if there:
            yield (
                f'<rect x="{_short(one.column * CELL[0])}" y="{_short(top + below)}"'
                f' width="{_short(len(one.text) * CELL[0])}" height="1" fill="{one.fill}"/>'
            )
