"""What a console printed is kept with its times, as much as there is room for."""

from __future__ import annotations

from virttui.terminal import printed
from virttui.terminal.printed import Printed, PrintedLine


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def kept() -> tuple[Printed, Clock]:
    clock = Clock()
    return Printed(clock), clock


def texts(lines: list[PrintedLine]) -> list[str]:
    return [line.text for line in lines]


def test_each_line_has_the_time_at_which_its_begin_came() -> None:
    output, clock = kept()
    output.add(b"one\r\ntw")
    clock.now += 5
    output.add(b"o\r\nthree\r\n")
    lines, _ = output.lines()
    assert [(line.text, line.at) for line in lines] == [
        ("one", 1000.0), ("two", 1000.0), ("three", 1005.0),
    ]  # fmt: skip


def test_a_line_without_an_end_is_given_once_it_has_one() -> None:
    output, _ = kept()
    output.add(b"one\nlogin: ")
    lines, place = output.lines()
    assert texts(lines) == ["one"]
    assert output.lines(place) == ([], place)
    output.add(b"root\n")
    lines, place = output.lines(place)
    assert texts(lines) == ["login: root"]


def test_notes_stand_where_they_were_made_and_come_once() -> None:
    output, _ = kept()
    output.add(b"one\n")
    output.note("let go")
    lines, place = output.lines()
    assert [(line.text, line.ours) for line in lines] == [("one", False), ("let go", True)]
    assert output.lines(place)[0] == []
    output.add(b"half")
    output.note("taken over")
    output.add(b" a line\n")
    lines, place = output.lines(place)
    assert texts(lines) == ["half a line", "taken over"]
    output.note("off")
    assert texts(output.lines(place)[0]) == ["off"]


def test_the_newest_whole_lines_are_kept() -> None:
    output, _ = kept()
    line = b"%07d\n"
    for number in range(4 * printed.MOST // 8):
        output.add(line % number)
    size, _ = output.written
    assert printed.MOST <= size <= printed.MOST * 5 // 4
    lines, _ = output.lines()
    assert all(len(text) == 7 for text in texts(lines))
    assert lines[-1].text == f"{4 * printed.MOST // 8 - 1:07}"


def test_a_console_that_trickles_for_days_keeps_a_bounded_number_of_times() -> None:
    output, clock = kept()
    for number in range(3 * printed.MOST_TIMES):
        clock.now += 1
        output.add(b"%d\n" % number)
    lines, _ = output.lines()
    assert printed.MOST_TIMES <= len(lines) <= printed.MOST_TIMES * 5 // 4 + 1
    assert lines[-1].at == clock.now and lines[-1].at - lines[-2].at == 1


def test_who_was_away_for_long_goes_on_with_what_is_kept() -> None:
    output, _ = kept()
    output.add(b"begin\n")
    _, place = output.lines()
    output.add(b"x" * 100 + b"\n" + b"y" * 2 * printed.MOST + b"\nlast\n")
    lines, _ = output.lines(place)
    assert lines[-1].text == "last" and len(lines[0].text) == printed.LONGEST


def test_a_clock_that_is_set_back_still_gives_each_line_its_own_time() -> None:
    output, clock = kept()
    output.add(b"one\n")
    clock.now -= 3600
    output.add(b"two\n")
    assert [line.at for line in output.lines()[0]] == [1000.0, 1000.0 - 3600]


def test_the_last_bytes_are_as_they_came() -> None:
    output, _ = kept()
    output.add(b"\x1b[1mbold\r\n# ")
    assert output.last_bytes(8) == b"bold\r\n# "[-8:]
