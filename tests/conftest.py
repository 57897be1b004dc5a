"""The lab of the test session, and more of them where a test asks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.lab import guests
from tests.lab.daemon import Lab

BOOTED = ("alpha", "beta", "gamma")
OFF = "delta"


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own config and state."""
    folder = tmp_path_factory.mktemp("xdg")
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
