"""A network that stops and starts under real guests, and a dnsmasq that dies: told, and mended."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import libvirt
import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab import guests
from tests.lab.daemon import Lab
from tests.lab.domains.test_details import run_inside
from virttui.hypervisor.polling.slow_reader import DefinitionReader
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind
from virttui.model.inventory import Network
from virttui.model.tasks import Task, TaskState
from virttui.persistence import definition_history
from virttui.screens.provision.network_pool import IN_SEQUENCE

pytestmark = pytest.mark.lab

GATEWAY = "192.168.122.1"
PING = f"ping -c 1 -W 1 {GATEWAY} >/dev/null 2>&1 && echo there || echo nobody"
NAMES = ("one", "two", "three")


def network(client: RecordingClient) -> Network:
    """The network "default" as it was told last."""
    return client.wait(lambda: client.network("default"), what="the network is told")


def in_a_row(client: RecordingClient, *verbs: Verb) -> list[str]:
    """Ask for verbs on "default", each when the one before is done; what came of them."""
    target = client.target("default", Kind.NETWORK)
    ids = client.fleet.submit([Command(verb, target) for verb in verbs], IN_SEQUENCE)
    tasks = [client.done(id, 30) for id in ids]
    assert {task.state for task in tasks} == {TaskState.DONE}, tasks
    return [task.words for task in tasks]


def seen_from_afar(lab: Lab) -> Network:
    """The network as a host far away tells of it: by ports alone."""
    connection = libvirt.open(lab.uri)
    try:
        detail = DefinitionReader("far")
        uuids = [domain.UUIDString() for domain in connection.listAllDomains(0)]
        detail.definitions(connection, uuids)
        found = detail.networks(connection).values()
        return next(one for one in found if one.name == "default")
    finally:
        connection.close()


def test_guests_get_their_link_back_after_their_network_was_restarted(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("plugging")
    for name in NAMES:
        guests.define_guest(lab, name)
    for name in NAMES:
        guests.wait_booted(lab, name)
    # Who names the bridge itself has no port, and loses its link as well.
    lab.virsh("attach-interface", "one", "bridge", "virbr0", "--model", "virtio", "--live")
    with listening(lab.uri) as client:
        client.listed()
        assert {run_inside(lab, name, PING).strip() for name in NAMES} == {"there"}
        assert network(client).unplugged == frozenset() == seen_from_afar(lab).unplugged

        in_a_row(client, Verb.STOP, Verb.START)
        client.wait(
            lambda: len(network(client).unplugged) == 4, what="four NICs are without a link"
        )
        assert len(seen_from_afar(lab).unplugged) == 3, "by ports, which a bridge's have not"
        assert {run_inside(lab, name, PING).strip() for name in NAMES} == {"nobody"}

        assert in_a_row(client, Verb.REATTACH_NICS) == ["4 NICs reattached"]
        client.wait(lambda: not network(client).unplugged, what="all of them are plugged in")
        assert {run_inside(lab, name, PING).strip() for name in NAMES} == {"there"}
        assert not seen_from_afar(lab).unplugged

        before = lab.virsh("dumpxml", "two")
        said = in_a_row(client, Verb.STOP, Verb.START, Verb.REATTACH_NICS)
        assert said[-1] == "4 NICs reattached"
        assert {run_inside(lab, name, PING).strip() for name in NAMES} == {"there"}
        address = guests.address(lab, "two")
        run_inside(lab, "two", "for card in /sys/class/net/e*; do udhcpc -n -q -i ${card##*/} "
                   "-t 10 -T 1 -s /etc/lease >/dev/null 2>&1; done")  # fmt: skip
        assert guests.address(lab, "two") == address, "its lease is renewed, not another one"
        assert _without_port(lab.virsh("dumpxml", "two")) == _without_port(before)
        assert "parking" not in lab.virsh("net-list", "--all"), "nothing is left behind"


def _without_port(xml: str) -> list[str]:
    return [line for line in xml.splitlines() if "portid" not in line]


def test_a_dnsmasq_that_dies_is_told_and_a_restart_mends_it(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("serving")
    with listening(lab.uri) as client:
        client.listed()
        found = network(client).dnsmasq
        assert found is not None and found.pid is not None
        config = Path(str(lab.folder / "lib" / "dnsmasq" / "default.conf"))
        assert found.config.endswith("/dnsmasq/default.conf") and config.exists()
        for end in (signal.SIGKILL, signal.SIGTERM):
            pid = getattr(network(client).dnsmasq, "pid", 0)
            assert pid in lab.pids, "it is the lab's own"
            os.kill(pid, end)
            client.fleet.refresh()
            client.wait(
                lambda: getattr(network(client).dnsmasq, "pid", 0) is None,
                what="its dnsmasq is gone, though libvirt calls the network active",
            )
            assert network(client).active
            in_a_row(client, Verb.STOP, Verb.START)
            client.wait(
                lambda: getattr(network(client).dnsmasq, "pid", None), what="a new one runs"
            )
    assert seen_from_afar(lab).dnsmasq is None, "of a host far away nothing is claimed"


FILTER = "<filter name='{}' chain='root'>{}</filter>"


def test_ports_bindings_and_filters_are_told_and_a_filter_in_use_stays(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("filters")
    for name, inside in (("inner", ""), ("outer", "<filterref filter='inner'/>"), ("free", "")):
        lab.virsh("nwfilter-define", "/dev/stdin", text=FILTER.format(name, inside))
    guests.define_still(lab, "one")
    nic = (
        "<interface type='network'><source network='default'/><model type='virtio'/>"
        "<filterref filter='outer'/></interface>"
    )
    lab.virsh("attach-device", "one", "/dev/stdin", "--live", text=nic)
    with listening(lab.uri) as client:
        client.listed()
        one = client.when(lambda: client.domain("one"), lambda d: d.nics, what="its NIC is read")
        (card,) = one.nics
        assert card.filter == "outer"
        key = network(client).key
        documents = client.documents(Kind.NETWORK, key)
        port = next(found for found in documents if found.kind is Kind.NETWORK_PORT)
        bound = next(found for found in documents if found.kind is Kind.NWFILTER_BINDING)
        assert port.part == card.port and (bound.name, bound.part) == (card.target, "outer")
        for document, words in ((port, "<owner>"), (bound, "<portdev name=")):
            found = client.read(document)
            assert words in found.stored and found.why_not, found
        filters = {found.name: found for found in documents if found.kind is Kind.NWFILTER}

        def delete(name: str) -> Task:
            target = Target(Kind.NWFILTER, filters[name].key, name)
            return client.done(client.fleet.submit([Command(Verb.DELETE, target)])[0])

        refused = delete("outer").trouble
        assert refused is not None and refused.message == "NICs of one use it"
        refused = delete("inner").trouble
        assert refused is not None and refused.message == "outer refers to it"
        assert delete("free").state is TaskState.DONE
        assert "free" not in lab.virsh("nwfilter-list")
        assert "free" in "".join(
            map(definition_history.text, definition_history.versions_of(filters["free"]))
        )

        in_a_row(client, Verb.STOP, Verb.START, Verb.REATTACH_NICS)
        assert "outer" in lab.virsh("nwfilter-binding-list"), "it is plugged in with its filter"
