"""``record`` and ``metrics`` on the test driver, in this process as far as that goes."""

from __future__ import annotations

import contextlib
import csv
import fcntl
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.openmetrics import read
from tests.scenes import fleet
from virttui.cli import record
from virttui.cli.metrics import families
from virttui.cli.record import RecordWriter
from virttui.export.fields import TICK, ticks
from virttui.export.openmetrics import exposition
from virttui.model.errors import InvalidInput

ROWS = list(ticks(fleet.inventory("kvm01"), fleet.EPOCH))


def test_rows_are_appended_behind_one_header(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    for _ in range(2):
        RecordWriter(str(path), "").write(ROWS)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * len(ROWS) and set(rows[0]) == set(TICK)


def test_a_file_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InvalidInput, match="holds something else"):
        RecordWriter(str(path), "")
    path = tmp_path / "out.jsonl"
    path.write_text('{"a": ')
    with pytest.raises(InvalidInput, match="in the middle of a line"):
        RecordWriter(str(path), "")
    assert path.read_text() == '{"a": '


@contextlib.contextmanager
def most_bytes(count: int) -> Iterator[None]:
    """No file grows past ``count`` bytes, as on a disk that is full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    sink = RecordWriter(str(path), "")
    sink.write(ROWS[:3])
    before = path.read_text()
    with (
        most_bytes(len(before) + 100),
        pytest.raises(InvalidInput, match="cannot be written: File too large"),
    ):
        sink.write(ROWS)
    assert path.read_text() == before


def test_a_full_disk_leaves_what_another_run_wrote(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    one, other = RecordWriter(str(path), ""), RecordWriter(str(path), "")
    one.write(ROWS[:1])
    other.write(ROWS)
    before = path.read_bytes()
    with most_bytes(len(before) + 100), pytest.raises(InvalidInput, match="cannot be written"):
        one.write(ROWS)
    assert path.read_bytes() == before
    other.write(ROWS[:1])
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(ROWS) + 2 and all(None not in row for row in rows)


def test_a_full_disk_leaves_what_a_program_wrote_in_between(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    sink = RecordWriter(str(path), "")
    with path.open("a") as file:
        file.write("# a line of somebody else's\n")
    before = path.read_bytes()
    with most_bytes(len(before)), pytest.raises(InvalidInput, match="cannot be written"):
        sink.write(ROWS)
    assert path.read_bytes() == before


def test_a_file_that_was_emptied_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    sink = RecordWriter(str(path), "")
    sink.write(ROWS)
    os.truncate(path, 0)
    sink.write(ROWS[:2])
    with path.open(newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == [row["name"] for row in ROWS[:2]]


def test_a_file_that_another_program_holds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_PATIENCE", 0.05)
    path = tmp_path / "out.csv"
    sink = RecordWriter(str(path), "")
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(InvalidInput, match="is locked by another program"):
            sink.write(ROWS)


def test_a_full_device_is_told() -> None:
    with pytest.raises(InvalidInput, match="/dev/full cannot be written: No space left on device"):
        RecordWriter("/dev/full", "csv")


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    RecordWriter(str(path), "jsonl").write(ROWS[:1])
    assert os.read(reader, 1 << 16).startswith(b'{"time": ')
    os.close(reader)


# -- metrics -----------------------------------------------------------------------------------


def test_every_figure_is_a_metric() -> None:
    found = {one.host.id: one for one in fleet.inventories()}
    found["kvm02"] = fleet.silent(found["kvm02"])
    told = read(exposition(families(fleet.SPECS, found)))
    up = {dict(labels)["host"]: value for labels, value in told["virttui_host_up"].samples.items()}
    assert up == {"kvm01": 1, "kvm02": 0, "edge1": 1}
    cpu = {dict(labels)["name"]: value
           for labels, value in told["libvirt_domain_cpu_ratio"].samples.items()}  # fmt: skip
    assert cpu["web-01"] == 0.38
    assert "old-wiki" not in cpu and "web-02" not in cpu
    assert {"libvirt_host_cpu_ratio", "libvirt_pool_available_bytes", "libvirt_network_leases",
            "libvirt_domain_memory_used_bytes", "libvirt_domain_state"} <= set(told)  # fmt: skip


def test_two_hosts_of_one_name_have_different_labels() -> None:
    one = fleet.small("kvm01", ["a"])
    other = fleet.small("kvm02", ["a"])
    other = replace(other, host=replace(other.host, name="kvm01"))
    told = read(exposition(families(fleet.SPECS[:2], {"kvm01": one, "kvm02": other})))
    assert len(told["libvirt_domain_state"].samples) == 2
