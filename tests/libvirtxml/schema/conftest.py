"""The schemas of the libvirt that is installed: these tests are about them."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.schema import schema_files


@pytest.fixture
def no_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which libvirt's schemas are nowhere."""
    monkeypatch.setattr(schema_files, "schema_folder", lambda: None)
