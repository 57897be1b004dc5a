"""What the end-to-end tests share: terminals that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from .terminal import Terminal

Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the app with arguments, as a user without settings of any kind."""
    home = tmp_path / "home"
    home.mkdir()
    with ExitStack() as stack:
        yield lambda *arguments, **how: stack.enter_context(Terminal(*arguments, home=home, **how))
