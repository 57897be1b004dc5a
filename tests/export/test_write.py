from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openmetrics import read
from tests.screens.main.test_hostile_names import HOSTILE
from virttui.export.openmetrics import Family, exposition
from virttui.export.write import encoded, format_of, header, lines, write_file
from virttui.model.errors import InvalidInput

FORMULAS = ("=", "+", "-", "@", "\t", "\r")
texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(texts.filter(lambda text: "\x00" not in text), min_size=1))
def test_whatever_is_in_a_name_comes_back(names: list[str]) -> None:
    records = [{"name": name, "cpu": None, "on": True} for name in names]
    text = header(["name", "cpu", "on"], "csv") + lines(records, ["name", "cpu", "on"], "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    shown = [f"'{name}" if name.startswith(FORMULAS) else name for name in names]
    assert rows == [{"name": name, "cpu": "", "on": "true"} for name in shown]
    told = lines(records, ["name", "cpu", "on"], "jsonl").split("\n")
    assert [json.loads(line) for line in told[:-1]] == records


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula_for_a_spreadsheet(name: str) -> None:
    for cell in (name, [name, "b"]):
        (row,) = csv.reader(io.StringIO(lines([{"a": cell}], ["a"], "csv"), newline=""))
        assert row[0].startswith("'")
    assert lines([{"a": -2.5}], ["a"], "csv") == "-2.5\r\n", "a figure stays one"


def test_lists_in_a_cell() -> None:
    record = {"addresses": ["10.0.0.1", "fe80::1"], "disks": [{"target": "vda"}], "nics": []}
    text = lines([record], list(record), "csv")
    assert next(csv.reader([text])) == ["10.0.0.1 fe80::1", '[{"target": "vda"}]', ""]


@pytest.mark.parametrize(
    ("path", "named", "format"),
    [("a.csv", "", "csv"), ("a.JSONL", "", "jsonl"), ("a.txt", "csv", "csv")],
)
def test_the_format_follows_the_name(path: str, named: str, format: str) -> None:
    assert format_of(path, named) == format


def test_a_name_without_a_format_is_told() -> None:
    with pytest.raises(InvalidInput, match="name the format"):
        format_of("a.txt")


def test_files_are_whole_and_never_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert write_file(path, [{"a": 1}, {"a": 2, "b": 3}], "csv", replace=False) == 2
    assert path.read_text() == "a,b\n1,\n2,3\n"
    with pytest.raises(InvalidInput, match="exists already"):
        write_file(path, [{"a": 9}], "csv", replace=False)
    write_file(path, [{"a": 9}], "csv", replace=True)
    assert path.read_text() == "a\n9\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not a file"):
        write_file(tmp_path, [{"a": 9}], "csv", replace=True)


def test_what_is_no_text_is_replaced() -> None:
    assert encoded("a\udcffb") == b"a?b"


# -- openmetrics -------------------------------------------------------------------------------


@given(st.lists(texts, unique=True, min_size=1))
def test_labels_come_back(names: list[str]) -> None:
    family = Family("virttui_x_bytes", 'a "word" \\ and\na line', "bytes")
    for place, name in enumerate(names):
        family.add({"name": name, "other": "x"}, place + 0.5)
    found = read(exposition([family]))["virttui_x_bytes"]
    assert [dict(labels)["name"] for labels in found.samples] == names
    assert list(found.samples.values()) == [place + 0.5 for place in range(len(names))]


def test_unknown_figures_are_left_out() -> None:
    family = Family("virttui_x", "help")
    family.add({"name": "a"}, None)
    assert exposition([family]) == "# EOF\n"
    for name in HOSTILE:
        family.add({"name": name}, 1e300)
    assert len(read(exposition([family]))["virttui_x"].samples) == len(HOSTILE)


def test_the_reader_of_the_tests_is_strict() -> None:
    good = '# TYPE a gauge\n# HELP a h\na{b="c"} 1\n# EOF\n'
    read(good)
    for old, new in (
        ("# EOF\n", ""), ('"c"', '"c'), ('"c"', '"\\x"'), ("a{", "b{"), ("# HELP a h\n", ""),
        ("1\n", "1\na{b=\"c\"} 2\n"), ("1\n", "one\n"),
    ):  # fmt: skip
        with pytest.raises(AssertionError):
            read(good.replace(old, new, 1))
