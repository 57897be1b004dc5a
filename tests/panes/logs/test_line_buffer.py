"""Lines of several sources are put in one order of time, and no more are kept than may be."""

from __future__ import annotations

import pytest

from virttui.model.domains.known_messages import meaning_of
from virttui.model.domains.logs import LineTime, LogKind, LogLine, LogRequest, LogUpdate
from virttui.model.identity import ObjectId
from virttui.model.severity import Severity
from virttui.panes.logs import line_buffer
from virttui.panes.logs.line_buffer import LineBuffer
from virttui.panes.logs.line_filter import read
from virttui.panes.logs.line_text import shown

REQUEST = LogRequest(ObjectId("kvm01", "1"), "web")


def update(*lines: LogLine, older: tuple[LogLine, ...] = ()) -> LogUpdate:
    return LogUpdate(1, REQUEST, (), lines, older)


def line(source: str, text: str, at: float) -> LogLine:
    return LogLine(source, text, at)


def texts(buffer: LineBuffer) -> list[str]:
    return [one.text for one in buffer.merged(lambda _: True)]


def test_a_source_keeps_its_own_order_whatever_its_clock_says() -> None:
    buffer = LineBuffer()
    buffer.take(update(line("qemu", "q1", 10), line("qemu", "q2", 5), line("console", "c", 7)))
    assert texts(buffer) == ["c", "q1", "q2"]
    buffer.take(update(older=(line("qemu", "q-1", 4), line("qemu", "q0", 20))))
    assert [one for one in texts(buffer) if one[0] == "q"] == ["q-1", "q0", "q1", "q2"]


def test_lines_without_times_of_their_own_stay_together() -> None:
    buffer = LineBuffer()
    below = LogLine("qemu", "below", 10, LineTime.ABOVE)
    buffer.take(update(line("console", "at 10", 10), line("qemu", "q", 10), below))
    assert texts(buffer) == ["at 10", "q", "below"]


def test_the_oldest_lines_go_first_and_it_is_known_that_they_went(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_buffer, "MOST_LINES", 3)
    buffer = LineBuffer()
    buffer.take(update(*(line("qemu", str(n), n) for n in range(5))))
    assert texts(buffer) == ["2", "3", "4"] and buffer.was_cut("qemu")
    buffer.take(update(older=(line("qemu", "before", 0),)))
    assert texts(buffer) == ["2", "3", "4"], "there is no room for older ones"
    assert not buffer.was_cut("console")


def test_text_is_bounded_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_buffer, "MOST_TEXT", 100)
    buffer = LineBuffer()
    buffer.take(update(*(line("qemu", "x" * 60, n) for n in range(5))))
    assert buffer.count("qemu") == 1


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[1;31mred\x1b[m", "red"),
        ("10%\r50%\r100%\r", "100%"),
        ("\x1b]0;title\x07text", "text"),
        ("ab\b\bcd", "cd"),
        ("a\tb", "a       b"),
        ("\x1b[", "\x1b["),
    ],
)
def test_a_line_is_shown_without_what_a_terminal_would_obey(text: str, seen: str) -> None:
    assert shown(text) == seen


def test_a_filter_may_name_a_source_by_its_beginning() -> None:
    filter, error, _ = read("source:q,li No Space", ["qemu", "console", "libvirt"])
    assert not error and filter.sources == {"qemu", "libvirt"} and filter.words == ("no", "space")
    assert read("source:", ["qemu"])[1] == "name a source: qemu"


@pytest.mark.parametrize(
    ("kind", "text", "level", "says"),
    [
        (LogKind.QEMU, "block I/O error in device 'vda': No space left on device (28)",
         Severity.ERROR, "could not grow"),
        (LogKind.QEMU, "Could not access KVM kernel module: Permission denied",
         Severity.ERROR, "may not use /dev/kvm"),
        (LogKind.QEMU, 'Failed to get "write" lock', Severity.ERROR, "in use by another process"),
        (LogKind.QEMU, "terminating on signal 15 from pid 7 (/usr/sbin/libvirtd)",
         Severity.OK, "libvirt ended its QEMU"),
        (LogKind.QEMU, "terminating on signal 9", Severity.ERROR, "signal 9"),
        (LogKind.QEMU, "shutting down, reason=crashed", Severity.ERROR, "crashed"),
        (LogKind.QEMU, "shutting down, reason=destroyed", Severity.OK, "destroyed"),
        (LogKind.QEMU, "-drive file=/x,werror=stop,rerror=stop \\", Severity.OK, ""),
        (LogKind.CONSOLE, "Kernel panic - not syncing: VFS: no root {x}",
         Severity.ERROR, "the guest's kernel stopped: VFS: no root {x}"),
        (LogKind.CONSOLE, "EXT4-fs (vdb): Remounting filesystem read-only",
         Severity.ERROR, "writes no more"),
        (LogKind.CONSOLE, "Out of memory: Killed process 811 (postgres) total-vm:1",
         Severity.ERROR, "ended postgres"),
        (LogKind.CONSOLE, "something failed", Severity.WARNING, ""),
        (LogKind.CONSOLE, "web-01 login:", Severity.OK, ""),
    ],
)  # fmt: skip
def test_a_line_means_what_is_certain_and_no_more(
    kind: LogKind, text: str, level: Severity, says: str
) -> None:
    found = meaning_of(kind, text)
    assert found.level is level
    assert says in found.text and bool(found.text) is bool(says)
