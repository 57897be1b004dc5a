"""A list of promises, compared whole; what differs is told line by line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

FROZEN = Path(__file__).parent / "frozen"


def hold(name: str, lines: Sequence[str]) -> None:
    """Compare lines with the list of that name. Raises AssertionError with what differs."""
    assert all("\n" not in line for line in lines), "a line of a list is one line"
    path = FROZEN / f"{name}.txt"
    if os.environ.get("FROZEN") == "write":
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    told = list(differences(path.read_text(encoding="utf-8").splitlines(), lines))
    assert not told, "\n".join(
        [
            f"tests/contract/frozen/{name}.txt is a promise to users, and VirtTUI breaks it:",
            *told,
            "Names in the code may change; what users see, type and keep in files may not. Where",
            "it is meant to change: FROZEN=write pytest tests/contract, and a word in CHANGELOG.",
        ]
    )


def differences(before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    """Each line that is gone, new or changed."""
    for what, a, b, c, d in SequenceMatcher(None, before, now, autojunk=False).get_opcodes():
        if what == "replace" and b - a == d - c:
            for old, new in zip(before[a:b], now[c:d], strict=True):
                yield f"  changed: {old}"
                yield f"       to: {new}"
        elif what != "equal":
            yield from (f"  gone:    {line}" for line in before[a:b])
            yield from (f"  new:     {line}" for line in now[c:d])
