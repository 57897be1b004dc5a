"""What is measured on real hosts, in labs: calls a tick, one hung guest, one dead host."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager

from msgspec.structs import replace

from tests.lab import xml
from tests.lab.daemon import Lab
from tests.lab.guests import furnish_lab, pool_folder
from virttui.hypervisor.fleet import Fleet
from virttui.model.backend import Interest
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory
from virttui.model.messages import FleetMessage
from virttui.settings import Settings, specs

from .app import App
from .budgets import Row, Table, waits
from .plan import BenchError, Plan
from .rows import FEW, link, virsh_seconds

STILL = re.compile(r"still-[a-e]?\d{3}")
BULK = ("getAllDomainStats", "domainListGetStats", "listAllDomains")
# As many rows as a terminal of 160x50 shows of one host.
IN_VIEW = 34


DEVICES = """\
    <disk type='file' device='cdrom'><source file='/var/lib/libvirt/images/nothing.iso'/>
      <target dev='hdc' bus='ide'/><readonly/></disk>
    <interface type='network'><source network='isolated'/><model type='virtio'/></interface>
    <memballoon model='virtio'/>
"""
"""What the labs' smallest guests lack: something to have figures of."""


def fill(lab: Lab, count: int, mark: str = "") -> list[str]:
    """Start that many paused guests that cost next to nothing; their names."""
    furnish_lab(lab)
    (pool_folder(lab) / "nothing.iso").write_bytes(bytes(1 << 20))
    names = [f"still-{mark}{number:03}" for number in range(count)]

    def start(name: str) -> None:
        bare = xml.still(name).replace("    <memballoon model='none'/>\n", DEVICES)
        lab.virsh("define", "/dev/stdin", text=bare)
        lab.virsh("start", name, "--paused")

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(start, names))
    return names


def bulk_calls(table: Table, plan: Plan) -> None:
    """How many bulk calls a tick takes, with every guest in view."""
    with Lab("bench-calls") as lab:
        fill(lab, plan.called)
        record = plan.folder / "calls"
        with App(["-c", lab.uri], STILL, calls=record) as app:
            app.settle(plan)
            began = time.monotonic()
            app.over(plan.seconds)
            ended = time.monotonic()
    made: Counter[str] = Counter()
    for line in record.read_text().splitlines():
        at, name, _ = line.split()
        made[name] += began <= float(at) < ended
    ticks = ended - began
    per_tick = {name: count / ticks for name, count in made.most_common() if count}
    bulk = sum(per_tick.get(name, 0.0) for name in BULK)
    note = ", ".join(f"{name} {count:.1f}" for name, count in list(per_tick.items())[:6])
    what = "bulk calls a tick and host"
    table.add(Row(what, bulk, note=note, budget=what))


def frozen_guest(table: Table, plan: Plan) -> None:
    """One guest of a hundred hangs: how old the others' figures become, and keys meanwhile."""
    with Lab("bench-frozen") as lab:
        names = fill(lab, plan.crowd)
        for command in ("list --all", "domstats"):
            seconds = virsh_seconds(lab.uri, *command.split())
            what = f"virsh {command}, {plan.crowd} guests"
            table.add(Row(what, seconds, "s", "for comparison"))
        hung = names[3]
        what = f"frozen guest among {plan.crowd}"

        @contextmanager
        def fault() -> Iterator[None]:
            lab.freeze_guest(hung)
            try:
                yield
            finally:
                lab.thaw_guest(hung)

        with watching(lab.uri) as eyes:
            eyes.look(names[:IN_VIEW])
            eyes.rest(2 * plan.window)
            with fault():
                eyes.forget()
                eyes.rest(plan.seconds)
                ages = eyes.ages(lambda key: key != eyes.key(hung))
            table.add(_ages(f"{what}: age of other rows", ages))
        _keys(table, plan, what, [lab.uri], fault)


def dead_host(table: Table, plan: Plan) -> None:
    """One host of five stops answering: how old the others' rows become, and keys meanwhile."""
    with ExitStack() as stack:
        labs = [stack.enter_context(Lab(f"bench-host-{number}")) for number in range(plan.hosts)]
        for lab, mark in zip(labs, "abcde", strict=False):
            fill(lab, plan.guests, mark)
        uris = [lab.uri for lab in labs]
        what = f"dead host among {plan.hosts}"

        @contextmanager
        def fault() -> Iterator[None]:
            labs[0].freeze_daemon()
            try:
                yield
            finally:
                labs[0].thaw_daemon()

        with watching(*uris) as eyes:
            eyes.look()
            eyes.rest(2 * plan.window)
            with fault():
                eyes.forget()
                eyes.rest(plan.seconds)
                ages = eyes.ages(lambda key: key.host != uris[0])
            table.add(_ages(f"{what}: age of other rows", ages))
        _keys(table, plan, what, uris, fault)


