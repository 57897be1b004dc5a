"""Every command as a script calls it: options, exit statuses, what it prints."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from . import inside
from .calls import CALLS, DEMO, ELSEWHERE, FILES, HELP, STATUSES
from .child import NOWHERE, TEST, Done, run, run_all
from .promise import hold
from .shapes import families


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Done]:
    """What became of each call; of those with a variable by its name."""
    home = tmp_path_factory.mktemp("home")
    for name, text in FILES.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    more = [
        (call.split(), {name: str(home / value) if value == "xdg" else value})
        for name, (call, value) in ELSEWHERE.items()
    ]
    done = run_all([*((call.split(), {}) for call in CALLS), *more], home)
    return dict(zip((*CALLS, *ELSEWHERE), done, strict=True))


def help_of(call: str, text: str) -> list[str]:
    """The help of a command: its usage, and a line for each argument."""
    # Python 3.13 says the value of an option once.
    text = re.sub(r"(-\w) [A-Z]+, (--\w+ )", r"\1, \2", text)
    text = re.sub(r"\n {10,}", "  ", text)
    lines = [re.sub(r"(?<=\S) {2,}", "  ", line) for line in text.splitlines() if line]
    return [f"virttui {call}", *(f"    {line}" for line in lines)]


def test_options_are_the_same(called: dict[str, Done]) -> None:
    hold("command-line", [line for call in HELP for line in help_of(call, called[call].out)])


def outcome_of(call: str, done: Done) -> str:
    """The exit status of a call, and where it said something."""
    where = [name for name, text in (("stdout", done.out), ("stderr", done.err)) if text]
    return f"{done.status} virttui {call}".strip() + f" > {' '.join(where) or 'nothing'}"


def test_calls_end_with_the_same_status(called: dict[str, Done]) -> None:
    hold("statuses", [outcome_of(call, called[call]) for call in STATUSES])


def test_no_call_ends_in_a_traceback(called: dict[str, Done]) -> None:
    assert not [call for call, done in called.items() if "Traceback" in done.err]


def test_the_version_is_one_line(tmp_path: Path) -> None:
    done = run("--version", home=tmp_path)
    assert re.fullmatch(r"virttui \d+\.\d+(\.\d+)?\S*\n", done.out)
    assert (done.status, done.err) == (0, "")


def test_what_is_said_on_stderr_begins_with_the_name(called: dict[str, Done]) -> None:
    done = called[f"list -c {NOWHERE}"]
    assert done.err.startswith(f"virttui: {NOWHERE}: ") and done.err.count("\n") == 1


def test_list_prints_the_same_keys(called: dict[str, Done]) -> None:
    (row,) = json.loads(called[f"-c {TEST} list --json"].out)
    assert list(row) == list(inside.listed()[0])
    assert (row["name"], row["uri"], row["state"]) == ("test", TEST, "running")


def test_a_list_has_the_same_columns(called: dict[str, Done]) -> None:
    hold("list", [" ".join(called[DEMO].out.splitlines()[0].split())])


def test_record_writes_the_same_columns(called: dict[str, Done]) -> None:
    text = called[f"record -c {TEST} --for 0.1 -"].out
    head, row, *_ = csv.reader(io.StringIO(text))
    assert head == list(inside.recorded()[0]) and "test" in row
    assert text.count("\r\n") == text.count("\n") >= 2, "lines of CSV end as RFC 4180 has it"
    text = called[f"record -c {TEST} --for 0.1 --format jsonl -"].out
    assert list(json.loads(text.splitlines()[0])) == head


def test_metrics_are_the_same(called: dict[str, Done]) -> None:
    found = families(called[f"metrics -c {TEST}"].out)
    assert found and found.items() <= families(inside.exposed()).items()


def test_the_fields_of_create_are_listed_as_they_were(called: dict[str, Done]) -> None:
    hold("create-fields", called["create --fields"].out.splitlines())


def test_the_environment_names_hosts_and_folders(called: dict[str, Done]) -> None:
    done = called["LIBVIRT_DEFAULT_URI"]
    assert done.status == 0 and TEST in done.out
    done = called["XDG_CONFIG_HOME"]
    assert done.status == 2 and "no_such_setting" in done.err
