"""The schemas of the libvirt that is installed: these tests are about them."""

from __future__ import annotations

import pytest

from virttui.definitions.schema import library


@pytest.fixture
def no_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which libvirt's schemas are nowhere."""
    monkeypatch.setattr(library, "folder", lambda: None)
