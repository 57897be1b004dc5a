"""Passwords leave the text and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given

from tests.libvirtxml.text.documents import elements
from virttui.libvirtxml.text.redaction import (
    LOST_SECRET,
    redact,
    redact_for_draft,
    restore_secrets,
    unknown_placeholders,
)

VNC = """<graphics type='vnc' passwd='s3cr&apos;et &lt;3' listen="0.0.0.0"/>"""


def test_a_password_is_hidden_and_survives() -> None:
    hidden = redact(f"<domain>{VNC}</domain>")
    assert "s3cr" not in hidden.text and "s3cr" not in repr(hidden)
    assert "passwd='(hidden 1)'" in hidden.text and hidden.count == 1
    assert restore_secrets(hidden.text, hidden.secrets) == f"<domain>{VNC}</domain>"


def test_a_new_password_and_a_moved_one_are_written_as_meant() -> None:
    hidden = redact(f"<domain>{VNC}</domain>")
    moved = hidden.text.replace("type='vnc'", "type='spice'")
    assert restore_secrets(moved, hidden.secrets) == f"<domain>{VNC}</domain>".replace(
        "vnc", "spice"
    )
    new = hidden.text.replace("(hidden 1)", "other")
    assert "passwd='other'" in restore_secrets(new, hidden.secrets)


def test_the_same_password_keeps_its_number_when_it_is_read_again() -> None:
    first = redact(f"<domain>{VNC}</domain>")
    again = redact(f"<domain><graphics passwd='new'/>{VNC}</domain>", first.secrets)
    assert "(hidden 2)'/><graphics type='vnc' passwd='(hidden 1)'" in again.text


def test_in_what_was_typed_stand_ins_stay() -> None:
    text = "<a passwd='(hidden 1)'/><b passwd='(hidden 7)'/><c passwd='new'/>"
    hidden = redact(text, ("one",), typed=True)
    assert hidden.text == text.replace("new", "(hidden 2)")
    assert hidden.secrets == ("one", "new")


def test_a_number_that_stands_for_nothing_is_told() -> None:
    text = "<a passwd='(hidden 7)'/>"
    assert unknown_placeholders(text, ("one",)) == ["(hidden 7)"]
    assert restore_secrets(text, ("one",)) == text


@given(elements())
def test_hiding_and_revealing_is_the_same_text(text: str) -> None:
    text = text.replace("dev=", "passwd=")
    hidden = redact(text)
    assert restore_secrets(hidden.text, hidden.secrets) == text


def test_the_cookies_of_a_disk_are_hidden_too() -> None:
    text = "<disk><source><cookies><cookie name='s'>tok&amp;en</cookie></cookies></source></disk>"
    hidden = redact(text)
    assert "tok" not in hidden.text and restore_secrets(hidden.text, hidden.secrets) == text


@pytest.mark.parametrize(
    "typed",
    [
        "<graphics type='vnc' passwd='HUNTER22'/>",
        "<graphics type='vnc' passwd = \"HUNTER22\" port='1'/>",
        "<graphics passwd='HUNTER22",
        "<graphics passwd='HUNTER22/>",
        "<graphics passwd='HUNTER 22HUNTER22/>\n<listen type='address'/>",
        "<graphics passwd=HUNTER22/>",
        "<graphics passwd=HUNTER22/HUNTER22 port='1'/>",
        "<graphics PASSWD='HUNTER22'/>",
        "<graphics type='vnc'> passwd='HUNTER22'/>",
        "<!-- <graphics passwd='HUNTER22'/> -->",
        '<!-- password="HUNTER22',
        "<cookie name='a'>HUNTER22</cookie>",
        "<cookie name='a'>password='HUNTER22'</cookie>",
        "<cookie name='a'>HUNTER22",
        "<!-- <cookie name='a'>HUNTER22</cookie> -->",
        "< passwd='HUNTER22'",
    ],
)
def test_no_half_of_a_definition_keeps_a_password(typed: str) -> None:
    text = f"<domain>\n  <title>mine</title>\n  {typed}\n  <vcpu>2</vcpu>\n</domain>"
    kept = redact_for_draft(text, (), ())
    assert "HUNTER22" not in kept
    assert kept.startswith("<domain>\n  <title>mine</title>\n  <")
    assert kept.endswith("<vcpu>2</vcpu>\n</domain>")


@pytest.mark.parametrize(
    "typed",
    [
        "<graphics passwd= port='1'/>",
        "<graphics passwd port='1'/>",
        "<graphics passwd='' password=\"\" passwdValidTo='2026-01-01T00:00:00'/>",
        "<graphics passwd='(hidden 9)'/>",
        "<description>the password=abc is not here</description>",
        "<qemu:arg value='id=a,password-secret=b,password=abc'/>",
    ],
)
def test_what_is_no_password_is_kept_as_it_is(typed: str) -> None:
    assert redact_for_draft(f"<a>{typed}</a>", (), ()) == f"<a>{typed}</a>"


def test_what_is_held_elsewhere_is_numbered_as_there() -> None:
    text = "<a><b passwd='(hidden 2)'/><c passwd='one'/><d passwd='(hidden 1)'/></a>"
    kept = redact_for_draft(text, ("new", "two"), ("one", "two"))
    assert kept == (
        f"<a><b passwd='(hidden 2)'/><c passwd='(hidden 1)'/><d passwd='{LOST_SECRET}'/></a>"
    )
    assert unknown_placeholders(kept, ("one", "two")) == [LOST_SECRET]
    assert restore_secrets(kept, ("one", "two")) == (
        f"<a><b passwd='two'/><c passwd='one'/><d passwd='{LOST_SECRET}'/></a>"
    )


@given(elements())
def test_any_text_keeps_all_but_its_passwords(text: str) -> None:
    text = text.replace("dev=", "passwd=")
    assert redact_for_draft(text, (), redact(text).secrets) == redact(text).text
