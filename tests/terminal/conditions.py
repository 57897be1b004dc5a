"""Waiting for what another thread brings about."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.patience import PATIENCE


def wait_until(holds: Callable[[], bool]) -> None:
    """Ask again and again; a condition that never holds fails."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.001)
