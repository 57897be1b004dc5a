"""A log of another host is read by tail over ssh; a program of the test's stands for ssh."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from virttui.hypervisor.logs.ssh_commands import BLOCK, FIRST, ssh_arguments
from virttui.hypervisor.logs.ssh_tail import SshTail
from virttui.model.domains.logs import LineTime, LogKind, LogLine, LogSource, LogState

NOW = 2_000_000_000.0


class Following:
    """A tail over ssh and all that it gave."""

    def __init__(self, program: Path, path: Path) -> None:
        source = LogSource("qemu", LogKind.QEMU, LogState.ASKED, str(path))
        uri = f"qemu+ssh://root@kvm03:2222/system?command={program}&keyfile=/root/.ssh/key"
        self.tail = SshTail(source, uri, lambda: NOW)
        self.lines: list[LogLine] = []

    def wait(self, holds: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < until, (self.tail.source(), self.lines)
            self.lines += self.tail.look()
            time.sleep(0.01)

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that takes ssh's arguments, keeps them, and runs the command here."""
    made = tmp_path / "ssh"
    made.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/arguments\n'
        'for last; do :; done\nexec sh -c "$last"\n'
    )
    made.chmod(0o755)
    return made


@pytest.fixture
def following(program: Path, tmp_path: Path) -> Iterator[Following]:
    made = Following(program, tmp_path / "it's a log")
    yield made
    made.tail.close()


def test_its_end_comes_first_then_what_is_added_over_a_renaming(
    following: Following, tmp_path: Path
) -> None:
    log = tmp_path / "it's a log"
    log.write_text("one\n2026-11-29T03:13:40Z qemu: two\n")
    following.wait(lambda: len(following.lines) == 2)
    assert [line.time for line in following.lines] == [LineTime.BEFORE, LineTime.OWN]
    source = following.tail.source()
    assert (source.state, source.size) == (LogState.READ, log.stat().st_size)
    with log.open("a") as file:
        file.write("three\n")
    following.wait(lambda: following.texts[-1] == "three")
    assert following.lines[-1].time is LineTime.READ
    log.rename(tmp_path / "it's a log.0")
    log.write_text("four\n")
    following.wait(lambda: following.texts[-1] == "four")


def test_the_login_is_libvirts_and_the_path_is_one_word_there(
    following: Following, tmp_path: Path
) -> None:
    (tmp_path / "it's a log").write_text("")
    following.wait(lambda: following.tail.source().state is LogState.EMPTY)
    *arguments, command = (tmp_path / "arguments").read_text().splitlines()
    assert arguments == [
        "-T", "-e", "none", "-o", "BatchMode=yes", "-p", "2222", "-l", "root",
        "-i", "/root/.ssh/key", "--", "kvm03",
    ]  # fmt: skip
    assert "it'\"'\"'s a log" in command


def test_a_file_that_is_not_there_is_told_and_read_once_it_is(
    following: Following, tmp_path: Path
) -> None:
    following.wait(lambda: following.tail.source().state is LogState.ABSENT)
    (tmp_path / "it's a log").write_text("late\n")
    following.wait(lambda: following.texts == ["late"])
    assert following.tail.source().state is LogState.READ


def test_of_a_large_file_no_half_line_is_shown(following: Following, tmp_path: Path) -> None:
    (tmp_path / "it's a log").write_text("".join(f"line {n:06}\n" for n in range(40_000)))
    following.wait(lambda: following.lines and following.texts[-1] == "line 039999")
    assert all(len(text) == 11 for text in following.texts)
    assert following.tail.source().older


def read_back(following: Following) -> list[str]:
    """All that comes before what was given, oldest first."""
    found: list[str] = []
    while following.tail.source().older:
        block = following.tail.older()
        assert all(line.time is LineTime.BEFORE for line in block)
        found[:0] = [line.text for line in block]
    return found


def test_it_is_read_back_to_its_begin_without_a_gap_or_a_line_twice(
    following: Following, tmp_path: Path
) -> None:
    lines = [f"line {n:06}" for n in range((FIRST + 5 * BLOCK // 2) // 12)]
    (tmp_path / "it's a log").write_text("".join(f"{line}\n" for line in lines))
    following.wait(lambda: following.lines and following.texts[-1] == lines[-1])
    assert read_back(following) + following.texts == lines
    assert following.tail.older() == []


def test_it_is_read_back_through_the_files_that_were_renamed_also_meanwhile(
    following: Following, tmp_path: Path
) -> None:
    log = tmp_path / "it's a log"
    log.with_name("it's a log.1").write_text("one\ntwo\n")
    log.with_name("it's a log.0").write_text("three\nfour\n")
    log.write_text("".join(f"line {n:06}\n" for n in range(FIRST // 10)))
    following.wait(lambda: following.lines)
    assert following.tail.source().kept == 3
    for old, new in ((".1", ".2"), (".0", ".1"), ("", ".0")):
        log.with_name(f"it's a log{old}").rename(log.with_name(f"it's a log{new}"))
    log.write_text("newest\n")
    following.wait(lambda: following.texts[-1] == "newest")
    texts = read_back(following)
    assert texts[:5] == ["one", "two", "three", "four", "line 000000"]
    assert (texts + following.texts)[4:-1] == [f"line {n:06}" for n in range(FIRST // 10)]


def test_a_file_that_is_gone_meanwhile_has_nothing_older(
    following: Following, tmp_path: Path
) -> None:
    log = tmp_path / "it's a log"
    log.write_text("".join(f"line {n:06}\n" for n in range(20_000)))
    following.wait(lambda: following.lines)
    log.unlink()
    assert following.tail.older() == [] and not following.tail.source().older


def test_a_refused_login_is_said_in_sshs_own_words(tmp_path: Path) -> None:
    program = tmp_path / "ssh"
    program.write_text("#!/bin/sh\necho 'Permission denied (publickey).' >&2\nexit 255\n")
    program.chmod(0o755)
    following = Following(program, tmp_path / "log")
    following.wait(lambda: following.tail.source().state is LogState.UNREADABLE)
    source = following.tail.source()
    assert source.reason == "ssh: Permission denied (publickey)."
    assert source.advice.startswith("on its host: tail -F")


def test_the_program_ends_with_the_page(following: Following, tmp_path: Path) -> None:
    (tmp_path / "it's a log").write_text("one\n")
    following.wait(lambda: following.lines)
    child = following.tail._child
    assert child is not None
    following.tail.close()
    assert child.returncode is not None


def test_an_ipv6_address_keeps_its_port_apart() -> None:
    arguments = ssh_arguments("qemu+ssh://[fe80::1]:22/system?no_verify=1", "true")
    assert arguments[-3:] == ["--", "fe80::1", "true"]
    assert arguments[arguments.index("-p") + 1] == "22" and "StrictHostKeyChecking=no" in arguments
