"""Passwords leave the text and come back as they were."""

from __future__ import annotations

from hypothesis import given

from tests.markup.documents import elements
from virttui.markup.masks import hide, reveal, unknown_tokens

VNC = """<graphics type='vnc' passwd='s3cr&apos;et &lt;3' listen="0.0.0.0"/>"""


def test_a_password_is_hidden_and_survives() -> None:
    hidden = hide(f"<domain>{VNC}</domain>")
    assert "s3cr" not in hidden.text and "s3cr" not in repr(hidden)
    assert "passwd='(hidden 1)'" in hidden.text and hidden.count == 1
    assert reveal(hidden.text, hidden.secrets) == f"<domain>{VNC}</domain>"


def test_a_new_password_and_a_moved_one_are_written_as_meant() -> None:
    hidden = hide(f"<domain>{VNC}</domain>")
    moved = hidden.text.replace("type='vnc'", "type='spice'")
    assert reveal(moved, hidden.secrets) == f"<domain>{VNC}</domain>".replace("vnc", "spice")
    new = hidden.text.replace("(hidden 1)", "other")
    assert "passwd='other'" in reveal(new, hidden.secrets)


def test_the_same_password_keeps_its_number_when_it_is_read_again() -> None:
    first = hide(f"<domain>{VNC}</domain>")
    again = hide(f"<domain><graphics passwd='new'/>{VNC}</domain>", first.secrets)
    assert "(hidden 2)'/><graphics type='vnc' passwd='(hidden 1)'" in again.text


def test_in_what_was_typed_stand_ins_stay() -> None:
    text = "<a passwd='(hidden 1)'/><b passwd='(hidden 7)'/><c passwd='new'/>"
    hidden = hide(text, ("one",), typed=True)
    assert hidden.text == text.replace("new", "(hidden 2)")
    assert hidden.secrets == ("one", "new")


def test_a_number_that_stands_for_nothing_is_told() -> None:
    text = "<a passwd='(hidden 7)'/>"
    assert unknown_tokens(text, ("one",)) == ["(hidden 7)"]
    assert reveal(text, ("one",)) == text


@given(elements())
def test_hiding_and_revealing_is_the_same_text(text: str) -> None:
    text = text.replace("dev=", "passwd=")
    hidden = hide(text)
    assert reveal(hidden.text, hidden.secrets) == text


def test_the_cookies_of_a_disk_are_hidden_too() -> None:
    text = "<disk><source><cookies><cookie name='s'>tok&amp;en</cookie></cookies></source></disk>"
    hidden = hide(text)
    assert "tok" not in hidden.text and reveal(hidden.text, hidden.secrets) == text
