"""Bytes from any thread reach the screen in order; the listener is told at once, then in frames."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.patience import PATIENCE
from tests.terminal.conditions import wait_until
from tests.terminal.engines import NAMES, engine
from virttui.terminal.parser import BETWEEN_RULES, FRAME, Parser
from virttui.terminal.row import row_text
from virttui.terminal.screen import TerminalScreen


class Clock:
    """A time that only the test moves on."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Listener:
    """Counts changes and collects replies; one can wait for either."""

    def __init__(self) -> None:
        self.changes = 0
        self.replies = b""
        self.threads: set[str] = set()
        self.let_go = threading.Event()
        self.let_go.set()
        self._heard = threading.Condition()

    def on_change(self) -> None:
        with self._heard:
            self.changes += 1
            self.threads.add(threading.current_thread().name)
            self._heard.notify_all()
        self.let_go.wait()

    def on_reply(self, data: bytes) -> None:
        with self._heard:
            self.replies += data
            self._heard.notify_all()

    def has_changed(self, times: int) -> bool:
        return self.changes >= times

    def wait_for(self, holds: Callable[[], bool]) -> None:
        with self._heard:
            assert self._heard.wait_for(holds, PATIENCE)


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=NAMES)
def screen(request: pytest.FixtureRequest) -> TerminalScreen:
    return TerminalScreen(engine=engine(str(request.param)))


@pytest.fixture
def parser(screen: TerminalScreen, listener: Listener, clock: Clock) -> Iterator[Parser]:
    parser = Parser(screen, listener.on_change, listener.on_reply, clock=clock)
    yield parser
    listener.let_go.set()
    parser.close()


def shows(screen: TerminalScreen, text: str) -> bool:
    return any(text in row_text(row) for row in screen.lines(0, screen.line_count))


def test_the_first_change_is_told_at_once_and_the_next_after_a_frame(
    screen: TerminalScreen, parser: Parser, listener: Listener, clock: Clock
) -> None:
    parser.feed(b"first")
    listener.wait_for(lambda: listener.changes == 1)
    for number in range(10):
        parser.feed(b"more %d" % number)
    wait_until(lambda: shows(screen, "more 9"))
    assert listener.changes == 1
    clock.now += FRAME
    listener.wait_for(lambda: listener.changes == 2)
    clock.now += 10 * FRAME
    parser.feed(b"after a pause")
    listener.wait_for(lambda: listener.changes == 3)
    assert listener.threads == {"terminal parser"}


