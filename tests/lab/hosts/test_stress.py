"""What holds under stress: a hung guest in a crowd, a storm of changes, many commands at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import libvirt
import pytest

from tests.churn import Churn
from tests.e2e.terminal import Terminal
from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.hypervisor.connection import translate
from virttui.libvirtxml.tags import NAMESPACE, read_tags
from virttui.model.commands import Command, Verb
from virttui.model.inventory import ConnectionState
from virttui.model.tasks import TaskState
from virttui.settings import Settings

pytestmark = pytest.mark.lab

TICK = 1.0
CROWD = 30
# Each of these runs its firmware, which costs more than the starting.
BULK = 16
MANY = 1000
STORM = 8.0


class Ages:
    """The worst age of each kind of figure of every domain but one, as it was ever seen."""

    def __init__(self, client: RecordingClient, but: str) -> None:
        self._client, self._but = client, but
        self.plain = self.monitored = 0.0

    def look(self) -> None:
        now = time.monotonic()
        for uuid, usage in self._client.inventory().usage.items():
            if uuid != self._but:
                known = [usage.cpu_at] if usage.cpu is not None else []
                known += [usage.net_at] if usage.rx is not None else []
                self.plain = max(self.plain, *(now - at for at in known), 0.0)
                # Every row is in view, so that the turn of each is a tick.
                self.monitored = max(self.monitored, now - usage.monitor_at)


def has_ended(client: RecordingClient, task: int) -> bool:
    return task in client.tasks and client.tasks[task].state.ended


def test_one_hung_guest_among_thirty_costs_the_others_nothing(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("crowd")
    names = guests.define_stills(lab, CROWD)
    victim, others = names[7], names[10:16]
    for name in names[:10]:
        lab.virsh("resume", name)
    with listening(lab.uri, interval=TICK) as client:
        client.listed()
        client.look_at()
        client.wait(lambda: len(client.inventory().usage) == CROWD)
        client.wait(
            lambda: all(
                u.cpu is not None and u.monitor_at for u in client.inventory().usage.values()
            )
        )
        ages = Ages(client, client.the_domain(victim).key.uuid)

        def watched(holds: Callable[[], object]) -> Callable[[], object]:
            """The same, with a look at the ages each time."""

            def look() -> object:
                ages.look()
                return holds()

            return look

        lab.freeze_guest(victim)
        begun = time.monotonic()
        client.wait(watched(lambda: client.the_domain(victim).silent_at), what="it is named")
        # The call that hung was left, and the next one went by a fresh connection.
        named = time.monotonic()
        client.wait(watched(lambda: client.the_usage(others[0]).monitor_at > named))

        forced = client.do(Verb.FORCE_OFF, victim)
        for name in others:
            for verb in (Verb.RESUME, Verb.PAUSE):
                task = client.do(verb, name)
                client.wait(
                    watched(partial(has_ended, client, task)),
                    what=f"{verb} {name} is not held up",
                )
                assert client.tasks[task].state is TaskState.DONE
        assert client.tasks[forced].state is TaskState.RUNNING, "its row says so all the time"
        client.wait(watched(lambda: client.tasks[forced].state.ended))
        assert client.tasks[forced].state is TaskState.DONE
        client.wait(watched(lambda: client.is_in(victim, "shutoff")))
        assert client.phase() is ConnectionState.LIVE
        assert not any("stopped" in h.text for h in client.host_events if h.topic == "host")
        # QEMU is given 12 s to end. What waited for the hung guest would be as old as that.
        hung = time.monotonic() - begun
        assert ages.plain < hung / 2, "CPU and network go on"
        assert ages.monitored < hung / 2, "memory and disk too"


def test_guests_started_and_stopped_at_once(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("bulk")
    names = guests.define_stills(lab, BULK)
    lab.virsh("destroy", names[4])
    with listening(lab.uri) as client:
        client.listed()
        at_a_time = Settings().at_a_time
        # The one that is off cannot be forced off: its failure is its own.
        for verb, state, failed in (
            (Verb.FORCE_OFF, "shutoff", [names[4]]),
            (Verb.START, "running", []),
            (Verb.FORCE_OFF, "shutoff", []),
            (Verb.START, "running", []),
        ):
            client.most_at_work = 0
            ids = client.fleet.submit([Command(verb, client.target(name)) for name in names])
            tasks = [client.done(id, 60) for id in ids]
            client.wait(partial(client.all_in, names, state))
            assert [t.command.target.name for t in tasks if t.state is TaskState.FAILED] == failed
            assert all(task.state.ended for task in tasks)
            # Force off may use the slot that is kept for it.
            assert client.most_at_work <= at_a_time + (verb is Verb.FORCE_OFF)
        states = lab.virsh("list", "--name", "--state-running").split()
        assert sorted(states) == names


def test_a_thousand_domains_changed_by_another_client(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    """The daemon's test driver, since it takes thousands of changes a second."""
    lab = new_lab("storm")
    uri = lab.test_uri
    with (
        Churn(uri, MANY) as other,
        listening(uri) as client,
        Terminal("-c", uri, home=tmp_path, size=(120, 36)) as it,
    ):
        client.listed()
        client.look_at()
        it.wait_for("churn-0")
        other.begin(STORM)
        waits: list[float] = []
        while other.busy:
            it.press("/")
            waits.append(it.wait_for("esc discard"))
            it.press("escape")
            waits.append(it.wait_gone("esc discard"))
        assert other.changes() > MANY
        # A key that had to wait for the storm would take as long as all of it.
        assert max(waits) < STORM / 2, "keys are answered throughout"
        truth = new_ids(uri)
        # What no event tells is read again every ten seconds.
        client.wait(lambda: known(client) == truth, what="the rows are those of a fresh list")
        assert client.phase() is ConnectionState.LIVE and not client.tasks
        lanes = [thread.name for thread in threading.enumerate() if thread.name.startswith(uri)]
        assert len(lanes) == len(set(lanes)), "one thread a lane, none left behind"


def known(client: RecordingClient) -> dict[str, tuple[object, ...]]:
    """What the rows say, by UUID."""
    return {
        uuid: (d.name, d.state, d.title, d.autostart, d.tags)
        for uuid, d in client.inventory().domains.items()
    }


def new_ids(uri: str) -> dict[str, tuple[object, ...]]:
    """The same as a connection of its own says it."""
    connection = libvirt.open(uri)
    found = {domain.UUIDString(): _state_of(domain) for domain in connection.listAllDomains()}
    connection.close()
    return found


def _state_of(domain: libvirt.virDomain) -> tuple[object, ...]:
    def metadata(kind: int, space: str | None) -> str:
        try:
            return str(domain.metadata(kind, space))
        except libvirt.libvirtError as error:
            assert error.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN_METADATA
            return ""

    tags = metadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, NAMESPACE)
    return (
        domain.name(),
        translate.state(domain.state()[0]),
        metadata(libvirt.VIR_DOMAIN_METADATA_TITLE, None),
        bool(domain.autostart()),
        read_tags(tags) if tags else (),
    )
