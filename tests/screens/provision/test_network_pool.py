"""New networks and pools: a form, what it comes to, and nothing made before the last key."""

from __future__ import annotations

from msgspec.structs import replace
from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes.running_app import RunningApp, ScriptedBackend, running_app
from virttui.modals.base.confirm import ConfirmDialog
from virttui.modals.provision.network_pool_form import NetworkPoolDialog
from virttui.modals.provision.review import ReviewDialog
from virttui.model.commands import Command, DefineArguments, Verb
from virttui.model.errors import Refused, TimedOut
from virttui.model.identity import Kind
from virttui.model.provision.network_pool import (
    HostEnvironment,
    PoolSource,
    PoolSourceSearch,
    Route,
)
from virttui.model.queries import (
    HostEnvironmentQuery,
    HostEnvironmentResult,
    PoolSourcesQuery,
    PoolSourcesResult,
    Query,
)

AROUND = HostEnvironment(
    (Route("192.168.100.0/24", "eth0"),),
    ("br0",),
    ("eth0", "eth1"),
    ("dir", "fs", "logical", "netfs"),
)


def knowing(backend: ScriptedBackend, answer: HostEnvironment | None = AROUND) -> None:
    """Answer as a host does, or in vain."""

    def told(query: Query) -> None:
        backend.queries.append(query)
        if isinstance(query, PoolSourcesQuery):
            return
        if not isinstance(query, HostEnvironmentQuery):
            backend.publish(backend.answer(query))
        elif answer is not None:
            backend.publish(HostEnvironmentResult(query, environment=answer))
        else:
            backend.publish(HostEnvironmentResult(query, error=TimedOut("kvm01 does not answer")))

    backend.asked = told


async def form(made: RunningApp, pane: str) -> None:
    await made.press(pane, "n")
    await made.wait_for(lambda: isinstance(made.app.screen, NetworkPoolDialog), "the form")
    await made.wait_for(lambda: "enter" in made.text("keys"), "its fields")
    await made.settle()


def value(made: RunningApp) -> str:
    return made.app.screen.query_one(Input).value


async def agreed(made: RunningApp) -> list[Command]:
    await made.press("enter")
    assert isinstance(made.top(), ReviewDialog), made.screen_text()
    assert made.backend.commands == []
    await made.press("a")
    return made.backend.commands


async def test_a_network_needs_no_more_than_two_keys() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made, "2")
        assert "192.168.101.0/24" in made.text("foot"), "the host has a route to the one before"
        assert "nothing outside can" in made.text("foot")
        define, start, auto = await agreed(made)
        assert (define.verb, start.verb, auto.verb) == (
            Verb.DEFINE, Verb.START, Verb.AUTOSTART_ON,
        )  # fmt: skip
        definition = arguments_of(define, DefineArguments)
        assert definition.base is None and definition.document is not None
        assert definition.document.key.uuid in definition.xml and start.target == define.target
        assert made.backend.paces[-1].stop_at_failure


async def test_a_clash_is_said_while_it_is_typed_and_goes_nowhere() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made, "2")
        await made.press("tab", "tab", "ctrl+u")
        await made.type("192.168.100.0/24")
        assert "clashes with the host's route to 192.168.100.0/24 by eth0" in made.text("foot")
        await made.press("enter")
        assert isinstance(made.top(), NetworkPoolDialog)
        await made.press("escape")
        assert made.top() is made.console and made.backend.commands == []


async def test_each_mode_has_its_fields_and_says_what_it_means() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made, "2")
        await made.press("tab")
        await made.type("macvtap")
        assert "the host cannot reach them" in made.text("foot")
        assert "eth0" in made.text("foot") and "192.168" not in made.text("foot")
        await made.press("ctrl+u")
        await made.type("ovs")
        assert "bridge is missing" in made.text("foot")
        assert "Open vSwitch bridge, and get" in made.text("foot"), "what it means is said anyhow"
        await made.press("ctrl+u")
        await made.type("bridge")
        assert "br0" in made.text("foot") and "beside the host" in made.text("foot")


async def test_back_from_the_review_keeps_what_was_typed() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made, "2")
        await made.press("ctrl+u")
        await made.type("shop")
        await made.press("enter")
        assert "<name>shop</name>" in made.text("body") and "net-define" in made.text("body")
        uuid = made.text("body").partition("<uuid>")[2][:36]
        await made.press("escape")
        await made.wait_for(lambda: "enter" in made.text("keys"), "the form again")
        assert value(made) == "shop"
        define, *_ = await agreed(made)
        assert define.target.name == "shop" and define.target.key.uuid == uuid


