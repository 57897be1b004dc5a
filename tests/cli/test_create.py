"""What a file of machines may hold, told in words where it cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui.cli.create import read_machines
from virttui.model.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("machine = [1]", "each machine is a"),
        ("machine = [[1]]", "each machine is a"),
        ("machine = ['web']", "each machine is a"),
        ("machine = 3", "it has no"),
        ("machine = []", "it has no"),
        ("defaults = [1]\n[[machine]]\nname = 'a'", "it has no"),
        ("[[machine]]\nname = [1]", "neither a text nor a number"),
        ("[[machine]]\nname = 1979-05-27", "neither a text nor a number"),
        ("machine = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("\x00", "a.toml: "),
    ],
)
def test_a_file_that_makes_no_sense_is_told(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=words):
        read_machines(path)


def test_what_is_no_utf_8_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(b"[[machine]]\nname = 'M\xfcller'\n")
    with pytest.raises(InvalidInput, match="utf-8"):
        read_machines(path)
