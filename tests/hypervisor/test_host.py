"""One host, with its time in the hands of the test: when it publishes, and when it ticks again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

from tests.patience import PATIENCE
from virttui.hypervisor.connection import event_loop
from virttui.hypervisor.host import Host
from virttui.hypervisor.polling.fleet_context import FleetContext, HostNames
from virttui.model.backend import HostSpec, Interest
from virttui.model.inventory import Inventory
from virttui.model.messages import FleetMessage
from virttui.settings import Settings


class HeldHost:
    """A host on libvirt's test driver whose clock stands still until it is moved."""

    def __init__(self, uri: str) -> None:
        event_loop.start()
        self.now = 1000.0
        self.published: list[FleetMessage] = []
        self._posted: SimpleQueue[Callable[[], None]] = SimpleQueue()
        context = FleetContext(
            lambda: self.now,
            lambda: self.now,
            self._posted.put,
            self.published.append,
            Settings(interval=600.0),
            HostNames([uri], {uri: uri}),
            {uri: uri},
            lambda host, event: None,
        )
        self.host = Host(HostSpec(uri, uri), context)

    @property
    def inventories(self) -> list[Inventory]:
        """Those published so far."""
        return [message for message in self.published if isinstance(message, Inventory)]

    def run_until(self, holds: Callable[[], object]) -> None:
        """Do what comes back from the workers, and tick, until something holds."""
        until = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < until
            self.host.tick(self.now)
            try:
                self._posted.get(timeout=0.01)()
            except Empty:
                self.now += 0.1

    def settle(self) -> None:
        """Go on until all was read and nothing is at work."""
        self.run_until(lambda: self.inventories and not self.inventories[-1].missing_parts)
        self.run_until(lambda: self.host.calls.idle and self.host.scheduler.idle)


@contextmanager
def held(folder: Path) -> Iterator[HeldHost]:
    """A host of two domains, all of it read."""
    domains = "".join(
        f"<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os>"
        "</domain>"
        for name in ("one", "two")
    )
    (folder / "two.xml").write_text(f"<node>{domains}</node>")
    held = HeldHost(f"test://{folder}/two.xml")
    try:
        held.settle()
        yield held
    finally:
        held.host.close()


def test_other_rows_in_view_bring_no_inventory_and_another_cursor_does(tmp_path: Path) -> None:
    """A list sorted by a figure has other rows in view each tick, and an inventory is painted."""
    with held(tmp_path) as host:
        one, two = (domain.key for domain in host.inventories[-1].domains.values())
        host.host.set_interest(Interest(frozenset({one}), one))
        host.settle()
        host.run_until(lambda: (trail := host.inventories[-1].trail) and trail.key == one)
        host.settle()
        known = len(host.inventories)
        host.host.set_interest(Interest(frozenset({two}), one))
        host.host.tick(host.now)
        assert len(host.inventories) == known
        host.host.set_interest(Interest(frozenset({two}), two))
        host.host.tick(host.now)
        assert len(host.inventories) == known + 1
        trail = host.inventories[-1].trail
        assert trail is not None and trail.key == two


def test_a_host_at_rest_is_left_alone_for_a_second(tmp_path: Path) -> None:
    with held(tmp_path) as host:
        host.host.tick(host.now)
        host.settle()
        assert host.host.tick(host.now) >= host.now + 0.9


def test_a_host_that_is_asked_is_looked_at_four_times_a_second(tmp_path: Path) -> None:
    """Its samples may be overdue: that alone must not have it tick without a pause."""
    with held(tmp_path) as host:
        host.host.calls.call("reads", "reads", lambda _connection: time.sleep(0.3), lambda _: None)
        host.now += 700.0  # a sample is overdue now
        due = host.host.tick(host.now) - host.now
        assert 0.2 < due <= 0.25