async def test_the_review_scrolls_where_there_is_no_room() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made, "2")
        await made.press("enter")
        assert "<network>" in made.text("body") and "more, ↓" in made.text("body")
        assert "net-autostart" not in made.text("body")
        for _ in range(20):
            await made.press("down")
        assert "net-autostart" in made.text("body") and "more, ↓" not in made.text("body")
        await made.press("enter")
        assert isinstance(made.top(), NetworkPoolDialog), "enter goes back"


async def test_a_pool_is_defined_prepared_and_started() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made, "3")
        await made.press("ctrl+u")
        await made.type("vms")
        assert "/srv/libvirt/vms" in made.text("foot"), "the folder follows the name"
        verbs = [command.verb for command in await agreed(made)]
        assert verbs == [Verb.DEFINE, Verb.BUILD, Verb.START, Verb.AUTOSTART_ON]


async def test_only_the_types_of_this_host_are_offered() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made, "3")
        await made.press("tab")
        assert "dir  fs  netfs  logical" in made.text("foot") and "rbd" not in made.text("foot")
        await made.type("logical")
        await made.press("enter")
        assert "its name is missing" in made.text("foot") and value(made) == ""
        await made.type("vg0")
        commands = await agreed(made)
        assert Verb.BUILD not in [command.verb for command in commands]


async def test_without_an_answer_the_form_goes_on() -> None:
    async with running_app() as made:
        knowing(made.backend, None)
        await form(made, "2")
        assert "192.168.100.0/24" in made.text("foot")


async def test_a_read_only_run_makes_nothing() -> None:
    async with running_app(read_only=True) as made:
        await made.press("2", "n")
        assert made.top() is made.console
        assert "read-only" in made.text("answer")


async def test_a_pool_is_looked_through_by_a_key_and_by_its_name() -> None:
    async with running_app() as made:
        await made.press("3", "r")
        (command,) = made.backend.commands
        assert command.verb is Verb.REFRESH and command.target.kind is Kind.POOL
        await made.press("colon")
        await made.type(f"refresh pool {command.target.name}")
        await made.press("enter")
        assert [one.verb for one in made.backend.commands] == [Verb.REFRESH] * 2


async def test_who_is_on_a_network_is_listed_before_it_stops() -> None:
    async with running_app((80, 24)) as made:
        inventory = next(iter(made.view_state.fleet_state.inventories.values()))
        used = {nic.source for one in inventory.domains.values() for nic in one.nics}
        network = next(one for one in inventory.networks.values() if one.name in used)
        on_it = [
            (one, nic)
            for one in inventory.domains.values()
            for nic in one.nics
            if nic.source == network.name
        ]
        await made.press("2")
        assert made.view_state.view.cursor.jump(network.key, made.view_state.height)
        made.console.paint()
        await made.press("S")
        assert isinstance(made.top(), ConfirmDialog)
        seen = made.text("body")
        for _ in on_it:
            await made.press("down")
            seen += made.text("body")
        for domain, nic in on_it:
            assert domain.name[:8] in seen and nic.mac in seen
        assert made.app.screen.query_one("#body").region.bottom <= 24
        await made.press("escape")
        off = replace(network, active=False)
        await made.publish(replace(inventory, networks={**inventory.networks, off.key.uuid: off}))
        await made.press("U")
        assert "start without it" in made.text("body")


async def test_shares_of_a_server_are_offered_once_it_was_typed() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made, "3")
        await made.press("tab")
        await made.type("netfs")
        await made.press("tab")
        assert sought(made) == []
        await made.type("nas01")
        assert sought(made) == [], "not for each letter"
        await made.press("tab")
        assert [one.search for one in sought(made)] == [PoolSourceSearch("netfs", "nas01")]
        assert "looking on nas01" in made.text("note")
        late = replace(sought(made)[0], search=PoolSourceSearch("netfs", "nas"))
        made.backend.publish(PoolSourcesResult(late, sources=(PoolSource(dir="/wrong"),)))
        made.backend.publish(
            PoolSourcesResult(sought(made)[0], sources=(PoolSource(dir="/vms", format="nfs"),))
        )
        await made.settle()
        assert "1 found on nas01" in made.text("note") and "/wrong" not in made.text("foot")
        assert value(made) == "", "none is taken by itself"
        await made.press("right")
        assert value(made) == "/vms" and len(sought(made)) == 1


async def test_what_cannot_be_looked_for_is_said_and_can_be_typed() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made, "3")
        await made.press("tab")
        await made.type("logical")
        await made.press("tab")
        (asked,) = sought(made)
        why = Refused("the host has no pvs (lvm2), which libvirt looks with")
        made.backend.publish(PoolSourcesResult(asked, error=why))
        await made.settle()
        assert "The host has no pvs (lvm2)" in made.text("foot")
        await made.type("vg0")
        assert "source" in arguments_of((await agreed(made))[0], DefineArguments).xml


def sought(made: RunningApp) -> list[PoolSourcesQuery]:
    return made.backend.queries_of(PoolSourcesQuery)
