"""Output of a guest for several tests, and what is read of it."""

from __future__ import annotations

from virttui.terminal.row import Row, row_text


def numbered(count: int, first: int = 0) -> bytes:
    return b"".join(b"line %06d of a log\r\n" % n for n in range(first, first + count))


def texts(rows: list[Row]) -> list[str]:
    return [row_text(row) for row in rows]
