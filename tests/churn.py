"""Another client that changes domains as fast as it can: ``python -m tests.churn URI COUNT``.

It works on any host that takes definitions of libvirt's test driver. A line "ready" says that all
domains are there; then it changes one after the other, at random but the same in each run, for
SECONDS, and says how many changes it made.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable

import libvirt

from virttui.libvirtxml.tags import NAMESPACE, PREFIX, tags_xml

DEFINITION = (
    "<domain type='test'><name>{}</name><memory>1024</memory><os><type>hvm</type></os></domain>"
)


class Client:
    """A connection and the domains it made. Names are NAME-00000 and on."""

    def __init__(self, uri: str, count: int) -> None:
        self._connection = libvirt.open(uri)
        self._chance = random.Random(5)
        self._made = 0
        self._domains = [self._define() for _ in range(count)]

    def work(self, seconds: float) -> int:
        """Change one domain after the other; returns how many changes were made."""
        until, changes = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            place = self._chance.randrange(len(self._domains))
            self._chance.choice(_CHANGES)(self, place)
            changes += 1
        return changes

    def _define(self) -> libvirt.virDomain:
        self._made += 1
        return self._connection.defineXML(DEFINITION.format(f"churn-{self._made:05}"))

    def _replace(self, place: int) -> None:
        """Take one away and make another, for a while of the same name as the old."""
        domain = self._domains[place]
        if domain.isActive():
            domain.destroy()
        name = domain.name()
        domain.undefine()
        if self._chance.random() < 0.5:
            self._domains[place] = self._connection.defineXML(DEFINITION.format(name))
        else:
            self._domains[place] = self._define()

    def _rename(self, place: int) -> None:
        domain = self._domains[place]
        if not domain.isActive():
            self._made += 1
            domain.rename(f"churn-{self._made:05}", 0)
            self._domains[place] = self._connection.lookupByUUIDString(domain.UUIDString())

    def _switch(self, place: int) -> None:
        domain = self._domains[place]
        if domain.isActive():
            domain.destroy()
        else:
            domain.create()

    def _pause(self, place: int) -> None:
        domain = self._domains[place]
        state = domain.state()[0]
        if state == libvirt.VIR_DOMAIN_RUNNING:
            domain.suspend()
        elif state == libvirt.VIR_DOMAIN_PAUSED:
            domain.resume()

    def _autostart(self, place: int) -> None:
        domain = self._domains[place]
        domain.setAutostart(1 - domain.autostart())

    def _title(self, place: int) -> None:
        title = f"Title {self._chance.randrange(1000)}"
        kind = libvirt.VIR_DOMAIN_METADATA_TITLE
        self._domains[place].setMetadata(kind, title, None, None, libvirt.VIR_DOMAIN_AFFECT_CONFIG)

    def _tag(self, place: int) -> None:
        tags = tags_xml([self._chance.choice(("web", "db", "old", "new"))])
        kind = libvirt.VIR_DOMAIN_METADATA_ELEMENT
        how = libvirt.VIR_DOMAIN_AFFECT_CONFIG
        if self._domains[place].isActive():
            how |= libvirt.VIR_DOMAIN_AFFECT_LIVE
        self._domains[place].setMetadata(kind, tags, PREFIX, NAMESPACE, how)


_CHANGES: tuple[Callable[[Client, int], None], ...] = (
    Client._replace, Client._rename, Client._switch, Client._switch, Client._pause,
    Client._autostart, Client._title, Client._tag,
)  # fmt: skip


class Churn:
    """Such a client in a process of its own; it begins to change things when it is told to."""

    def __init__(self, uri: str, count: int) -> None:
        command = [sys.executable, "-m", "tests.churn", uri, str(count)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        if self._line() != "ready":
            raise RuntimeError("the other client could not make its domains")

    def __enter__(self) -> Churn:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def begin(self, seconds: float) -> None:
        """Have it change things for so long."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()

    @property
    def busy(self) -> bool:
        """Whether it has not gone. It goes when its time is up."""
        return self._process.poll() is None

    def changes(self) -> int:
        """Wait for its end; how many changes it made."""
        return int(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def main() -> None:
    """Make the domains, wait for a number of seconds on stdin, change them for so long."""
    client = Client(sys.argv[1], int(sys.argv[2]))
    print("ready", flush=True)  # noqa: T201
    print(client.work(float(sys.stdin.readline())), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
