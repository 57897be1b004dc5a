"""``record`` and ``metrics`` as processes on the test driver; ``:virsh`` in the app."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from tests.openmetrics import read

from .conftest import Start
from .terminal import environment
from .test_command_line import NOWHERE, run

HOSTILE = "bad \"name\", \\ 'x' [bold]"


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    """The URI of a test driver with a domain of a hostile name."""
    file = tmp_path / "node.xml"
    file.write_text(
        "<node><domain type='test'><name>"
        + escape(HOSTILE)
        + "</name><memory>1048576</memory><os><type>hvm</type></os></domain></node>"
    )
    return f"test://{file}"


@contextmanager
def started(*arguments: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    """The app without a terminal, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "virttui", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        env=environment(home),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_record_writes_a_row_a_tick(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    done = run("record", "-c", "test:///default", "--interval", "0.5", "--for", "1.4", str(path),
               home=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 and {row["name"] for row in rows} == {"test"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["time"]) for row in rows)
    assert float(rows[0]["cpu_share"]) > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_record_ends_with_whole_lines(tmp_path: Path, number: signal.Signals) -> None:
    with started("record", "-c", "test:///default", "--interval", "0.2", "--format", "jsonl", "-",
                 home=tmp_path) as process:  # fmt: skip
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        process.send_signal(number)
        rest, said = process.communicate(timeout=10)
    assert process.returncode == 0 and "Traceback" not in said
    assert all(json.loads(line) for line in rest.splitlines()) and (not rest or rest[-1] == "\n")


def test_record_tells_once_of_a_host_that_is_lost(tmp_path: Path) -> None:
    done = run("record", "-c", "test:///default", "-c", NOWHERE, "--interval", "0.3", "--for",
               "1", "--format", "jsonl", "-", home=tmp_path)  # fmt: skip
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["state"] for row in rows} == {"running", "lost"}
    assert done.stderr.count("/nonexistent/virttui-sock") == 1


def test_record_says_in_one_sentence_what_it_cannot_write(tmp_path: Path) -> None:
    done = run("record", "-c", "test:///default", "--format", "csv", "/dev/full", home=tmp_path)
    assert (done.returncode, done.stderr) == (
        1, "virttui: /dev/full cannot be written: No space left on device\n",
    )  # fmt: skip


def test_hostile_names_in_rows_and_metrics(tmp_path: Path, hostile: str) -> None:
    done = run("record", "-c", hostile, "--interval", "0.3", "--for", "0.2", "-", home=tmp_path)
    assert next(csv.DictReader(io.StringIO(done.stdout)))["name"] == HOSTILE
    told = read(run("metrics", "-c", hostile, home=tmp_path).stdout)
    assert {dict(one)["name"] for one in told["libvirt_domain_state"].samples} == {HOSTILE}


def test_metrics_tell_which_host_is_down(tmp_path: Path) -> None:
    done = run("metrics", "-c", "test:///default", "-c", NOWHERE, home=tmp_path)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert sorted(read(done.stdout)["virttui_host_up"].samples.values()) == [0, 1]


def test_metrics_are_served(tmp_path: Path) -> None:
    with started("metrics", "-c", "test:///default", "--listen", "127.0.0.1:0",
                 home=tmp_path) as process:  # fmt: skip
        assert process.stderr is not None
        url = process.stderr.readline().split()[-1]
        until = time.monotonic() + 10
        while "libvirt_domain_cpu_ratio" not in (text := fetched(url)):
            assert time.monotonic() < until, text
        read(text)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetched(url.replace("/metrics", "/other"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.headers["Content-Type"].startswith(
            "application/openmetrics-text; version=1.0.0"
        )
        told: bytes = answer.read()
    return told.decode()


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with started("metrics", "-c", "test:///default", "--listen", "0", home=tmp_path) as process:
        assert process.stderr is not None
        port = process.stderr.readline().split(":")[-1].split("/")[0]
        done = run("metrics", "-c", "test:///default", "--listen", port, home=tmp_path)
    assert done.returncode == 1 and "cannot be listened on: Address already in use" in done.stderr


def test_virsh_runs_on_the_selected_host(start: Start) -> None:
    it = start("-c", "test:///default", size=(100, 30))
    it.wait_for("test +● running")
    it.press(":")
    it.wait_for("esc leave")
    it.press("virsh dumpxml test", "enter")
    it.wait_for(r"virsh dumpxml test on .* exit 0 after")
    it.wait_for("<name>test</name>")
    it.press("/", "emory unit", "enter")
    it.wait_for("/emory unit  1 of 2")
    it.press("escape", "escape")
    it.wait_for("test +● running")


def test_a_machine_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "machines.toml"
    file.write_text('[[machine]]\nname = "web"\nmethod = "network boot"\nmemory = "lots"\n')
    done = run("create", str(file), "-c", "test:///default", "--dry-run", home=tmp_path)
    assert (
        done.returncode == 1
        and done.stderr == "virttui: web: lots is not a size: write 2G or 512M\n"
    )
