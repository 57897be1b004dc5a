"""A console of a fleet as a test uses it: what came, what is typed, and in what phase it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.fleet_client import RecordingClient
from tests.lab.guests import BOOT_SECONDS, PASSWORD
from tests.patience import PATIENCE
from virttui.model.domains.consoles import ConsolePhase, ConsoleRequest, ConsoleState


class Typist:
    """An open console; ``received`` is everything that came and was not expected yet."""

    def __init__(
        self, client: RecordingClient, name: str, device: str = "serial0", *, along: bool = False
    ) -> None:
        self.client = client
        self.name = name
        self._came = threading.Condition()
        self.received = bytearray()
        self.total = 0
        key = client.the_domain(name).key
        self.id = client.fleet.open_console(ConsoleRequest(key, device, along), self._take)

    def _take(self, data: bytes) -> None:
        with self._came:
            self.received += data
            self.total += len(data)
            self._came.notify_all()

    @property
    def states(self) -> list[ConsoleState]:
        """Its states so far."""
        return [state for state in self.client.console_states if state.id == self.id]

    @property
    def phases(self) -> list[ConsolePhase]:
        """Its phases so far, each change once."""
        found: list[ConsolePhase] = []
        for state in self.states:
            if not found or found[-1] is not state.phase:
                found.append(state.phase)
        return found

    def reach(self, phase: ConsolePhase, seconds: float = PATIENCE) -> ConsoleState:
        """Wait until the console is in a phase."""
        return self.client.wait(
            lambda: next((s for s in self.states[-1:] if s.phase is phase), None),
            seconds,
            f"the console of {self.name} {phase.value}",
        )

    def type(self, text: str) -> None:
        """Type something."""
        self.client.fleet.write_console(self.id, text.encode())

    def expect(self, text: str, seconds: float = PATIENCE) -> str:
        """Wait for a text; returns what came up to its end."""
        self.wait(lambda: text.encode() in self.received, seconds, repr(text))
        with self._came:
            end = self.received.index(text.encode()) + len(text.encode())
            found = bytes(self.received[:end])
            del self.received[:end]
        return found.decode(errors="replace")

    def wait(self, holds: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until something holds of what came."""
        until = time.monotonic() + seconds
        with self._came:
            while not holds():
                left = until - time.monotonic()
                tail = bytes(self.received[-500:])
                assert left > 0, f"{self.name} did not write {what} but {tail!r}; {self.states}"
                self._came.wait(left)

    def log_in(self) -> None:
        """Log in as root of a guest, which may still boot."""
        self.expect(f"{self.name} login: ", BOOT_SECONDS)
        self.type("root\r")
        self.expect("Password: ")
        self.type(f"{PASSWORD}\r")
        self.expect(f"{self.name}:~# ")

    def log_out(self) -> None:
        """Leave the shell, see the next login offered, and let go of the console."""
        self.type("exit\r")
        self.expect(f"{self.name} login: ")
        self.close()

    def run(self, command: str, seconds: float = PATIENCE) -> str:
        """What a command prints in the guest's shell."""
        # The quotes keep the echo of what is typed from looking like the answer.
        self.type(f"echo be''gin; {command}; echo en''ded\r")
        self.expect("begin\r\n", seconds)
        return self.expect("ended\r\n", seconds).removesuffix("ended\r\n").strip()

    def close(self) -> None:
        """Let go of the console, and wait until that is done."""
        self.client.fleet.close_console(self.id)
        self.reach(ConsolePhase.CLOSED)
