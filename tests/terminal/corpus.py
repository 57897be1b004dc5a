"""What a guest writes, and what its terminal must show then; the same for both engines."""

from __future__ import annotations

import msgspec

from virttui.terminal.row import CellStyle, Cursor

Styled = tuple[tuple[str, CellStyle], ...]


def rgb(red: int, green: int, blue: int) -> CellStyle:
    return CellStyle(foreground=(red, green, blue))


class Case(msgspec.Struct, frozen=True):
    """``rows`` are the first ones as text, all others blank; ``runs`` the first row's."""

    name: str
    output: bytes
    rows: tuple[str, ...] | None = None
    runs: Styled | None = None
    cursor: Cursor | None = None


def case(
    name: str,
    output: bytes,
    *rows: str,
    runs: Styled | None = None,
    cursor: tuple[int, int] | None = None,
) -> Case:
    where = None if cursor is None else Cursor(*cursor)
    return Case(name, output, rows if rows or runs is None else None, runs, where)


PLAIN = CellStyle()

COLUMNS, ROWS = 20, 6
"""Of the terminals that the corpus is written to."""

CORPUS = (
    # -- text and the cursor ---------------------------------------------------------------
    case("text", b"hello", "hello", cursor=(5, 0)),
    case("line feed alone keeps the column", b"ab\ncd", "ab", "  cd"),
    case("carriage return and line feed", b"ab\r\ncd", "ab", "cd", cursor=(2, 1)),
    case("carriage return writes over", b"abcdef\rxy", "xycdef"),
    case("backspace", b"abc\b\bX", "aXc", cursor=(2, 0)),
    case("delete and nul are nothing", b"a\x7f\x00b", "ab"),
    case("bell", b"a\x07b", "ab"),
    case("wraps at the last column", b"a" * 20 + b"b", "a" * 20, "b", cursor=(1, 1)),
    case("the cursor waits at the last column", b"a" * 20, "a" * 20, cursor=(19, 0)),
    case("no wrapping", b"\x1b[?7l" + b"a" * 25 + b"z", "a" * 19 + "z"),
    case("position", b"\x1b[3;5Hx", "", "", "    x", cursor=(5, 2)),
    case("position by f", b"\x1b[2;2fx", "", " x"),
    case("position beyond the screen", b"\x1b[99;99Hx", *[""] * 5, " " * 19 + "x"),
    case("home", b"abc\x1b[HX", "Xbc"),
    case(
        "up, down, right, left",
        b"\x1b[3;3Hm\x1b[A1\x1b[2B2\x1b[2C3\x1b[6D4",
        "", "   1", "  m", "  4 2  3",
    ),
    case("column and row", b"ab\x1b[10G" + b"c\x1b[3dd", "ab       c", "", " " * 10 + "d"),
    case("next and previous line", b"\x1b[3;5H\x1b[Ea\x1b[2Fb", "", "b", "", "a"),
    case("save and restore by ESC", b"ab\x1b7\x1b[4;4Hx\x1b8y", "aby", "", "", "   x"),
    case("save and restore by CSI", b"ab\x1b[s\x1b[4;4Hx\x1b[uy", "aby", "", "", "   x"),
    case("restore twice", b"ab\x1b7cd\x1b8\x1b[4;4H\x1b8xy", "abxy"),
    case("index and next line", b"ab\x1bDcd\x1bEef", "ab", "  cd", "ef"),
    case("hidden cursor", b"\x1b[?25lx", "x"),
    # -- tabs ------------------------------------------------------------------------------
    case("tabs", b"a\tb\tc", "a       b       c"),
    case("tab stops end at the last column", b"\t\t\t\tx", " " * 19 + "x"),
    case("own tab stops", b"\x1b[3g\x1b[1;5H\x1bH\r\tx", "    x"),
    # -- erase, insert, delete -------------------------------------------------------------
    case("erase to the right", b"abcdef\x1b[1;4H\x1b[K", "abc"),
    case("erase to the left", b"abcdef\x1b[1;3H\x1b[1K", "   def"),
    case("erase behind the last column", b"a" * 20 + b"\x1b[K", "a" * 19),
    case("erase the line", b"abc\r\ndef\x1b[2K", "abc", cursor=(3, 1)),
    case("erase below", b"a\r\nb\r\nc\x1b[2;1H\x1b[J", "a"),
    case("erase above", b"a\r\nb\r\nc\x1b[2;1H\x1b[1J", "", "", "c"),
    case("erase all", b"a\r\nb\x1b[2J", cursor=(1, 1)),
    case("insert characters", b"abc\x1b[1;2H\x1b[2@X", "aX bc"),
    case("delete characters", b"abcdef\x1b[1;2H\x1b[2P", "adef"),
    case("erase characters", b"abcdef\x1b[1;2H\x1b[2X", "a  def"),
    case("insert mode", b"abc\x1b[1;2H\x1b[4hXY", "aXYbc"),
    case("insert lines", b"a\r\nb\r\nc\x1b[2;1H\x1b[L", "a", "", "b", "c"),
    case("delete lines", b"a\r\nb\r\nc\x1b[1;1H\x1b[2M", "c"),
    # -- scrolling -------------------------------------------------------------------------
    case("scrolls", b"\r\n".join(b"%d" % n for n in range(8)), *"234567"),
    case(
        "scrolling region",
        b"\r\n".join(b"%d" % n for n in range(6)) + b"\x1b[2;4r\x1b[4;1H\nX",
        "0", "2", "3", "X", "4", "5",
    ),
    case(
        "reverse index in a region",
        b"\r\n".join(b"%d" % n for n in range(6)) + b"\x1b[2;4r\x1b[2;1H\x1bMX",
        "0", "X", "1", "2", "4", "5",
    ),
    case("scroll up", b"a\r\nb\r\nc\x1b[2S", "c"),
    case("scroll down", b"a\r\nb\x1b[T", "", "a", "b"),
    case(
        "origin mode",
        b"\x1b[3;5r\x1b[?6h\x1b[1;1Hx\x1b[?6l\x1b[1;1Hy",
        "y", "", "x",
    ),
    # -- screens ---------------------------------------------------------------------------
    case("alternate screen", b"shell\x1b[?1049h\x1b[Hvi", "vi"),
    case(
        "back from the alternate screen",
        b"shell\x1b[?1049h\x1b[Hvi\r\nvi\x1b[?1049l$", "shell$",
    ),
    case("alternate screen by 47", b"a\x1b[?47h\x1b[Hb\x1b[?47l", "a"),
    case(
        "a cursor shown on the alternate screen stays shown",
        b"\x1b[?25l\x1b[?1049h\x1b[?25h\x1b[?1049la", "a", cursor=(1, 0),
    ),
    case("reset", b"abc\x1b[31m\x1bcx", "x", runs=(("x", PLAIN),)),
    case("alignment test", b"\x1b#8", *["E" * 20] * 6),
    # -- colours and attributes ------------------------------------------------------------
    case(
        "sixteen colours", b"\x1b[31ma\x1b[92;44mb\x1b[39;103mc",
        runs=(
            ("a", CellStyle(foreground=1)),
            ("b", CellStyle(foreground=10, background=4)),
            ("c", CellStyle(background=11)),
        ),
    ),
    case(
        "bright magenta as a background", b"\x1b[105ma", runs=(("a", CellStyle(background=13)),),
    ),
    case(
        "palette", b"\x1b[38;5;202ma\x1b[48;5;17mb",
        runs=(
            ("a", CellStyle(foreground=202)), ("b", CellStyle(foreground=202, background=17)),
        ),
    ),
    case("rgb", b"\x1b[38;2;1;2;3ma", runs=(("a", rgb(1, 2, 3)),)),
    case("rgb with colons", b"\x1b[38:2::1:2:3ma", runs=(("a", rgb(1, 2, 3)),)),
    case("palette with colons", b"\x1b[38:5:99ma", runs=(("a", CellStyle(foreground=99)),)),
    case(
        "attributes",
        b"\x1b[1ma\x1b[0;3mb\x1b[0;4mc\x1b[0;7md\x1b[0;9me\x1b[0;5mf\x1b[mg",
        runs=(
            ("a", CellStyle(bold=True)), ("b", CellStyle(italic=True)),
            ("c", CellStyle(underline=True)), ("d", CellStyle(inverse=True)),
            ("e", CellStyle(strikethrough=True)), ("f", CellStyle(blink=True)), ("g", PLAIN),
        ),
    ),
    case(
        "faint and invisible", b"\x1b[2ma\x1b[0;8mb",
        runs=(("a", CellStyle(faint=True)), ("b", CellStyle(invisible=True))),
    ),
    case(
        "attributes end one by one", b"\x1b[1;3;4;7ma\x1b[22;23;24;27mb",
        runs=(
            ("a", CellStyle(bold=True, italic=True, underline=True, inverse=True)), ("b", PLAIN),
        ),
    ),
    case(
        "curly underline", b"\x1b[4:3ma\x1b[4:0mb",
        runs=(("a", CellStyle(underline=True)), ("b", PLAIN)),
    ),
    case(
        "erased with a background", b"\x1b[41mab\x1b[K",
        runs=(("ab" + " " * 18, CellStyle(background=1)),),
    ),
    case("erased in reverse", b"\x1b[7mab\x1b[K", runs=(("ab", CellStyle(inverse=True)),)),
    case(
        "erased with a background of rgb", b"\x1b[48;2;9;8;7mab\x1b[K",
        runs=(("ab" + " " * 18, CellStyle(background=(9, 8, 7))),),
    ),
    case("blanks of the default style are left out", b"ab   ", runs=(("ab", PLAIN),)),
    case(
        "a blank of another style stays", b"ab\x1b[7m ",
        runs=(("ab", PLAIN), (" ", CellStyle(inverse=True))),
    ),
    # -- characters ------------------------------------------------------------------------
    case("latin, greek, box", "é Ω ─┼ €".encode(), "é Ω ─┼ €"),
    case("wide", "a中b文c".encode(), "a中b文c", cursor=(7, 0)),
    case("wide at the end of a row", b"a" * 19 + "中x".encode(), "a" * 19, "中x"),
    case("half of a wide one written over", "中文".encode() + b"\x1b[1;2Hx", " x文"),
    case("combining", "e\u0301a\u0308o".encode(), "éäo", cursor=(3, 0)),
    case("zero width space and joiner", "a\u200bb\u2060c\u200dd".encode(), "abcd"),
    case("bidi controls", "a\u202eb\u2066c\u061cd".encode(), "abcd"),
    case("soft hyphen", "a\u00adb".encode(), "a b"),
    case("tags", "a\U000e0041b".encode(), "ab"),
    case("hangul filler", "a\u115fb".encode(), "ab"),
    case("emoji", "🙂x".encode(), "🙂x", cursor=(3, 0)),
    case("emoji with a skin tone", "👍🏽x".encode(), "👍  x"),
    case("emoji family", "👨\u200d👩\u200d👧x".encode(), "👨👩👧x"),
    case("emoji family as one", b"\x1b[?2027h" + "👨\u200d👩\u200d👧x".encode(), "👨x"),
    case("variation selector", "✓\ufe0fx".encode(), "✓x"),
    case("marks without a class", "ก\u0e31ข".encode(), "ก\u0e31ข"),
    case("line drawing", b"\x1b(0lqk\x1b(Bx", "┌─┐x"),
    case("line drawing by shift out", b"\x1b)0" + b"\x0eqx\x0fq", "─│q"),
    case("invalid utf-8", b"a\xffb\xc3(c", "a�b�(c"),
    case("utf-8 cut short", b"a\xe4\xb8x", "a�x"),
    case("overlong utf-8", b"a\xc0\xafb", "a��b"),
    case("8-bit controls as utf-8", "a\u009b31mb".encode(), "a31mb"),
    case("repeat", b"ab\x1b[3b", "abbbb"),
    # -- what is not for the screen --------------------------------------------------------
    case("title", b"\x1b]0;root@web\x07a\x1b]2;x\x1b\\b", "ab"),
    case("clipboard", b"\x1b]52;c;ZXZpbA==\x07a", "a"),
    case("hyperlink", b"\x1b]8;;http://x/\x07a\x1b]8;;\x07b", "ab"),
    case("device control string", b"\x1bP$qm\x1b\\a", "a"),
    case("sixel", b"\x1bP0;0;0q#0;2;0;0;0#0!9~-!9~-\x1b\\\x1b[Ha", "a"),
    case("application command", b"\x1b_Gf=100;AAAA\x1b\\a", "a"),
    case("private message", b"\x1b^secret\x1b\\a", "a"),
    case("soft reset", b"\x1b[!pa", "a"),
    case("cursor shape", b"\x1b[4 qa", "a"),
    case("keyboard protocol", b"\x1b[>1ua\x1b[<ub\x1b[=5uc", "abc"),
    case("mouse and paste modes", b"\x1b[?1000;1006;2004ha", "a"),
    case("window operation", b"\x1b[8;50;132ta\x1b[22;0tb", "ab"),
    case("cancelled sequence", b"a\x1b[31\x18b", "ab"),
    case("string ended by a sequence", b"\x1b]0;x\x1b[1Ca", " a"),
    case("many digits", b"\x1b[" + b"9" * 5000 + b"Ca", " " * 19 + "a"),
    case("many parameters", b"\x1b[" + b";" * 300 + b"ma", "a"),
    case("parameters that are too many", b"\x1b[2;3;4;5Ha", "a"),
    case("private where it is unknown", b"\x1b[?5Ca", "a"),
    case("screen in reverse", b"\x1b[?5ha", "a"),
)  # fmt: skip

PYTE_CANNOT = {
    "faint and invisible": "its cells have neither attribute",
    "wide at the end of a row": "a wide character is put into the last cell",
    "marks without a class": "only marks with a combining class are joined, others dropped",
    "hangul filler": "it gives one two cells",
    "emoji family as one": "it does not know the mode of clusters, 2027",
    "repeat": "it does not know REP",
}
"""Cases that the fallback shows differently, with the reason."""
