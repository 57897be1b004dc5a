"""What the tests of the lab share."""

from __future__ import annotations

import pytest

from virttui.hypervisor import asking


@pytest.fixture
def events_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read again by itself, so that what shows was told by an event."""
    for pause in ("SLOW", "RELIST"):
        monkeypatch.setattr(asking, pause, 3600.0)
