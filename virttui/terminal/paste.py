"""Text typed into a guest: pastes in pieces, and the command that tells it its size."""

from __future__ import annotations

PIECE = 256
"""Bytes handed over at a time: libvirt takes any number at once, so that "sent" would say nothing
about progress and nothing could be called back."""

LONGEST_LINE = 4095
"""Bytes that a line may have: the rest of a longer one is dropped by the guest's terminal."""

_BEGIN, _END = b"\x1b[200~", b"\x1b[201~"


class Paste:
    """A text on its way: ``next_piece`` until ``is_done``; sizes are bytes.

    Lines end with the byte that the enter key sends. Control characters other than tabs are left
    out: they would act on the guest, and one could end the brackets. ``bracketed`` is the mode that
    the guest asked for: it then knows that the text is pasted.
    """

    def __init__(self, text: str, *, bracketed: bool = False) -> None:
        self._data = _typed(text)
        if bracketed and self._data:
            self._data = _BEGIN + self._data + _END
        self._bracketed = bracketed
        self.total = len(self._data)
        self.sent = 0

    @property
    def is_done(self) -> bool:
        """Whether everything was handed over."""
        return self.sent >= self.total

    def next_piece(self) -> bytes:
        """The next bytes; b"" at the end."""
        piece = self._data[self.sent : self.sent + PIECE]
        self.sent += len(piece)
        return piece

    def stop(self) -> bytes:
        """Give up the rest; returns what still has to be sent so that the brackets end."""
        is_open = self._bracketed and 0 < self.sent < self.total
        whole = is_open and self.sent > self.total - len(_END)  # a part of the end went already
        rest = self._data[self.sent :] if whole else _END if is_open else b""
        self._data = self._data[: self.sent]
        self.total = self.sent
        return rest


def long_lines(text: str) -> dict[int, int]:
    """Lines that the guest would cut, from 1, with their bytes."""
    lines = _typed(text).split(b"\r")
    return {n: len(line) for n, line in enumerate(lines, 1) if len(line) > LONGEST_LINE}


def size_command(columns: int, rows: int) -> str:
    """What is typed at a shell prompt to tell the guest the size of its terminal."""
    return f"stty rows {rows} cols {columns}"


def _typed(text: str) -> bytes:
    text = text.replace("\r\n", "\r").replace("\n", "\r")
    is_sent = {"\r", "\t"}
    return "".join(char for char in text if char in is_sent or not _is_control(char)).encode(
        "utf-8", "replace"
    )


def _is_control(char: str) -> bool:
    code = ord(char)
    return code < 0x20 or 0x7F <= code < 0xA0
