"""What a QEMU log tells, where it is read, and what is said where it cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from virttui.hypervisor.queries.diagnosis import TAIL_BYTES, TAIL_LINES, meaning, read_log

AT = "2026-03-01 03:14:15.926+0000"
BEGIN = f"{AT}: starting up libvirt version: 9.0.0, package: 9.0.0-4, qemu version: 7.2.0"


def end(reason: str) -> str:
    return f"{AT}: shutting down, reason={reason}"


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("qemu: -blockdev {…}: Could not open '/a b.raw': No such file or directory",
         "its file /a b.raw is not there"),
        ("qemu: -blockdev {…}: Could not open '/a.raw': Permission denied",
         "QEMU may not open /a.raw"),
        ("qemu: -device vhost: Permission denied", "QEMU may not open one of its files"),
        ('qemu: -blockdev {…}: Failed to get "write" lock',
         "one of its disks is in use by another process"),
        ("qemu: write failed: No space left on device", "the file system is full"),
        ("qemu: cannot set up guest memory 'pc.ram': Cannot allocate memory",
         "the host has not enough free memory"),
        ("Could not access KVM kernel module: No such file or directory",
         "this host has no KVM for it"),
        ("qemu: -vnc: Failed to bind: Address already in use", "a port it needs is in use"),
        ("qemu: unsupported machine type 'pc-99'", "this QEMU does not know its machine type"),
        ("qemu: unable to find CPU model 'Future'", "its CPU model needs what this host lacks"),
        ("qemu: -bogus: invalid option", "QEMU does not know the option -bogus"),
    ],
)  # fmt: skip
def test_a_line_has_a_meaning(line: str, cause: str) -> None:
    found = meaning((BEGIN, line, end("failed")))
    assert found[0] == cause and found[1], "with advice"


def test_of_two_lines_the_newer_counts() -> None:
    log = (BEGIN, "No space left on device", "-x: invalid option", end("failed"))
    assert meaning(log)[0] == "QEMU does not know the option -x"


def test_a_crash_is_told_where_no_line_says_more() -> None:
    assert meaning((BEGIN, "char device redirected", end("crashed")))[0] == "its QEMU crashed"
    assert (
        meaning((BEGIN, "No space left on device", end("crashed")))[0] == "the file system is full"
    )
    killed = "qemu: terminating on signal 9 from pid 1 (x)"
    assert meaning((BEGIN, killed, end("crashed")))[0] == "somebody ended its QEMU with signal 9"


@pytest.mark.parametrize("reason", ["shutdown", "destroyed", "saved", "migrated"])
def test_a_life_that_ended_as_somebody_wished_has_no_cause(reason: str) -> None:
    assert meaning((BEGIN, "terminating on signal 15 from pid 7", end(reason))) == ("", "")


def test_an_earlier_life_does_not_count() -> None:
    before = (BEGIN, "No space left on device", end("crashed"))
    assert meaning((*before, BEGIN, "all is well")) == ("", "")
    # A start that failed before there was a QEMU leaves only its end.
    assert meaning((*before, end("failed"))) == ("", "")


def test_a_life_that_goes_on_may_tell_of_trouble() -> None:
    assert meaning((BEGIN, "No space left on device"))[0] == "the file system is full"


@pytest.mark.parametrize(
    "log", [(), ("",), ("{}{0}%s",), ("\x1b[2J" * 100,), (end("crashed"),) * 9]
)
def test_nonsense_is_survived(log: tuple[str, ...]) -> None:
    meaning(log)


def test_braces_in_a_file_name_are_letters() -> None:
    line = "Could not open '/{what}{0}': No such file or directory"
    assert meaning((BEGIN, line))[0] == "its file /{what}{0} is not there"


# -- where it is read ------------------------------------------------------------------------------

SESSION = "qemu:///session"


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a session daemon's logs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "libvirt" / "qemu" / "log"
    folder.mkdir(parents=True)
    return folder


def test_a_session_has_its_own_folder(logs: Path) -> None:
    (logs / "one.log").write_text("first\nlast\n")
    lines, note = read_log(SESSION, "QEMU", "one")
    assert lines == ("first", "last") and note == str(logs / "one.log")


def test_only_the_end_is_read_and_in_whole_lines(logs: Path) -> None:
    (logs / "long.log").write_text("".join(f"{n:09}\n" for n in range(TAIL_BYTES)))
    lines, _ = read_log(SESSION, "QEMU", "long")
    assert len(lines) == TAIL_LINES and lines[-1] == f"{TAIL_BYTES - 1:09}"
    (logs / "wide.log").write_text("x" * (TAIL_BYTES + 10) + "\nend\n")
    assert read_log(SESSION, "QEMU", "wide")[0] == ("end",)


def test_bytes_that_are_no_text_are_shown_as_such(logs: Path) -> None:
    (logs / "raw.log").write_bytes(b"\xff\xfe bad\n\x1b[31mred\n")
    lines, _ = read_log(SESSION, "QEMU", "raw")
    assert lines == ("\ufffd\ufffd bad", "\x1b[31mred"), "the screen makes it visible"


@pytest.mark.parametrize("name", ["", "../../../etc/passwd", "a/b", "..", "no\nsuch"])
def test_a_hostile_name_leads_nowhere(logs: Path, name: str) -> None:
    (logs.parent / "b.log").write_text("secret")
    assert read_log(SESSION, "QEMU", name) == ((), "there is none")


@pytest.mark.parametrize("name", ["[bold]x", "two words", "漢字", "--help", "%s{0}"])
def test_an_odd_name_is_a_name(logs: Path, name: str) -> None:
    (logs / f"{name}.log").write_text("yes\n")
    assert read_log(SESSION, "QEMU", name)[0] == ("yes",)


def test_a_name_too_long_for_a_file_is_told(logs: Path) -> None:
    assert read_log(SESSION, "QEMU", "x" * 300) == ((), "cannot be read: File name too long")


def test_what_cannot_be_read_is_told(logs: Path) -> None:
    (logs / "folder.log").mkdir()
    assert read_log(SESSION, "QEMU", "folder") == ((), "cannot be read: Is a directory")
    if os.geteuid() != 0:
        (logs / "closed.log").touch(mode=0)
        assert read_log(SESSION, "QEMU", "closed") == ((), "cannot be read: Permission denied")


@pytest.mark.parametrize(
    "uri", ["qemu+ssh://root@far/system", "qemu://far/system", "qemu+tcp://localhost/system",
            "qemu+ssh:///system", "xen+tls://far/"],
)  # fmt: skip
def test_another_machine_keeps_its_own(uri: str) -> None:
    assert read_log(uri, "QEMU", "one") == ((), "kept on its own host, out of reach from here")


def test_without_a_daemon_this_machines_folder_is_looked_into(tmp_path: Path) -> None:
    uri = f"qemu+unix:///system?socket={tmp_path}/nobody"
    assert read_log(uri, "QEMU", "surely there is no such domain") == ((), "there is none")
