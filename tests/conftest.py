"""The lab of the test session, and more of them where a test asks."""

from __future__ import annotations

import gc
import itertools
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import schedule
from tests.lab import evidence, guests
from tests.lab.daemon import Lab

BOOTED = ("alpha", "beta", "gamma")
OFF = "delta"

_numbers = itertools.count(1)

# How long one example takes says more about the machine than about what is tested.
settings.register_profile("virttui", deadline=None)
settings.load_profile("virttui")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-durations", action="store_true", help="keep how long groups and slow tests took"
    )
    parser.addoption(
        "--fast", action="store_true", help="leave out what is slow: see tests/schedule.py"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(schedule.Record(), "record")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if config.getoption("fast") and schedule.is_slow(collection_path) else None


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # A slow test that somebody names is run.
    if config.getoption("fast") and config.args == config.getini("testpaths"):
        config.hook.pytest_deselected(items=schedule.without_slow(items))
    if hasattr(config, "workerinput"):
        schedule.arrange(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the collector from walking what lives as long as the process: a fifth of the time."""
    if session.config.getoption("loadgroup", False):
        schedule.check(session.items)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that fails says what the daemons of its labs wrote, which is gone afterwards."""
    report = yield
    if report.failed:
        report.sections.extend(evidence.sections())
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    record = session.config.pluginmanager.get_plugin("record")
    if record is not None and session.config.getoption("--record-durations") and exitstatus < 2:
        record.save()


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own config and state."""
    # Not made, since few tests write there; and mktemp looks at all folders made so far.
    folder = tmp_path_factory.getbasetemp() / f"xdg-{next(_numbers)}"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    monkeypatch.delenv("LIBVIRT_DEFAULT_URI", raising=False)


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """A lab with three booted guests, alpha, beta and gamma, and one that is off, delta.

    It is shared: a test that changes a guest for good makes one of its own.
    """
    skip_without_root()
    with Lab(_name("shared")) as shared:
        guests.furnish_lab(shared)
        for name in BOOTED:
            guests.define_guest(shared, name)
        guests.define_guest(shared, OFF, start=False)
        for name in BOOTED:
            guests.wait_booted(shared, name)
        yield shared


@pytest.fixture
def new_lab() -> Iterator[Callable[[str], Lab]]:
    """Start a further lab, without guests, that ends with the test."""
    skip_without_root()
    labs: list[Lab] = []

    def start(name: str) -> Lab:
        labs.append(Lab(_name(name)).up())
        guests.furnish_lab(labs[-1])
        return labs[-1]

    yield start
    for made in labs:
        made.down()


def skip_without_root() -> None:
    """Skip where a lab cannot be; with root, whatever is missing is a failure."""
    if os.geteuid() != 0:
        pytest.skip("the lab needs root, for namespaces and libvirtd")


def _name(purpose: str) -> str:
    """A name no other test run has at the same time."""
    return f"{purpose}-{os.getpid()}"
