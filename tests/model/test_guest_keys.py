"""Names of keys, what some of them lose, and keyboard layouts."""

from __future__ import annotations

import string

import pytest

from virttui.model.domains.guest_keys import chord, loses
from virttui.model.domains.keyboard_layouts import LAYOUTS, layout_of_keymap, typed
from virttui.model.errors import InvalidInput

US, GERMAN = LAYOUTS["us"], LAYOUTS["de"]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("ctrl+alt+del", (29, 56, 111)),
        ("Ctrl+Alt+F2", (29, 56, 60)),
        ("sysrq b", (56, 99, 48)),
        ("sysrq+b", (56, 99, 48)),
        ("enter", (28,)),
        ("ctrl+c", (29, 46)),
        ("A", (42, 30)),
        ("shift+A", (42, 30)),
        ("+", (13,)),
        ("ctrl++", (29, 13)),
        ("win+r", (125, 19)),
        ("f12", (88,)),
    ],
)
def test_keys_are_named_as_people_name_them(name: str, codes: tuple[int, ...]) -> None:
    assert chord(name, US) == codes


@pytest.mark.parametrize("name", ["", "hyper+x", "ctrl+", "f99", "ctrl+alt", "é"])
def test_what_is_no_key_is_said(name: str) -> None:
    with pytest.raises(InvalidInput):
        chord(name, US)


def test_a_letter_is_the_key_that_types_it_in_the_layout() -> None:
    assert chord("ctrl+z", US) == (29, 44) and chord("ctrl+z", GERMAN) == (29, 21)


def test_what_loses_work_is_known() -> None:
    assert "reboots at once" in loses(chord("ctrl+alt+del", US), windows=False)
    assert not loses(chord("ctrl+alt+del", US), windows=True)
    lost = {
        one for one in string.ascii_lowercase if loses(chord(f"sysrq {one}", US), windows=False)
    }
    assert lost == set("cefikoub")
    assert not loses(chord("ctrl+alt+f1", US), windows=False)


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_types_all_of_ascii(name: str) -> None:
    layout = LAYOUTS[name]
    strokes, missing = typed(string.printable[:95], layout)
    assert not missing and len(strokes) >= 95
    codes = {code for stroke in strokes for code in stroke}
    assert max(codes) <= 100
    # No two characters by the same keys.
    alone = [layout.strokes(one)[0] for one in string.printable[:95]]
    assert len(set(alone)) == 95


def test_texts_are_typed_line_by_line_and_dead_keys_get_a_blank() -> None:
    assert typed("a\r\n\tb\x1b", US) == (((30,), (28,), (15,), (48,)), "")
    assert typed("^", GERMAN)[0] == ((41,), (57,))
    assert typed("äß€", US) == ((), "äß€")


def test_the_keymap_of_a_display_names_the_layout() -> None:
    assert layout_of_keymap("de-ch").name == "ch" and layout_of_keymap("en-gb").name == "gb"
    assert layout_of_keymap("").name == layout_of_keymap("ja").name == "us"
