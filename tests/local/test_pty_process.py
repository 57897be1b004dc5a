"""Programs on a terminal: what they write and read, their size, their end."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

from tests.patience import PATIENCE
from virttui.local.pty_process import MOST_PENDING

from .programs import Program


def is_alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_it_has_a_terminal_of_its_size_and_its_status_is_told() -> None:
    program = Program("sh", "-c", "stty size; tty; exit 7")
    assert program.ended() == 7
    assert program.output.startswith(b"30 100\r\n/dev/pts/")


def test_it_reads_what_is_typed_and_ctrl_c_reaches_it() -> None:
    program = Program("sh", "-c", "read line; echo got-$line; read again")
    program.process.write(b"hello\r")
    program.wait(lambda: b"got-hello" in program.output)
    program.process.write(b"\x03")
    assert program.ended() != 0


def test_ctrl_c_reaches_it_also_where_we_ignore_the_signal() -> None:
    """As of what a shell without jobs starts in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        program = Program("sh", "-c", "echo ready; read again")
    finally:
        signal.signal(signal.SIGINT, before)
    program.wait(lambda: b"ready" in program.output)
    program.process.write(b"\x03")
    assert program.ended() != 0


def test_it_learns_another_size() -> None:
    script = "trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.1; done"
    program = Program("sh", "-c", script)
    program.wait(lambda: b"ready" in program.output)
    program.process.resize(132, 43)
    assert program.ended() == 0
    assert b"43 132" in program.output


def test_ending_it_ends_what_it_began_too() -> None:
    program = Program("sh", "-c", "trap '' HUP; sleep 600 & echo pid-$!-; wait")
    program.wait(lambda: program.output.count(b"-") >= 2)
    child = int(program.output.split(b"-")[1])
    program.process.end()
    assert program.ended() < 0
    until = time.monotonic() + PATIENCE
    while is_alive(child):  # nothing tells of the end of another's child
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_program_that_is_not_there_says_so() -> None:
    program = Program("/no/such/program")
    assert program.ended() == 127
    assert b"/no/such/program does not start: No such file or directory" in program.output


def test_what_is_not_read_is_refused_at_last() -> None:
    program = Program(sys.executable, "-c", "import time, tty; tty.setraw(0); time.sleep(600)")
    piece = b"x" * (MOST_PENDING // 4)
    assert program.process.write(piece)
    assert not all(program.process.write(piece) for _ in range(5))
    program.process.end()
    program.ended()


def test_a_flood_ends_with_its_page() -> None:
    program = Program("yes")
    program.wait(lambda: len(program.output) > 100_000)
    program.process.end()
    assert program.ended() < 0
    assert program.process.write(b"x") is False
