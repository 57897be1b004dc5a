"""The log of a console is followed as it grows, over truncation and rotation."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from virttui.hypervisor.consoles import log_follower
from virttui.hypervisor.consoles.log_follower import LogFollower
from virttui.hypervisor.queries.host_files import HostFiles


class Reading:
    """A follower of a file, and what it gave."""

    def __init__(self, path: Path, seen: bytes = b"") -> None:
        self.changed = threading.Condition()
        self.data = b""
        self.errors: list[OSError] = []
        self.follower = LogFollower(
            str(path), lambda: HostFiles(Path("/")), self.take, self.fail, seen
        )

    def take(self, data: bytes) -> None:
        with self.changed:
            self.data += data
            self.changed.notify_all()

    def fail(self, error: OSError) -> None:
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    def wait(self, holds: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE
        with self.changed:
            while not holds():
                assert self.changed.wait(max(0.0, until - time.monotonic())), self.data[-200:]

    def has(self, part: bytes) -> None:
        self.wait(lambda: part in self.data)

    def gets(self, data: bytes) -> None:
        self.wait(lambda: self.data == data)


@pytest.fixture
def follow() -> Iterator[Callable[..., Reading]]:
    started: list[Reading] = []

    def start(path: Path, seen: bytes = b"") -> Reading:
        started.append(Reading(path, seen))
        return started[-1]

    yield start
    for one in started:
        one.follower.stop()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "guest.log"
    path.write_bytes(b"before\n")
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_what_was_there_comes_first_then_what_is_added(
    log: Path, follow: Callable[..., Reading]
) -> None:
    reading = follow(log)
    reading.gets(b"before\n")
    for number in range(5):
        append(log, b"line %d\n" % number)
        reading.has(b"line %d\n" % number)
    assert reading.data == b"before\n" + b"".join(b"line %d\n" % n for n in range(5))


def test_only_the_end_of_a_long_log_is_read(log: Path, follow: Callable[..., Reading]) -> None:
    log.write_bytes(b"x" * log_follower.HISTORY + b"y" * 10)
    reading = follow(log)
    reading.wait(lambda: reading.data.endswith(b"y" * 10))
    append(log, b"z")
    reading.wait(lambda: reading.data.endswith(b"z"))
    assert len(reading.data) == log_follower.HISTORY + 1


def test_a_log_that_is_emptied_is_read_from_its_beginning(
    log: Path, follow: Callable[..., Reading]
) -> None:
    reading = follow(log)
    reading.gets(b"before\n")
    log.write_bytes(b"new\n")
    reading.gets(b"before\nnew\n")


def test_a_log_that_is_rotated_is_read_to_its_end_and_on(
    log: Path, follow: Callable[..., Reading]
) -> None:
    reading = follow(log)
    reading.gets(b"before\n")
    for number in range(5):
        append(log, b"end %d\n" % number)
        log.rename(log.with_suffix(f".{number}"))
        log.write_bytes(b"begin %d\n" % number)
        reading.has(b"begin %d\n" % number)
    rounds = b"".join(b"end %d\nbegin %d\n" % (n, n) for n in range(5))
    assert reading.data == b"before\n" + rounds


def test_a_log_that_is_deleted_is_waited_for(log: Path, follow: Callable[..., Reading]) -> None:
    reading = follow(log)
    reading.gets(b"before\n")
    log.unlink()
    log.write_bytes(b"again\n")
    reading.gets(b"before\nagain\n")


@pytest.mark.parametrize("kind", ["missing", "fifo", "folder"])
def test_what_is_no_file_is_an_error_and_hangs_nobody(
    tmp_path: Path, kind: str, follow: Callable[..., Reading]
) -> None:
    path = tmp_path / kind
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    reading = follow(path)
    reading.wait(lambda: reading.errors)
    assert reading.errors[0].strerror and not reading.data


def test_a_stopped_follower_ends_its_thread(log: Path, follow: Callable[..., Reading]) -> None:
    reading = follow(log)
    reading.gets(b"before\n")
    reading.follower.stop()
    until = time.monotonic() + PATIENCE
    while any(one.name == f"log {log.name}" for one in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.01)


def test_what_was_seen_before_does_not_come_again(
    follow: Callable[..., Reading], log: Path
) -> None:
    log.write_bytes(b"boot\nlogin: root\n# uptime\nup 3 days\n")
    reading = follow(log, b"login: root\n# ")
    reading.gets(b"uptime\nup 3 days\n")
    with log.open("ab") as file:
        file.write(b"# ")
    reading.gets(b"uptime\nup 3 days\n# ")


def test_what_came_between_is_there_also_over_a_renaming(
    follow: Callable[..., Reading], log: Path
) -> None:
    log.with_name("guest.log.0").write_bytes(b"seen\nmissed before\n")
    log.write_bytes(b"missed after\n")
    follow(log, b"seen\n").gets(b"missed before\nmissed after\n")


def test_of_bytes_that_are_in_no_file_all_that_was_logged_comes(
    follow: Callable[..., Reading], log: Path
) -> None:
    follow(log, b"never logged").gets(b"before\n")


def test_what_was_printed_twice_comes_again_rather_than_not(
    follow: Callable[..., Reading], log: Path
) -> None:
    log.write_bytes(b"tick\ntick\ntick\n")
    follow(log, b"tick\n").gets(b"tick\ntick\n")
