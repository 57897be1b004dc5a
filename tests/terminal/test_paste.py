"""Pastes go in pieces, and harm neither the guest's terminal nor the brackets around them."""

from __future__ import annotations

import pytest

from virttui.terminal.paste import LONGEST_LINE, PIECE, Paste, long_lines, size_command


def pieces(paste: Paste) -> list[bytes]:
    found = []
    while not paste.is_done:
        found.append(paste.next_piece())
    return found


def test_pieces_make_the_whole() -> None:
    text = "zwölf Boxkämpfer\n" * 100
    paste = Paste(text)
    found = pieces(paste)
    assert b"".join(found).decode() == text.replace("\n", "\r")
    assert [len(piece) for piece in found[:-1]] == [PIECE] * (len(found) - 1)
    assert paste.sent == paste.total == len(text.encode())
    assert paste.next_piece() == b""


def test_progress_is_told() -> None:
    paste = Paste("x" * 1000)
    assert (paste.sent, paste.total, paste.is_done) == (0, 1000, False)
    paste.next_piece()
    assert (paste.sent, paste.total) == (256, 1000)


def test_nothing_is_done_at_once() -> None:
    assert Paste("").is_done and Paste("", bracketed=True).is_done


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\rb"])
def test_lines_end_as_by_the_enter_key(text: str) -> None:
    assert b"".join(pieces(Paste(text))) == b"a\rb"


def test_brackets_are_around_it_and_cannot_be_ended_within() -> None:
    sent = b"".join(pieces(Paste("a\x1b[201~\x03\tb\x9b", bracketed=True)))
    assert sent == b"\x1b[200~a[201~\tb\x1b[201~"


def test_a_paste_that_is_stopped_ends_its_brackets() -> None:
    paste = Paste("x" * 1000, bracketed=True)
    paste.next_piece()
    assert paste.stop() == b"\x1b[201~"
    assert paste.is_done and paste.next_piece() == b""


@pytest.mark.parametrize("length", range(PIECE - 12, PIECE + 1))
def test_however_long_it_is_brackets_end_once(length: int) -> None:
    paste = Paste("x" * length, bracketed=True)
    sent = paste.next_piece() + paste.stop()
    assert sent.count(b"\x1b[201~") == 1 and sent.endswith(b"\x1b[201~")


def test_a_stopped_paste_without_brackets_leaves_nothing_to_send() -> None:
    paste = Paste("x" * 1000)
    paste.next_piece()
    assert paste.stop() == b""
    unsent = Paste("x" * 1000, bracketed=True)
    assert unsent.stop() == b""


def test_lines_that_the_guest_would_cut_are_found() -> None:
    text = "\n".join(["a" * LONGEST_LINE, "b" * (LONGEST_LINE + 1), "short", "ä" * 2048])
    assert long_lines(text) == {2: 4096, 4: 4096}
    assert long_lines("") == {}


def test_the_command_that_tells_the_size() -> None:
    assert size_command(columns=80, rows=22) == "stty rows 22 cols 80"
