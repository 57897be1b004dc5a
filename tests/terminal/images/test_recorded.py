"""Screenshots of guests of the lab, read back: SeaBIOS and a login, GRUB's menu, a framebuffer."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui.terminal.images.reading import read_screen
from virttui.terminal.images.situations import situation_of
from virttui.terminal.images.text_mode import ScreenText

RECORDED = Path(__file__).parent / "recorded"


def text_of(name: str) -> ScreenText:
    found = read_screen((RECORDED / f"{name}.png").read_bytes()).text
    assert found is not None and found.unknown == 0
    return found


@pytest.mark.parametrize(
    ("name", "size", "font", "word"),
    [
        ("seabios-login", (80, 25), "vga", "login"),
        ("grub-menu", (80, 25), "vga", "boot menu"),
        ("framebuffer-login", (160, 50), "linux", "login"),
    ],
)
def test_a_screen_is_read_whole(name: str, size: tuple[int, int], font: str, word: str) -> None:
    text = text_of(name)
    assert ((text.columns, len(text.rows)), text.font) == (size, font)
    found = situation_of(text.lines, text.columns)
    assert found is not None and found.word == word


def test_the_lines_of_seabios_are_exact() -> None:
    lines = text_of("seabios-login").lines
    assert lines[0] == "SeaBIOS (version 1.16.2-debian-1.16.2-1)"
    assert "mail-01 login:" in lines and "Booting from ROM..." in lines
    assert "KASLR disabled: 'nokaslr' on cmdline." in lines


def test_grubs_frame_and_its_inverse_row_are_exact() -> None:
    text = text_of("grub-menu")
    assert f" ┌{'─' * 76}┐" in text.lines and f" └{'─' * 76}┘" in text.lines
    number = next(n for n, line in enumerate(text.lines) if "*GNU/Linux" in line)
    inverse = next(run for run in text.rows[number] if "*GNU/Linux" in run.text)
    assert (inverse.style.foreground, inverse.style.background) == (0, 7)
