"""What the tests of the lab share."""

from __future__ import annotations

import pytest

from virttui.hypervisor.polling import scheduler


@pytest.fixture
def events_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read again by itself, so that what shows was told by an event."""
    for pause in ("SLOW_INTERVAL", "RELIST_INTERVAL"):
        monkeypatch.setattr(scheduler, pause, 3600.0)
