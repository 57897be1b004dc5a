"""What other programs read: JSON, CSV, JSON lines, OpenMetrics."""

from __future__ import annotations

from . import inside
from .promise import hold
from .shapes import families, keys


def test_list_says_the_same_keys() -> None:
    hold("list-json", keys(inside.listed()))


def test_record_writes_the_same_columns() -> None:
    hold("record", keys(inside.recorded()))


def test_rows_are_spelled_as_they_were() -> None:
    rows = [row for row in inside.recorded() if row["name"] in ("gitlab", "old-wiki", "dns-01")]
    assert inside.RECORD_FORMATS == ("csv", "jsonl")
    for format in inside.RECORD_FORMATS:
        text = inside.record_text(rows, format).replace("\r\n", "␍\n")
        hold(f"record-{format}", text.split("\n"))


def test_exports_have_the_same_columns() -> None:
    told: list[str] = []
    for name, rows in inside.exported().items():
        told += [name, *(f"    {line}" for line in keys(rows))]
    hold("export", told)


def test_words_in_records_are_the_same() -> None:
    words = inside.words_of_records()
    hold("records-words", [f"{about}: {one}" for about, all in words.items() for one in all])


def test_metrics_are_the_same() -> None:
    hold("metrics", list(families(inside.exposed()).values()))