def test_bytes_of_many_threads_are_all_fed(
    screen: TerminalScreen, parser: Parser, listener: Listener, clock: Clock
) -> None:
    def feed(name: int) -> None:
        for number in range(50):
            parser.feed(b"thread %d line %03d\r\n" % (name, number))

    threads = [threading.Thread(target=feed, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listener.wait_for(lambda: listener.changes >= 1)
    parser.feed(b"\x1b[6n")
    listener.wait_for(lambda: listener.replies != b"")
    lines = [row_text(row) for row in screen.lines(0, screen.line_count)]
    for name in range(4):
        ours = [line for line in lines if line.startswith(f"thread {name}")]
        assert ours == [f"thread {name} line {number:03d}" for number in range(50)]


def test_replies_are_handed_over_unless_one_only_reads(
    screen: TerminalScreen, parser: Parser, listener: Listener
) -> None:
    parser.feed(b"\x1b[6n")
    listener.wait_for(lambda: listener.replies == b"\x1b[1;1R")
    parser.replies = False
    parser.feed(b"asked\x1b[6n")
    wait_until(lambda: shows(screen, "asked"))
    parser.feed(b" idle")  # once this is shown, what was replied before was dropped
    wait_until(lambda: shows(screen, "idle"))
    parser.replies = True
    parser.feed(b"\x1b[5n")
    listener.wait_for(lambda: listener.replies == b"\x1b[1;1R\x1b[0n")


def test_while_reading_along_nothing_is_replied(screen: TerminalScreen, listener: Listener) -> None:
    parser = Parser(screen, listener.on_change, listener.on_reply, replies=False)
    try:
        parser.feed(b"\x1b[6n\x1b[c\x1b[5nend")
        listener.wait_for(lambda: shows(screen, "end"))
        assert listener.replies == b""
    finally:
        parser.close()


def test_what_is_too_much_is_dropped_oldest_first_and_said(
    screen: TerminalScreen, parser: Parser, listener: Listener, clock: Clock
) -> None:
    listener.let_go.clear()
    parser.feed(b"first\r\n")
    listener.wait_for(lambda: listener.changes == 1)
    first = b"dropped\r\n\x1b]0;half a title" + b"\r" * (screen.backlog - 20)
    waiting = first, b"\r\nlast\r\n\x1b[6n"
    for data in waiting:
        parser.feed(data)
    listener.let_go.set()
    listener.wait_for(lambda: listener.replies != b"")
    assert parser.bytes_dropped == sum(map(len, waiting)) - screen.backlog > len("dropped")
    assert shows(screen, f"─ {parser.bytes_dropped} bytes came faster than they could be shown ──")
    assert shows(screen, "first") and shows(screen, "last") and not shows(screen, "dropped")


def test_what_is_dropped_soon_after_is_said_in_the_next_rule(
    screen: TerminalScreen, parser: Parser, listener: Listener, clock: Clock
) -> None:
    """Each time in the middle of a title, which must not hide what follows."""
    said = []
    for number in range(1, 4):
        listener.let_go.clear()
        clock.now += FRAME
        parser.feed(b"\x1b]0;title")
        wait_until(partial(listener.has_changed, number))
        before = parser.bytes_dropped
        waiting = b"\r" * (screen.backlog + 100 * number) + b"line %d\r\n" % number
        clock.now += BETWEEN_RULES if number == 3 else 0
        parser.feed(waiting)
        listener.let_go.set()
        wait_until(partial(shows, screen, f"line {number}"))
        said.append(parser.bytes_dropped - before)
    assert shows(screen, f"{said[0]} bytes came")
    assert not shows(screen, f"{said[1]} bytes came")
    assert shows(screen, f"{said[1] + said[2]} bytes came")


def test_a_guest_that_asks_without_end_is_not_replied_without_end(
    screen: TerminalScreen, parser: Parser, listener: Listener, clock: Clock
) -> None:
    parser.feed(b"\x1b[6n" * 50_000 + b"end")
    listener.wait_for(lambda: listener.changes == 1)
    wait_until(lambda: shows(screen, "end"))
    parser.feed(b"\r\x1b[Kidle")  # once this is shown, what was replied before was handed over
    wait_until(lambda: shows(screen, "idle"))
    assert 0 < len(listener.replies) <= 4096
    clock.now += FRAME
    before = len(listener.replies)
    parser.feed(b"\x1b[6n")
    listener.wait_for(lambda: len(listener.replies) == before + len(b"\x1b[1;5R"))


def test_a_rule_of_ours_undoes_what_an_ended_guest_asked_for(
    screen: TerminalScreen, parser: Parser, listener: Listener
) -> None:
    parser.feed(b"$ vi\r\n\x1b[?1049h\x1b[2;5r\x1b[4h\x1b[?1h\x1b[?25l\x1b[31m\x1b(0")
    parser.note("web-01 was shut down at 03:14:22", ended=True)
    parser.feed(b"\x1b[6n")
    listener.wait_for(lambda: listener.replies != b"")
    screen.update()
    rows = [row_text(row) for row in screen.rows]
    assert rows[0] == "$ vi"
    (number,) = [n for n, row in enumerate(rows) if "web-01 was shut down at 03:14:22" in row]
    (run,) = screen.rows[number]
    assert run.text.startswith("─ web-01") and run.text.endswith("──")
    assert run.style.inverse and run.style.foreground is None
    assert screen.cursor.visible and not screen.modes.application_cursor


def test_a_rule_of_ours_stands_behind_what_was_written(
    screen: TerminalScreen, parser: Parser, listener: Listener
) -> None:
    parser.feed(b"one\r\ntwo\r\n")
    parser.note("it ended", ended=True)
    parser.feed(b"\x1b[6n")
    listener.wait_for(lambda: listener.replies != b"")
    screen.update()
    rows = [row_text(row) for row in screen.rows]
    assert rows[:2] == ["one", "two"]
    assert [n for n, row in enumerate(rows) if "it ended" in row] > [1]


def test_a_listener_may_end_it(screen: TerminalScreen) -> None:
    ended = threading.Event()
    parsers: list[Parser] = []

    def on_change() -> None:
        parsers[0].close()
        ended.set()

    parsers.append(Parser(screen, on_change, lambda data: None))
    parsers[0].feed(b"x")
    assert ended.wait(PATIENCE)
    parsers[0].feed(b"y")


def test_its_thread_has_ended_when_it_is_closed(screen: TerminalScreen, listener: Listener) -> None:
    parser = Parser(screen, listener.on_change, listener.on_reply)
    (thread,) = [one for one in threading.enumerate() if one.name == "terminal parser"]
    parser.feed(b"x" * screen.backlog)
    parser.close()
    assert not thread.is_alive()
    screen.close()
