"""What is typed after ``/`` on the page of logs: words, and ``source:qemu,console``."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct

from virttui.model.domains.logs import LogLine

_SOURCE = "source:"


class LineFilter(Struct, frozen=True):
    """Lines that have all ``words``, in any case of letters, of one of ``sources`` (none: any)."""

    words: tuple[str, ...] = ()
    sources: frozenset[str] = frozenset()

    def passes(self, line: LogLine) -> bool:
        """Whether a line is shown."""
        if self.sources and line.source not in self.sources:
            return False
        if not self.words:
            return True
        text = line.text.lower()
        return all(word in text for word in self.words)

    def __bool__(self) -> bool:
        return bool(self.words or self.sources)


def read(text: str, known: Collection[str]) -> tuple[LineFilter, str, str]:
    """What is typed as a filter, an error in words, and the word that is wrong; "" without one."""
    words: list[str] = []
    sources: set[str] = set()
    for word in text.split():
        if not word.startswith(_SOURCE):
            words.append(word.lower())
            continue
        for name in word.removeprefix(_SOURCE).split(","):
            if not name:
                return LineFilter(), f"name a source: {', '.join(known)}", word
            found = {one for one in known if one.startswith(name.lower())}
            if not found:
                return LineFilter(), f"sources are {', '.join(known)}", word
            sources |= found
    return LineFilter(tuple(words), frozenset(sources)), "", ""
