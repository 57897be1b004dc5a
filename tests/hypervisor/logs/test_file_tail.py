"""A log file is read from its end, followed as it grows, and read back over renamed files."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from virttui.hypervisor.logs import file_tail
from virttui.hypervisor.logs.file_tail import FileTail
from virttui.hypervisor.queries.host_files import HostFiles
from virttui.model.domains.logs import LineTime, LogKind, LogLine, LogSource, LogState

NOW = 2_000_000_000.0
WRITTEN = 1_900_000_000.0


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "web.log"


_opened: list[FileTail] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


def tail_of(path: Path, kind: LogKind = LogKind.CONSOLE) -> FileTail:
    source = LogSource(kind.value, kind, LogState.ASKED, str(path))
    _opened.append(FileTail(source, lambda: HostFiles(Path("/")), lambda: NOW))
    return _opened[-1]


def texts(lines: list[LogLine]) -> list[str]:
    return [line.text for line in lines]


def write(path: Path, text: str) -> None:
    path.write_text(text)
    os.utime(path, (WRITTEN, WRITTEN))


def test_what_was_there_bears_the_time_the_file_was_written_and_what_comes_the_present_one(
    log: Path,
) -> None:
    write(log, "one\ntwo\n")
    tail = tail_of(log)
    first = tail.look()
    assert [(line.text, line.at, line.time) for line in first] == [
        ("one", WRITTEN, LineTime.BEFORE), ("two", WRITTEN, LineTime.BEFORE),
    ]  # fmt: skip
    with log.open("a") as file:
        file.write("three\nlog")
    assert [(line.text, line.at, line.time) for line in tail.look()] == [
        ("three", NOW, LineTime.READ)
    ]
    unfinished = tail.unfinished()
    assert unfinished is not None and unfinished.text == "log"
    assert tail.look() == []


def test_only_blocks_of_a_large_file_are_read(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with log.open("wb") as file:
        file.truncate(1 << 32)  # 4 GiB, of which the file system keeps nothing
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + b"".join(b"line %05d\n" % number for number in range(30_000)))
    read: list[int] = []
    really = os.pread

    def counting(fd: int, length: int, offset: int) -> bytes:
        data = really(fd, length, offset)
        read.append(len(data))
        return data

    monkeypatch.setattr(os, "pread", counting)
    tail = tail_of(log)
    newest = tail.look()
    assert newest[-1].text == "line 29999"
    assert sum(read) <= file_tail.FIRST
    older = tail.older()
    assert sum(read) <= file_tail.FIRST + file_tail.BLOCK
    joint = [int(line.text.split()[1]) for line in (*older, *newest)]
    assert joint == list(range(joint[0], 30_000)), "no line is missing or twice"


def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(log: Path) -> None:
    write(log, "old 1\n")
    tail = tail_of(log)
    tail.look()
    with log.open("a") as file:
        file.write("old 2\nhalf")
    log.rename(f"{log}.0")
    assert texts(tail.look()) == ["old 2"], "between two files nothing is lost"
    log.write_text("new 1\n")
    assert texts(tail.look()) == ["half", "new 1"]
    assert tail.source().kept == 2


def test_what_is_older_goes_on_in_the_files_that_were_renamed_before(log: Path) -> None:
    write(Path(f"{log}.1"), "first\n")
    write(Path(f"{log}.0"), "second\n")
    write(log, "third\n")
    tail = tail_of(log)
    assert texts(tail.look()) == ["third"]
    assert tail.source().older and tail.source().kept == 3
    assert texts(tail.older()) == ["second"]
    # Renamed meanwhile: the numbers of all files grow by one.
    Path(f"{log}.1").rename(f"{log}.2")
    Path(f"{log}.0").rename(f"{log}.1")
    log.rename(f"{log}.0")
    log.write_text("fourth\n")
    assert texts(tail.look()) == ["fourth"]
    assert texts(tail.older()) == ["first"]
    assert texts(tail.older()) == [] and not tail.source().older


def test_an_emptied_file_is_told(log: Path) -> None:
    write(log, "before\n" * 10)
    tail = tail_of(log)
    tail.look()
    log.write_text("after\n")
    told = tail.look()
    assert told[0].ours and "emptied" in told[0].text
    assert texts(told[1:]) == ["after"]


def test_what_comes_too_fast_is_left_out_and_counted(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_tail, "MOST", 1000)
    monkeypatch.setattr(file_tail, "FIRST", 200)
    write(log, "quiet\n")
    tail = tail_of(log)
    tail.look()
    with log.open("a") as file:
        file.write("x" * 3000 + "\n" + "last\n")
    told = tail.look()
    assert told[0].ours and "left out" in told[0].text
    assert told[-1].text == "last"


class ShutFiles(HostFiles):
    """Files that this user may not read, whoever runs the tests."""

    def open(self, path: str) -> BinaryIO:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def test_no_file_an_empty_one_and_a_shut_one_are_told_apart(log: Path) -> None:
    tail = tail_of(log)
    assert tail.look() == []
    assert tail.source().state is LogState.ABSENT and tail.source().size is None
    log.touch(0o644)
    assert tail.look() == []
    assert (tail.source().state, tail.source().size) == (LogState.EMPTY, 0)
    log.write_text("now\n")
    assert [(line.text, line.time) for line in tail.look()] == [("now", LineTime.READ)]
    assert tail.source().state is LogState.READ
    source = LogSource("qemu", LogKind.QEMU, LogState.ASKED, str(log))
    shut = FileTail(source, lambda: ShutFiles(Path("/")), lambda: NOW)
    assert shut.look() == []
    assert shut.source().state is LogState.SHUT and "root" in shut.source().advice
    assert shut.source().size is None, "not known is not empty"


def test_a_device_or_a_pipe_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        tail = tail_of(path)
        assert tail.look() == []
        assert tail.source().state is LogState.UNREADABLE


def test_qemus_own_times_are_taken_and_lines_below_one_belong_to_it(log: Path) -> None:
    write(
        log,
        "  -device virtio\n"
        "2026-11-29 03:13:40.551+0000: starting up libvirt version: 9.0.0\n"
        "LC_ALL=C \\\n"
        "/usr/bin/qemu-system-x86_64 \\\n"
        "-name web\n"
        "2026-11-29T04:13:41.25+01:00 qemu-system-x86_64: terminating on signal 15\n",
    )
    lines = tail_of(log, LogKind.QEMU).look()
    assert [line.time for line in lines] == [
        LineTime.BEFORE, LineTime.OWN, LineTime.ABOVE, LineTime.OWN,
    ]  # fmt: skip
    assert lines[2].at == lines[1].at
    assert lines[2].text == "LC_ALL=C /usr/bin/qemu-system-x86_64 -name web"
    assert round(lines[3].at - lines[1].at, 3) == 0.699, "zones are taken into account"


def test_a_guests_own_times_are_not_taken(log: Path) -> None:
    write(log, "2001-01-01T00:00:00Z a guest's clock may be wrong\n")
    (line,) = tail_of(log).look()
    assert (line.at, line.time) == (WRITTEN, LineTime.BEFORE)


def test_an_endless_line_comes_in_pieces(log: Path) -> None:
    write(log, "x" * 20_000 + "\n")
    lines = tail_of(log).look()
    assert [len(line.text) for line in lines] == [8192, 8192, 20_000 - 2 * 8192]
