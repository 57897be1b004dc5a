"""New networks and pools on libvirt's test driver: what is asked first, and each step after."""

from __future__ import annotations

from uuid import uuid4

from tests.arguments import arguments_of
from tests.fleet_client import listening
from virttui.model.commands import Command, DefineArguments, Verb
from virttui.model.errors import Unsupported
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.network_pool import HostEnvironment, PoolSourceSearch
from virttui.model.queries import (
    HostEnvironmentQuery,
    HostEnvironmentResult,
    PoolSourcesQuery,
    PoolSourcesResult,
)
from virttui.model.tasks import TaskState
from virttui.planning.network_pool import network, pool
from virttui.screens.provision.network_pool import IN_SEQUENCE, commands
from virttui.store.network_pool_context import site

URI = "test:///default"


def test_a_network_is_defined_started_and_started_with_its_host() -> None:
    with listening(URI) as client:
        inventory = client.listed()
        client.wait(lambda: client.network("default"), what="the networks are told")
        uuid = str(uuid4())
        here = site(client.inventory(), Kind.NETWORK, HostEnvironment(), uuid)
        assert "default" in here.names and here.used_subnets
        made = commands(
            ObjectId(inventory.host.id, uuid), Kind.NETWORK, network.plan({"name": "lab"}, here)
        )
        ids = client.fleet.submit(made, IN_SEQUENCE)
        assert [client.done(id).state for id in ids] == [TaskState.DONE] * 3
        found = client.wait(
            lambda: (one := client.network("lab")) and one.active and one.autostart and one,
            what="it is active",
        )
        assert found.key.uuid == uuid and found.mode == "nat"


def test_what_cannot_be_defined_is_not_started() -> None:
    with listening(URI) as client:
        inventory = client.listed()
        uuid = str(uuid4())
        here = site(inventory, Kind.NETWORK, HostEnvironment(), uuid)
        plan = network.plan({"name": "never"}, here)
        key = ObjectId(inventory.host.id, uuid)
        define, start, auto = commands(key, Kind.NETWORK, plan)
        error = Command(
            Verb.DEFINE,
            define.target,
            DefineArguments(arguments_of(define, DefineArguments).document, xml="<network/>"),
        )
        ids = client.fleet.submit((error, start, auto), IN_SEQUENCE)
        states = [client.done(id).state for id in ids]
        assert states == [TaskState.FAILED, TaskState.CANCELLED, TaskState.CANCELLED]
        assert client.network("never") is None


def test_a_pool_is_made_and_looked_through() -> None:
    with listening(URI) as client:
        inventory = client.listed()
        uuid = str(uuid4())
        plan = pool.plan({"name": "vms"}, site(inventory, Kind.POOL, HostEnvironment(), uuid))
        made = commands(ObjectId(inventory.host.id, uuid), Kind.POOL, plan)
        assert [one.verb for one in made] == [
            Verb.DEFINE, Verb.BUILD, Verb.START, Verb.AUTOSTART_ON,
        ]  # fmt: skip
        ids = client.fleet.submit(made, IN_SEQUENCE)
        assert [client.done(id).state for id in ids] == [TaskState.DONE] * 4
        client.wait(lambda: (one := client.pool("vms")) and one.active, what="it is active")
        assert client.done(client.do(Verb.REFRESH, "vms", Kind.POOL)).state is TaskState.DONE


def test_what_the_driver_does_not_tell_is_left_open() -> None:
    with listening(URI) as client:
        inventory = client.listed()
        key = ObjectId(inventory.host.id, "")
        told = client.answer(HostEnvironmentQuery(key), HostEnvironmentResult).environment
        assert told is not None
        assert told.pools is None and told.routes == () and told.cards == ("eth1",)


def test_what_a_pool_could_be_made_of_is_looked_for() -> None:
    with listening(URI) as client:
        key = ObjectId(client.listed().host.id, "")
        groups = client.answer(
            PoolSourcesQuery(key, PoolSourceSearch("logical"), serial=1), PoolSourcesResult
        )
        assert [one.name for one in groups.sources] == ["testvg1", "testvg2"]
        shares = PoolSourcesQuery(key, PoolSourceSearch("netfs", "nas01"), serial=2)
        assert {one.format for one in client.answer(shares, PoolSourcesResult).sources} == {"nfs"}
        unable = client.answer(
            PoolSourcesQuery(key, PoolSourceSearch("iscsi", "san"), serial=3), PoolSourcesResult
        )
        assert isinstance(unable.error, Unsupported)
