"""An ssh server of the test's, with a key of its own, and a client that knows nothing else.

The server's root has a home of its own in a mount namespace: the keys and known hosts of the user
who runs the tests are neither read nor written.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.lab.processes import run
from tests.patience import PATIENCE

_SERVE = (
    "mount -t tmpfs -o mode=700 tmpfs /root && mkdir -m 700 /root/.ssh && "
    'cp "$1" /root/.ssh/authorized_keys && '
    'exec dropbear -F -E -s -r "$2" -p "127.0.0.1:$3"'
)


class SshServer:
    """A running server on the loopback; ``client`` is a program that takes ssh's arguments."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.config = folder / "config"
        self.client = folder / "ssh"
        self._process = process
        self._log = folder / "server.log"

    @property
    def log(self) -> str:
        """What the server said."""
        return self._log.read_text(errors="replace")

    def wait(self) -> None:
        """Wait until it takes logins."""
        until = time.monotonic() + PATIENCE
        while "Not backgrounding" not in self.log:
            assert self._process.poll() is None and time.monotonic() < until, self.log
            time.sleep(0.02)


@contextmanager
def ssh_server(
    folder: Path, within: Sequence[str] = (), port: int | None = None
) -> Iterator[SshServer]:
    """Run a server; ``within`` is the command that enters the namespace it is to be in."""
    for program in ("ssh", "ssh-keygen", "dropbear", "dropbearkey"):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program} on this machine")
    folder.mkdir(mode=0o700, exist_ok=True)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key"))
    run("dropbearkey", "-t", "ed25519", "-f", str(folder / "host"))
    (folder / "config").write_text(
        f"Host *\n IdentityFile {folder}/key\n IdentitiesOnly yes\n"
        f" UserKnownHostsFile {folder}/known\n StrictHostKeyChecking accept-new\n"
    )
    client = folder / "ssh"
    client.write_text(f'#!/bin/sh\nexec ssh -F "{folder}/config" "$@"\n')
    client.chmod(0o755)
    port = port or _free_port()
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *within, "unshare", "--mount", "--propagation", "private",
                "sh", "-c", _SERVE, "sh", f"{folder}/key.pub", f"{folder}/host", str(port),
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        server = SshServer(folder, port, process)
        server.wait()
        yield server
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
