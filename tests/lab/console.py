"""A guest's serial console, through ``virsh console`` on a pseudo terminal."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import termios
import time
from collections.abc import Callable
from types import TracebackType

from tests.patience import PATIENCE

from .daemon import Lab
from .guests import PASSWORD
from .processes import LabError, wait_until

PROMPT = re.compile(r"(login|Password): $|# (\x1b\[6n)?$")
"""The end of what a terminal writes when it waits for a name, a password or a command of root's."""

QUIET = 0.1
"""Seconds in which nothing follows what is taken for a prompt."""


class Console:
    """``with Console(lab, "alpha") as console: console.run("uname")`` talks to a guest's shell.

    It logs in first, and out at the end. `device` is libvirt's alias of another console than the
    first, such as "console1"; `force` takes it from whoever has it.
    """

    def __init__(
        self,
        lab: Lab,
        name: str,
        *,
        device: str = "serial0",
        password: str = PASSWORD,
        force: bool = True,
    ) -> None:
        self.lab = lab
        self.name = name
        self.device = device
        self.password = password
        self.heard = ""
        self._force = ["--force"] if force else []

    def __enter__(self) -> Console:
        self._terminal, theirs = pty.openpty()
        self._virsh = subprocess.Popen(
            ["virsh", "-c", self.lab.uri, "console", *self._force, self.name, self.device],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.expect("Escape character")
        # It says so first, and then drops what was typed until it has the terminal to itself.
        wait_until(self._is_raw, PATIENCE, f"the console of {self.name}")
        self._log_in()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._log_out()
        self._virsh.kill()
        self._virsh.wait()
        os.close(self._terminal)

    def _is_raw(self) -> bool:
        return not termios.tcgetattr(self._terminal)[3] & termios.ICANON

    def _log_in(self) -> None:
        """Log in as root, unless somebody did so before and did not log out."""
        answers = {"login": "root", "Password": self.password}
        self.send("\r")
        # A prompt may be older than this console: what is typed at it counts for the next one.
        for _ in range(5):
            if (prompt := self._prompt()) not in answers:
                return
            self.heard = ""
            self.send(f"{answers[prompt]}\r")
        raise LabError(f"{self.name} let nobody log in: {self.heard[-500:]!r}")

    def _log_out(self) -> None:
        if not PROMPT.search(self.heard):
            self.send("\r")
        if not self._prompt():
            self.heard = ""
            # As a line and not as ctrl+d, which a shell misses that has not begun to read.
            self.send("exit\r")
            self.expect("login: ")

    def _prompt(self) -> str:
        """Wait for a prompt: "login", "Password", or "" for that of the shell."""
        while True:
            self._receive(lambda: PROMPT.search(self.heard) is not None, PATIENCE, "a prompt")
            if not select.select([self._terminal], [], [], QUIET)[0]:
                found = PROMPT.search(self.heard)
                assert found is not None
                return found[1] or ""
            self._read()

    def send(self, text: str) -> None:
        """Type something."""
        os.write(self._terminal, text.encode())

    def expect(self, text: str, seconds: float = PATIENCE) -> str:
        """Everything the guest writes up to and including `text`."""
        self._receive(lambda: text in self.heard, seconds, repr(text))
        found, _, self.heard = self.heard.partition(text)
        return found + text

    def _receive(self, enough: Callable[[], bool], seconds: float, what: str) -> None:
        """Take what the guest writes until that is `enough`."""
        deadline = time.monotonic() + seconds
        while not enough():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._terminal], [], [], left)[0]:
                raise LabError(f"{self.name} did not write {what} but {self.heard[-500:]!r}")
            self._read()

    def _read(self) -> None:
        try:
            self.heard += os.read(self._terminal, 65536).decode(errors="replace")
        except OSError:  # the other end is closed
            raise LabError(f"the console of {self.name} ended: {self.heard[-500:]!r}") from None

    def run(self, command: str, seconds: float = PATIENCE) -> str:
        """What a command prints in the guest's shell."""
        # The quotes keep the echo of what is typed from looking like the answer.
        self.send(f"echo be''gin; {command}; echo en''ded\r")
        self.expect("begin\r\n", seconds)
        return self.expect("ended\r\n", seconds).removesuffix("ended\r\n").strip()
