"""Templates: kept as a file that ``virttui create`` reads, whatever was typed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from virttui.model.errors import InvalidInput
from virttui.persistence import templates

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{1,5})?", fullmatch=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_was_typed_comes_back(value: str) -> None:
    chosen = {"method": "cloud image", "disk2.size": "20G", "title": value}
    path = templates.save("web", chosen)
    assert templates.load_all() == {"web": chosen}
    assert tomllib.loads(path.read_text(encoding="utf-8"))["defaults"]["disk2"]["size"] == "20G"
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", " web", "x" * 80, "a\nb"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        templates.save(name, {"method": "kernel"})
    assert not templates.load_all()


def test_a_file_that_makes_no_sense_is_left_out() -> None:
    templates.save("good", {"method": "kernel"})
    (templates.folder() / "bad.toml").write_text("= nonsense")
    (templates.folder() / "other.toml").write_text("[machine]\nname = 'x'\n")
    assert list(templates.load_all()) == ["good"]
