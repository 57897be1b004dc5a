"""A guest's serial console, through ``virsh console`` on a pseudo terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import termios
import time
from types import TracebackType

from tests.patience import PATIENCE

from .daemon import Lab
from .processes import LabError, wait_until


class Console:
    """``with Console(lab, "alpha") as console: console.run("uname")`` talks to a guest's shell."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.heard = ""

    def __enter__(self) -> Console:
        self._terminal, theirs = pty.openpty()
        self._virsh = subprocess.Popen(
            ["virsh", "-c", self.lab.uri, "console", "--force", self.name],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.expect("Escape character")
        # It says so first, and then drops what was typed until it has the terminal to itself.
        wait_until(self._is_raw, PATIENCE, f"the console of {self.name}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._virsh.kill()
        self._virsh.wait()
        os.close(self._terminal)

    def _is_raw(self) -> bool:
        return not termios.tcgetattr(self._terminal)[3] & termios.ICANON

    def send(self, text: str) -> None:
        """Type something."""
        os.write(self._terminal, text.encode())

    def expect(self, text: str, seconds: float = PATIENCE) -> str:
        """Everything the guest writes up to and including `text`."""
        deadline = time.monotonic() + seconds
        while text not in self.heard:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._terminal], [], [], left)[0]:
                raise LabError(f"{self.name} did not write {text!r} but {self.heard[-500:]!r}")
            try:
                self.heard += os.read(self._terminal, 65536).decode(errors="replace")
            except OSError:  # the other end is closed
                raise LabError(f"the console of {self.name} ended: {self.heard[-500:]!r}") from None
        found, _, self.heard = self.heard.partition(text)
        return found + text

    def run(self, command: str, seconds: float = PATIENCE) -> str:
        """What a command prints in the guest's shell."""
        # The quotes keep the echo of what is typed from looking like the answer.
        self.send(f"echo be''gin; {command}; echo en''ded\r")
        self.expect("begin\r\n", seconds)
        return self.expect("ended\r\n", seconds).removesuffix("ended\r\n").strip()
