"""Reservations and DNS records on a real dnsmasq, with a guest that asks for its address again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.domains.test_details import run_inside
from virttui.libvirtxml.network_records import record_of, records
from virttui.model.commands import Command, Verb
from virttui.model.identity import Kind
from virttui.model.inventory import Network
from virttui.model.network_records import NetworkRecord, RecordKind
from virttui.model.tasks import Task, TaskState
from virttui.persistence import definition_history

pytestmark = pytest.mark.lab

ASK_AGAIN = (
    "for card in /sys/class/net/e*; do "
    "udhcpc -n -q -i ${card##*/} -t 10 -T 1 -s /etc/lease >/dev/null 2>&1; done"
)


def network(client: RecordingClient) -> Network:
    """The network "default" as it was told last."""
    return client.wait(lambda: client.network("default"), what="the network is told")


def put(client: RecordingClient, verb: Verb, record: NetworkRecord) -> Task:
    """Ask for a record and wait for what comes of it."""
    command = Command(verb, client.target("default", Kind.NETWORK), record)
    return client.done(client.fleet.submit([command])[0])


def test_a_lease_becomes_a_reservation_that_the_guest_renews_into(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("handing")
    guests.define_guest(lab, "web")
    guests.wait_booted(lab, "web")
    with listening(lab.uri) as client:
        client.listed()
        lease = client.wait(lambda: network(client).leases, what="its lease")[0]
        before = network(client)
        wanted = "192.168.122.77"
        record = record_of(RecordKind.RESERVATION, [lease.mac, wanted, "web"], before.subnets)
        assert "now and from its next start on" in put(client, Verb.ADD_RECORD, record).words
        client.wait(lambda: record in network(client).records, what="it is told")
        stored = lab.virsh("net-dumpxml", "default", "--inactive")
        assert wanted in stored and [r.name for r in records(stored)] == [lease.mac]
        run_inside(lab, "web", ASK_AGAIN)
        client.wait(
            lambda: wanted in [one.address for one in network(client).leases or ()],
            what="the guest has the address that is reserved for it",
        )
        assert [entry.action for entry in definition_history.versions_of_key(before.key)] == [
            "record"
        ]

        assert put(client, Verb.ADD_RECORD, record).state is TaskState.FAILED
        assert [r.name for r in network(client).records] == [lease.mac], "nothing came twice"

        host = record_of(RecordKind.DNS_HOST, ["192.168.122.77", "shop.lab"], before.subnets)
        put(client, Verb.ADD_RECORD, host)
        client.wait(lambda: host in network(client).records, what="the DNS host is told")
        assert wanted in run_inside(lab, "web", "nslookup shop.lab 192.168.122.1 || true")

        for one in (host, record):
            put(client, Verb.DELETE_RECORD, one)
        client.wait(lambda: not network(client).records, what="both are gone")
        assert not records(lab.virsh("net-dumpxml", "default", "--inactive"))


def test_a_forwarder_counts_from_the_next_start_on(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("forwarding")
    config = lab.folder / "lib" / "dnsmasq" / "default.conf"
    with listening(lab.uri) as client:
        client.listed()
        record = record_of(
            RecordKind.FORWARDER, ["10.20.0.53", "corp.example"], network(client).subnets
        )
        assert (
            "from its next start on; R restarts it now"
            in put(client, Verb.ADD_RECORD, record).words
        )
        client.wait(lambda: network(client).waiting == (record,), what="it waits")
        assert "10.20.0.53" not in config.read_text(), "what runs has not heard of it"
        for verb in (Verb.STOP, Verb.START):
            client.done(client.do(verb, "default", Kind.NETWORK))
        client.wait(lambda: record in network(client).records, what="it is in effect")
        assert "server=/corp.example/10.20.0.53" in config.read_text()
        assert network(client).waiting == ()

        twice = put(client, Verb.ADD_RECORD, record)
        assert twice.state is TaskState.FAILED and twice.trouble is not None
        assert "already" in twice.trouble.message
        put(client, Verb.DELETE_RECORD, record)
        client.wait(lambda: network(client).waiting == (record,), what="it goes at the next start")
        assert "no-ping" in lab.virsh("net-dumpxml", "default", "--inactive"), "the rest is kept"
        assert not records(lab.virsh("net-dumpxml", "default", "--inactive"))
