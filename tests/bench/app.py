"""The app as a real process on a pseudo terminal: what it paints and when, what it takes for it."""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.e2e.child import Child
from tests.e2e.terminal import Picture, environment

from .plan import BenchError, Plan

SIZE = (160, 50)
INJECT = Path(__file__).parent / "inject"
DEADLINE = 90.0
# A key that nothing has answered after so many seconds is taken to be lost.
LOST = 5.0

COLOURS: dict[str, Mapping[str, str]] = {
    "truecolor": {},
    "256 colours": {"COLORTERM": ""},
    "16 colours": {"COLORTERM": "", "TERM": "xterm"},
}

_TICKS = os.sysconf("SC_CLK_TCK")


class App:
    """``with App(["-c", uri], named) as app: ...``; ``named`` finds a domain's name on the screen.

    ``delay`` seconds are added to libvirt's calls, those of ``slow`` to hosts with a text in their
    URI; ``changing`` is the share of domains whose counters wander, ``calls`` a file for a record
    of the calls: see ``inject``.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        named: re.Pattern[str],
        *,
        colours: str = "truecolor",
        delay: float = 0.0,
        slow: tuple[str, float] | None = None,
        changing: float | None = None,
        calls: Path | None = None,
    ) -> None:
        # One thread draws, one reads: neither may wait for the other's turn.
        sys.setswitchinterval(0.0005)
        self._home = tempfile.TemporaryDirectory(prefix="virttui-bench-")
        env = environment(Path(self._home.name), COLOURS[colours])
        if delay or slow or calls or changing is not None:
            path = filter(None, (str(INJECT), env.get("PYTHONPATH")))
            env |= {"PYTHONPATH": os.pathsep.join(path), "BENCH_DELAY": str(delay)}
            env |= {} if slow is None else {"BENCH_SLOW": slow[0], "BENCH_SLOWLY": str(slow[1])}
            env |= {} if calls is None else {"BENCH_CALLS": str(calls)}
            env |= {} if changing is None else {"BENCH_CHANGING": str(changing)}
        self._named = named
        self._cursor = re.compile(rf"^[▌>][* ]*({named.pattern})")
        self._builder = Picture(*SIZE)
        self._chance = random.Random(11)
        self._seen = 0
        # -P: the package is found by PYTHONPATH, wherever this process was started.
        command = [sys.executable, "-P", "-m", "virttui", *arguments]
        self.child = Child(command, *SIZE, env)

    def __enter__(self) -> App:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.child.__exit__(kind, error, trace)
        self._home.cleanup()

    # -- what it shows -----------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The screen as it is now."""
        while self._seen < len(self.child.chunks):
            self._builder.feed(self.child.chunks[self._seen][1])
            self._seen += 1
        return self._builder.lines

    @property
    def rows(self) -> int:
        """How many lines show a domain."""
        return _rows(self.lines, self._named)

    @property
    def selected(self) -> str:
        """The name on the cursor's line, or ""."""
        return self.chosen(self.lines)

    def chosen(self, lines: Sequence[str]) -> str:
        """The name on the cursor's line among these, or ""."""
        for line in lines:
            if found := self._cursor.match(line):
                return found[1]
        return ""

    def wait(self, holds: Callable[[], object], what: str, seconds: float = DEADLINE) -> None:
        """Wait while it draws. BenchError with the screen when it is late."""
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until or self.child.closed:
                why = "it ended" if self.child.closed else f"not within {seconds:g} s"
                raise BenchError(f"{why}: {what}\n{self._shown()}")
            with self.child.wrote:
                if self._seen == len(self.child.chunks):
                    self.child.wrote.wait(0.05)

    def sort_by_name(self) -> None:
        """Give the rows a lasting order."""
        for _ in range(30):
            if self._order == "name":
                return
            self._sort_on()
        raise BenchError(f"the table cannot be sorted by name\n{self._shown()}")

    def _sort_on(self) -> None:
        before = self._order
        self.child.write("<")
        self.wait(lambda: self._order != before, "another order after <", 10)

    @property
    def _order(self) -> str:
        found = re.search(r" sort (\S+?)[▲▼+-]? ", "\n".join(self.lines))
        return found[1] if found else ""

    def wait_text(self, text: str, *, gone: bool = False) -> None:
        """Wait until a text is on the screen, or there no more."""
        what = f"{text!r}{' to go' if gone else ''}"
        self.wait(lambda: self.shows(text) is not gone, what)

    def shows(self, text: str) -> bool:
        """Whether a text is on the screen."""
        return text in "\n".join(self.lines)

    def first_paints(self, seconds: float = DEADLINE) -> tuple[float, float]:
        """Seconds from the start to the first frame and to the first full table.

        The chunks are drawn afterwards, so that drawing takes nothing from the app's time.
        """
        until = time.monotonic() + seconds
        names: set[bytes] = set()
        pattern, read = re.compile(self._named.pattern.encode()), 0
        full_at = float("inf")
        while time.monotonic() < min(until, full_at + 0.5):
            with self.child.wrote:
                self.child.wrote.wait(0.05)
            for _, data in self.child.chunks[read:]:
                names.update(pattern.findall(data))
                read += 1
            if len(names) > SIZE[1] // 3 and full_at == float("inf"):
                full_at = time.monotonic()
        began, builder, first, counts = self.child.began, Picture(*SIZE), 0.0, []
        for at, data in list(self.child.chunks):
            builder.feed(data)
            lines = builder.lines
            if not first and any(lines):
                first = at - began
            counts.append((at - began, _rows(lines, self._named)))
        most = max(count for _, count in counts)
        if not most:
            raise BenchError("no domain was ever shown\n" + "\n".join(builder.lines))
        return first, next(at for at, count in counts if count == most)

    # -- what it takes -----------------------------------------------------------------------------

    def cpu_seconds(self) -> float:
        """CPU time so far, all threads."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """Resident memory in MiB."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def over(self, seconds: float) -> tuple[float, float]:
        """What the next seconds take: percent of one core, KB written a second."""
        began, cpu, mark = time.monotonic(), self.cpu_seconds(), len(self.child.chunks)
        time.sleep(seconds)
        spent, took = self.cpu_seconds() - cpu, time.monotonic() - began
        written = sum(len(data) for _, data in self.child.chunks[mark:])
        return 100 * spent / took, written / 1000 / took

    def settle(self, plan: Plan) -> None:
        """Wait until the table is there and what is read only once has been read."""
        self.wait(lambda: self.rows > 5, "the table")
        until, last = time.monotonic() + plan.latest, float("inf")
        while time.monotonic() < until:
            now = self.over(plan.window)[0]
            if abs(last - now) <= max(0.7, 0.15 * now):
                return
            last = now

    # -- keys --------------------------------------------------------------------------------------

    def keys(self, count: int) -> list[float]:
        """Milliseconds from a key to the cursor's new place, for keys at random moments.

        By name, because sorted by CPU the cursor's row would wander out of view.
        """
        self.sort_by_name()
        self.child.write("g")
        return [self.changed("kj"[number % 2 == 0], self.chosen) for number in range(count)]

    def changed(self, key: str, seen: Callable[[Sequence[str]], str]) -> float:
        """Press a key at a random moment; milliseconds until what is ``seen`` is another.

        "" is nothing: between two chunks a line can be there in part.
        """
        self.pause()
        self.wait(lambda: seen(self.lines), f"something to change by {key!r}", 10)
        before = seen(self.lines)
        return self.until(key, lambda lines: seen(lines) not in ("", before))

    def pause(self) -> None:
        """Let a random while pass, as between the keys of somebody who types, and draw."""
        until = time.monotonic() + self._chance.uniform(0.05, 0.25)
        while (left := until - time.monotonic()) > 0:
            with self.child.wrote:
                self.child.wrote.wait(left)
            _ = self.lines

    def until(self, key: str, holds: Callable[[Sequence[str]], object]) -> float:
        """Press a key; milliseconds until what is painted holds, to the chunk that made it so.

        It has to be something that the key alone brings about, and soon: BenchError when it is
        late. Waiting for what takes its time is ``wait``.
        """
        pressed = self.child.write(key)
        while time.monotonic() < pressed + LOST:
            if self._seen < len(self.child.chunks):
                painted, data = self.child.chunks[self._seen]
                self._builder.feed(data)
                self._seen += 1
                if holds(self._builder.lines):
                    return 1000 * (painted - pressed)
            else:
                with self.child.wrote:
                    if self._seen == len(self.child.chunks):
                        self.child.wrote.wait(0.05)
        raise BenchError(f"no reaction to {key!r} within {LOST:g} s\n{self._shown()}")

    def _shown(self) -> str:
        return "the screen shows\n" + "\n".join(self.lines)


def _rows(lines: Sequence[str], named: re.Pattern[str]) -> int:
    return sum(named.search(line) is not None for line in lines)
