"""Reservations and DNS records on a real dnsmasq, with a guest that asks for its address again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.ears import Ears, listening
from virttui.libvirtxml.network_records import made, records
from virttui.model.commands import Command, Verb
from virttui.model.identity import Kind
from virttui.model.inventory import Network
from virttui.model.network_records import NetworkRecord, RecordKind
from virttui.model.tasks import Task, TaskState
from virttui.persistence import definition_history

from . import guests
from .daemon import Lab
from .test_details import run_inside

pytestmark = pytest.mark.lab

ASK_AGAIN = (
    "for card in /sys/class/net/e*; do "
    "udhcpc -n -q -i ${card##*/} -t 10 -T 1 -s /etc/lease >/dev/null 2>&1; done"
)


def network(ears: Ears) -> Network:
    """The network "default" as it was told last."""
    return ears.wait(lambda: ears.network("default"), what="the network is told")


def put(ears: Ears, verb: Verb, record: NetworkRecord) -> Task:
    """Ask for a record and wait for what comes of it."""
    command = Command(verb, ears.target("default", Kind.NETWORK), record=record)
    return ears.done(ears.fleet.submit([command])[0])


def test_a_lease_becomes_a_reservation_that_the_guest_renews_into(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("handing")
    guests.define_guest(lab, "web")
    guests.wait_booted(lab, "web")
    with listening(lab.uri) as ears:
        ears.listed()
        lease = ears.wait(lambda: network(ears).leases, what="its lease")[0]
        before = network(ears)
        wanted = "192.168.122.77"
        record = made(RecordKind.RESERVATION, [lease.mac, wanted, "web"], before.subnets)
        assert "now and from its next start on" in put(ears, Verb.ADD_RECORD, record).words
        ears.wait(lambda: record in network(ears).records, what="it is told")
        stored = lab.virsh("net-dumpxml", "default", "--inactive")
        assert wanted in stored and [r.name for r in records(stored)] == [lease.mac]
        run_inside(lab, "web", ASK_AGAIN)
        ears.wait(
            lambda: wanted in [one.address for one in network(ears).leases or ()],
            what="the guest has the address that is reserved for it",
        )
        assert [entry.action for entry in definition_history.entries(before.key)] == ["record"]

        assert put(ears, Verb.ADD_RECORD, record).state is TaskState.FAILED
        assert [r.name for r in network(ears).records] == [lease.mac], "nothing came twice"

        host = made(RecordKind.DNS_HOST, ["192.168.122.77", "shop.lab"], before.subnets)
        put(ears, Verb.ADD_RECORD, host)
        ears.wait(lambda: host in network(ears).records, what="the DNS host is told")
        assert wanted in run_inside(lab, "web", "nslookup shop.lab 192.168.122.1 || true")

        for one in (host, record):
            put(ears, Verb.DROP_RECORD, one)
        ears.wait(lambda: not network(ears).records, what="both are gone")
        assert not records(lab.virsh("net-dumpxml", "default", "--inactive"))


def test_a_forwarder_counts_from_the_next_start_on(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("forwarding")
    config = lab.folder / "lib" / "dnsmasq" / "default.conf"
    with listening(lab.uri) as ears:
        ears.listed()
        record = made(RecordKind.FORWARDER, ["10.20.0.53", "corp.example"], network(ears).subnets)
        assert (
            "from its next start on; R restarts it now" in put(ears, Verb.ADD_RECORD, record).words
        )
        ears.wait(lambda: network(ears).waiting == (record,), what="it waits")
        assert "10.20.0.53" not in config.read_text(), "what runs has not heard of it"
        for verb in (Verb.STOP, Verb.START):
            ears.done(ears.do(verb, "default", Kind.NETWORK))
        ears.wait(lambda: record in network(ears).records, what="it is in effect")
        assert "server=/corp.example/10.20.0.53" in config.read_text()
        assert network(ears).waiting == ()

        twice = put(ears, Verb.ADD_RECORD, record)
        assert twice.state is TaskState.FAILED and twice.trouble is not None
        assert "already" in twice.trouble.sentence
        put(ears, Verb.DROP_RECORD, record)
        ears.wait(lambda: network(ears).waiting == (record,), what="it goes at the next start")
        assert "no-ping" in lab.virsh("net-dumpxml", "default", "--inactive"), "the rest is kept"
        assert not records(lab.virsh("net-dumpxml", "default", "--inactive"))
