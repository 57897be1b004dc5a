"""A file that grows on a thread of its own is private, whole, and says why it ended."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from virttui.local import stream_file
from virttui.local.stream_file import StreamFile


def test_all_that_was_written_is_in_it_in_order_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    failures: list[str] = []
    file = StreamFile(path, iter([b"head ", b"more "]), failures.append)
    for number in range(1000):
        file.write(b"%d " % number)
    file.close()
    file.wait_closed(PATIENCE)
    assert path.read_bytes() == b"head more " + b"".join(b"%d " % n for n in range(1000))
    assert path.stat().st_mode & 0o777 == 0o600 and file.written == path.stat().st_size
    assert not failures


def test_no_file_is_overwritten_and_no_link_followed(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "link"):
        with pytest.raises(FileExistsError):
            StreamFile(tmp_path / name, iter(()), lambda why: None)
    assert (tmp_path / "there").read_text() == "before" and not (tmp_path / "nowhere").exists()


def test_a_full_disk_ends_it_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    failures: list[str] = []

    def fail(why: str) -> None:
        failures.append(why)
        told.set()

    really = os.write

    def write(fd: int, data: memoryview) -> int:
        if bytes(data) == b"too much":
            raise OSError(28, os.strerror(28))
        return really(fd, data)

    monkeypatch.setattr(os, "write", write)
    file = StreamFile(tmp_path / "it.txt", iter([b"first"]), fail)
    file.write(b"too much")
    file.write(b"after")
    assert told.wait(PATIENCE) and failures == ["No space left on device"]
    file.close()
    file.wait_closed(PATIENCE)
    assert (tmp_path / "it.txt").read_bytes() == b"first"


def test_a_disk_that_hangs_takes_no_memory_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_file, "MOST_WAITING", 1000)
    told, goes_on = threading.Event(), threading.Event()

    def head() -> Iterator[bytes]:
        goes_on.wait(PATIENCE)
        yield b""

    failures: list[str] = []

    def fail(why: str) -> None:
        failures.append(why)
        told.set()

    file = StreamFile(tmp_path / "it.txt", head(), fail)
    for _ in range(20):
        file.write(b"x" * 100)
    goes_on.set()
    assert told.wait(PATIENCE) and failures == ["its disk is slower than what comes"]
    file.wait_closed(PATIENCE)
