"""Arguments, exit statuses, and what is imported for them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from virttui import __version__

from .conftest import Start
from .terminal import environment

NOWHERE = "qemu+unix:///system?socket=/nonexistent/virttui-sock"


def run(
    *arguments: str, home: Path, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """The app without a terminal."""
    return subprocess.run(
        [sys.executable, *options, "-m", "virttui", *arguments],
        capture_output=True,
        text=True,
        timeout=20,
        stdin=subprocess.DEVNULL,
        env=environment(home),
    )


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_import_next_to_nothing(argument: str, tmp_path: Path) -> None:
    done = run(argument, home=tmp_path, options=("-X", "importtime"))
    assert done.returncode == 0
    assert __version__ in done.stdout if argument == "--version" else "-c" in done.stdout
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()
    }
    assert "argparse" in imported, "the record of imports is not what it was"
    assert not imported & {"textual", "rich", "libvirt", "lxml", "psutil", "asyncio", "logging"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option",),
        ("no-such-command",),
        ("--interval", "soon"),
        ("--interval", "0"),
        ("--config", "/nonexistent/config.toml"),
        ("-c",),
    ],
)
def test_bad_arguments_end_with_two(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments, home=tmp_path)
    assert done.returncode == 2
    assert done.stderr and not done.stdout
    assert "Traceback" not in done.stderr


def test_without_a_terminal_it_says_so_in_one_line(tmp_path: Path) -> None:
    done = run("--demo", home=tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "terminal" in done.stderr


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ("list", ">&-"),
        ("list --json", ">/dev/full"),
        ("metrics", ">/dev/full"),
        ("doctor", ">&- 2>&- <&-"),
        ("record --for 1 -", ">&-"),
        ("list", ">/dev/full 2>/dev/full"),
    ],
)
def test_an_output_that_takes_nothing_is_told(command: str, where: str, tmp_path: Path) -> None:
    line = f"{sys.executable} -m virttui {command} -c test:///default {where}"
    done = subprocess.run(
        ["sh", "-c", line], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        timeout=20, env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 1
    said = "virttui: standard output cannot be written: "
    assert done.stderr.startswith(said) or "2>" in where
    assert len(done.stderr.splitlines()) == (0 if "2>" in where else 1)


def test_what_needs_no_output_goes_on_without_one(tmp_path: Path) -> None:
    line = f"{sys.executable} -m virttui record --for 1 {tmp_path}/a.csv -c test:///default >&- <&-"
    done = subprocess.run(
        ["sh", "-c", line], stderr=subprocess.PIPE, text=True, timeout=20,
        env=environment(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0 and "rows in" in done.stderr.replace("1 row in", "1 rows in")
    assert (tmp_path / "a.csv").read_text().count("\n") >= 2


@pytest.mark.parametrize("command", ["list", "doctor"])
def test_ctrl_c_ends_it_without_a_traceback(command: str, tmp_path: Path) -> None:
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(str(tmp_path / "silent"))
    silent.listen()
    line = [sys.executable, "-m", "virttui", command]
    line += ["-c", f"qemu+unix:///system?socket={tmp_path}/silent"]
    with (
        silent,
        subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(tmp_path),
            # Where the tests run in the background, children are born deaf to ctrl+c.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        ) as child,
        silent.accept()[0],
    ):  # fmt: skip
        child.send_signal(signal.SIGINT)
        told, complained = child.communicate(timeout=20)
    assert child.returncode == -signal.SIGINT and "Traceback" not in complained, (told, complained)


def test_list_prints_what_answers_and_tells_of_what_does_not(tmp_path: Path) -> None:
    done = run("list", "-c", "test:///default", "-c", NOWHERE, home=tmp_path)
    assert done.returncode == 1
    assert "test" in done.stdout.splitlines()[1] and "running" in done.stdout
    assert len(done.stderr.splitlines()) == 1 and "/nonexistent/virttui-sock" in done.stderr


def test_a_faulty_config_is_told_before_the_screen_is_touched(start: Start, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("intervall = 2\n")
    it = start("--config", str(config))
    assert it.exit_status() == 2
    it.wait_for(lambda: b"intervall" in it.raw, why="the name of what is wrong")
    assert b"\x1b[?1049h" not in it.raw


def test_quitting_ends_with_zero_and_gives_the_screen_back(start: Start) -> None:
    it = start("--demo")
    it.wait_for("db-primary-01")
    it.press("q")
    assert it.exit_status() == 0
    it.wait_for(lambda: it.child.closed)
    entered, left = it.raw.rfind(b"\x1b[?1049h"), it.raw.rfind(b"\x1b[?1049l")
    assert 0 <= entered < left and b"\x1b[?25h" in it.raw[left - 200 :]
    assert not it.raw[left:].rpartition(b"l")[2].strip(), "nothing is printed after the screen"
