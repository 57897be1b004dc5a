"""Feed a terminal on a thread of its own, from a bounded queue.

libvirt's stream has to be read always: what is not taken queues up in its client, in memory without
end. So bytes come into a queue that drops its oldest when it is full, and says so in the terminal.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable

from virttui.formatting import counted
from virttui.terminal.engine import MOST_REPLIED
from virttui.terminal.screen import TerminalScreen

FRAME = 1 / 30
"""Seconds between two changes that the listener is told of; the first comes at once."""

BETWEEN_RULES = 1.0
"""Seconds between two rules about dropped bytes: output that is too fast would be all rules."""

# Ends a sequence that was cut: CAN any but a string, ST that one too.
_END_OF_SEQUENCE = b"\x18\x1b\\"

# Main screen, no scrolling region, no insert mode, ordinary keys and pastes, a cursor. Leaving the
# alternate screen goes to the cursor that was saved, also where none was entered: so it is saved.
_UNDO = _END_OF_SEQUENCE + b"\x1b7\x1b[?1049l\x1b7\x1b[r\x1b8\x1b[4l\x1b[?1l\x1b[?2004l\x1b[?25h"


class Parser:
    """Takes bytes from any thread and feeds them to a screen.

    ``on_change`` is called on the parser's thread after the screen changed, ``on_reply`` with what
    the terminal replies to the guest, unless ``replies`` is False, as it is while one only reads
    along; neither may block or raise. ``close`` waits until the thread has ended, and is called at
    the exit of Python where nobody did: a thread that still fed the engine then crashed it.
    """

    def __init__(
        self,
        screen: TerminalScreen,
        on_change: Callable[[], None],
        on_reply: Callable[[bytes], None],
        *,
        replies: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.replies = replies
        self.bytes_dropped = 0
        self._screen = screen
        self._on_change, self._on_reply = on_change, on_reply
        self._clock = clock
        self._queue = _ByteQueue(screen.backlog)
        self._next_frame = self._next_rule = self._next_replies = clock()
        self._replied = 0
        self._thread = threading.Thread(target=self._run, name="terminal parser", daemon=True)
        self._finalizer = weakref.finalize(self, _stop, self._queue, self._thread)
        self._thread.start()

    def feed(self, data: bytes) -> None:
        """Take output of the guest. Never waits."""
        self._queue.append(data)

    def note(self, text: str, *, ended: bool = False) -> None:
        """Put a rule with a sentence of ours behind the output so far.

        ``ended`` says that the guest's program is gone: what it asked of its terminal (alternate
        screen, scrolling region, modes) is undone first.
        """
        self._queue.append((_UNDO if ended else b"") + rule(text, self._screen.size[0]))

    def close(self) -> None:
        """Drop what waits, and wait until the thread has ended."""
        self._finalizer()

    def _run(self) -> None:
        changed = False
        unsaid = 0
        while True:
            due = [self._next_frame] if changed else []
            due += [self._next_rule] if unsaid else []
            wait = max(0.0, min(due) - self._clock()) if due else None
            dropped, data = self._queue.take(self._screen.piece, wait)
            if data is None:
                return
            self.bytes_dropped += dropped
            unsaid += dropped
            if unsaid and self._clock() >= self._next_rule:
                text = f"{counted(unsaid, 'byte')} came faster than they could be shown"
                data = _END_OF_SEQUENCE + rule(text, self._screen.size[0]) + data
                unsaid, self._next_rule = 0, self._clock() + BETWEEN_RULES
            elif dropped:
                data = _END_OF_SEQUENCE + data
            if data:
                self._reply(self._screen.feed(data))
                changed = True
            if changed and self._clock() >= self._next_frame:
                changed = False
                self._next_frame = self._clock() + FRAME
                self._on_change()

    def _reply(self, data: bytes) -> None:
        """Hand over replies, as many as a program asks for, and not what a flood of them does."""
        if self._clock() >= self._next_replies:
            self._replied, self._next_replies = 0, self._clock() + FRAME
        if data and self.replies and self._replied + len(data) <= MOST_REPLIED:
            self._replied += len(data)
            self._on_reply(data)


def rule(text: str, columns: int) -> bytes:
    """A line of ours in a guest's terminal, below what was there."""
    line = f"─ {text} "[: columns - 1].ljust(columns - 1, "─")
    return f"\x0f\x1b(B\x1b[m\r\n\x1b[7m{line}\x1b[m\r\n".encode()


class _ByteQueue:
    """Bytes between threads; when there are too many the oldest are dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._data = bytearray()
        self._dropped = 0
        self._closed = False
        self._changed = threading.Condition()

    def append(self, data: bytes) -> None:
        with self._changed:
            self._data += data
            too_many = len(self._data) - self._most
            if too_many > 0:
                del self._data[:too_many]
                self._dropped += too_many
            self._changed.notify()

    def take(self, most: int, wait: float | None) -> tuple[int, bytes | None]:
        """How many bytes were dropped before the next ones, and these.

        They are b"" when none came within ``wait`` seconds, None after the end.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._data or self._closed, wait)
            if self._closed:
                return 0, None
            dropped, self._dropped = self._dropped, 0
            data = bytes(self._data[:most])
            del self._data[:most]
            return dropped, data

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()


def _stop(queue: _ByteQueue, thread: threading.Thread) -> None:
    queue.close()
    if thread is not threading.current_thread():  # a listener closes it
        thread.join()