class Eyes:
    """Hears a fleet and remembers how old each figure ever was when the next one replaced it."""

    def __init__(self, *uris: str) -> None:
        self._lock = threading.Lock()
        self._newest: dict[str, Inventory] = {}
        self._worst: dict[tuple[ObjectId, str], float] = {}
        self._visible: frozenset[ObjectId] = frozenset()
        self._fleet = Fleet(specs(uris), self._hear, replace(Settings(), interval=1.0))
        self._hosts = uris

    def stop(self) -> None:
        """End the fleet."""
        self._fleet.stop()

    def look(self, names: list[str] | None = None) -> None:
        """Wait for the lists, then put these domains, or all, in view."""
        until = time.monotonic() + 30
        while not all(host in self._newest and self._newest[host].listed for host in self._hosts):
            if time.monotonic() > until:
                raise BenchError("a lab was not listed within 30 s")
            time.sleep(0.05)
        self._visible = frozenset(
            domain.key
            for found in self._newest.values()
            for domain in found.domains.values()
            if names is None or domain.name in names
        )
        self._fleet.set_interest(Interest(self._visible))

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)

    def forget(self) -> None:
        """Begin to remember anew."""
        with self._lock:
            self._worst.clear()

    def key(self, name: str) -> ObjectId:
        """The key of a domain of the first host."""
        found = self._newest[self._hosts[0]].domains.values()
        return next(domain.key for domain in found if domain.name == name)

    def ages(self, counts: Callable[[ObjectId], bool]) -> dict[str, float]:
        """The worst age in ticks of each kind of figure, of the rows in view that count."""
        with self._lock:
            now = time.monotonic()
            for found in self._newest.values():
                self._remember(found, now)
            worst: dict[str, float] = {}
            for (key, kind), age in self._worst.items():
                if key in self._visible and counts(key):
                    worst[kind] = max(worst.get(kind, 0.0), age)
            return worst

    def _hear(self, message: FleetMessage) -> None:
        if not isinstance(message, Inventory):
            return
        with self._lock:
            before = self._newest.get(message.host.id)
            if before is not None:
                self._remember(before, time.monotonic())
            self._newest[message.host.id] = message

    def _remember(self, found: Inventory, now: float) -> None:
        """How old is what was known until now."""
        for uuid, domain in found.domains.items():
            for kind, taken in _taken(found.usage.get(uuid, NO_USAGE)):
                place = (domain.key, kind)
                self._worst[place] = max(self._worst.get(place, 0.0), now - taken)


def _taken(usage: Usage) -> Iterator[tuple[str, float]]:
    if usage.cpu is not None:
        yield "cpu", usage.cpu_at
    if usage.rx is not None:
        yield "net", usage.net_at
    if usage.memory_used is not None or usage.read is not None:
        yield "memory and disk", usage.monitor_at


@contextmanager
def watching(*uris: str) -> Iterator[Eyes]:
    """A fleet with eyes, ended afterwards."""
    eyes = Eyes(*uris)
    try:
        yield eyes
    finally:
        eyes.stop()


def _ages(what: str, ages: dict[str, float]) -> Row:
    note = ", ".join(f"{kind} {age:.1f}" for kind, age in ages.items())
    return Row(what, max(ages.values(), default=float("inf")), "", note, "age of other rows")


def _keys(
    table: Table,
    plan: Plan,
    what: str,
    uris: list[str],
    fault: Callable[[], AbstractContextManager[None]],
) -> None:
    """Keys while something is wrong, near and far."""
    for delay in plan.links:
        arguments = [part for uri in uris for part in ("-c", uri)]
        with App(arguments, STILL, delay=delay) as app:
            app.settle(plan)
            with fault():
                keys = app.keys(plan.keys)
        known = f"key to paint p99, {FEW}"
        table.add(waits(f"{what}: key to paint p99{link(delay)}", keys, known))
