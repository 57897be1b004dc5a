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


def knowing(backend: ScriptedBackend, environment: HostEnvironment | None = AROUND) -> None:
    """Answer as a host does, or in vain."""

    def answer(query: Query) -> None:
        backend.queries.append(query)
        if isinstance(query, PoolSourcesQuery):
            return
        if not isinstance(query, HostEnvironmentQuery):
            backend.publish(backend.answer(query))
        elif environment is not None:
            backend.publish(HostEnvironmentResult(query, environment=environment))
        else:
            backend.publish(HostEnvironmentResult(query, error=TimedOut("kvm01 does not answer")))

    backend.asked = answer


async def form(ui: RunningApp, pane: str) -> None:
    await ui.press(pane, "n")
    await ui.wait_for(lambda: isinstance(ui.app.screen, NetworkPoolDialog), "the form")
    await ui.wait_for(lambda: "enter" in ui.text("keys"), "its fields")
    await ui.settle()


def value(ui: RunningApp) -> str:
    return ui.app.screen.query_one(Input).value


async def agreed(ui: RunningApp) -> list[Command]:
    await ui.press("enter")
    assert isinstance(ui.top(), ReviewDialog), ui.screen_text()
    assert ui.backend.commands == []
    await ui.press("a")
    return ui.backend.commands


async def test_a_network_needs_no_more_than_two_keys() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui, "2")
        assert "192.168.101.0/24" in ui.text("foot"), "the host has a route to the one before"
        assert "nothing outside can" in ui.text("foot")
        define, start, auto = await agreed(ui)
        assert (define.verb, start.verb, auto.verb) == (
            Verb.DEFINE, Verb.START, Verb.AUTOSTART_ON,
        )  # fmt: skip
        definition = arguments_of(define, DefineArguments)
        assert definition.base is None and definition.document is not None
        assert definition.document.key.uuid in definition.xml and start.target == define.target
        assert ui.backend.paces[-1].stop_at_failure


async def test_a_clash_is_said_while_it_is_typed_and_goes_nowhere() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui, "2")
        await ui.press("tab", "tab", "ctrl+u")
        await ui.type("192.168.100.0/24")
        assert "clashes with the host's route to 192.168.100.0/24 by eth0" in ui.text("foot")
        await ui.press("enter")
        assert isinstance(ui.top(), NetworkPoolDialog)
        await ui.press("escape")
        assert ui.top() is ui.console and ui.backend.commands == []


async def test_each_mode_has_its_fields_and_says_what_it_means() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui, "2")
        await ui.press("tab")
        await ui.type("macvtap")
        assert "the host cannot reach them" in ui.text("foot")
        assert "eth0" in ui.text("foot") and "192.168" not in ui.text("foot")
        await ui.press("ctrl+u")
        await ui.type("ovs")
        assert "bridge is missing" in ui.text("foot")
        assert "Open vSwitch bridge, and get" in ui.text("foot"), "what it means is said anyhow"
        await ui.press("ctrl+u")
        await ui.type("bridge")
        assert "br0" in ui.text("foot") and "beside the host" in ui.text("foot")


async def test_back_from_the_review_keeps_what_was_typed() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui, "2")
        await ui.press("ctrl+u")
        await ui.type("shop")
        await ui.press("enter")
        assert "<name>shop</name>" in ui.text("body") and "net-define" in ui.text("body")
        uuid = ui.text("body").partition("<uuid>")[2][:36]
        await ui.press("escape")
        await ui.wait_for(lambda: "enter" in ui.text("keys"), "the form again")
        assert value(ui) == "shop"
        define, *_ = await agreed(ui)
        assert define.target.name == "shop" and define.target.key.uuid == uuid


async def test_the_review_scrolls_where_there_is_no_room() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui, "2")
        await ui.press("enter")
        assert "<network>" in ui.text("body") and "more, ↓" in ui.text("body")
        assert "net-autostart" not in ui.text("body")
        for _ in range(20):
            await ui.press("down")
        assert "net-autostart" in ui.text("body") and "more, ↓" not in ui.text("body")
        await ui.press("enter")
        assert isinstance(ui.top(), NetworkPoolDialog), "enter goes back"


async def test_a_pool_is_defined_prepared_and_started() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui, "3")
        await ui.press("ctrl+u")
        await ui.type("vms")
        assert "/srv/libvirt/vms" in ui.text("foot"), "the folder follows the name"
        verbs = [command.verb for command in await agreed(ui)]
        assert verbs == [Verb.DEFINE, Verb.BUILD, Verb.START, Verb.AUTOSTART_ON]


async def test_only_the_types_of_this_host_are_offered() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui, "3")
        await ui.press("tab")
        assert "dir  fs  netfs  logical" in ui.text("foot") and "rbd" not in ui.text("foot")
        await ui.type("logical")
        await ui.press("enter")
        assert "its name is missing" in ui.text("foot") and value(ui) == ""
        await ui.type("vg0")
        commands = await agreed(ui)
        assert Verb.BUILD not in [command.verb for command in commands]


async def test_without_an_answer_the_form_goes_on() -> None:
    async with running_app() as ui:
        knowing(ui.backend, None)
        await form(ui, "2")
        assert "192.168.100.0/24" in ui.text("foot")


async def test_a_read_only_run_makes_nothing() -> None:
    async with running_app(read_only=True) as ui:
        await ui.press("2", "n")
        assert ui.top() is ui.console
        assert "read-only" in ui.text("answer")


async def test_a_pool_is_looked_through_by_a_key_and_by_its_name() -> None:
    async with running_app() as ui:
        await ui.press("3", "r")
        (command,) = ui.backend.commands
        assert command.verb is Verb.REFRESH and command.target.kind is Kind.POOL
        await ui.press("colon")
        await ui.type(f"refresh pool {command.target.name}")
        await ui.press("enter")
        assert [one.verb for one in ui.backend.commands] == [Verb.REFRESH] * 2


async def test_who_is_on_a_network_is_listed_before_it_stops() -> None:
    async with running_app((80, 24)) as ui:
        inventory = next(iter(ui.view_state.fleet_state.inventories.values()))
        used = {nic.source for one in inventory.domains.values() for nic in one.nics}
        network = next(one for one in inventory.networks.values() if one.name in used)
        on_it = [
            (one, nic)
            for one in inventory.domains.values()
            for nic in one.nics
            if nic.source == network.name
        ]
        await ui.press("2")
        assert ui.view_state.view.cursor.jump(network.key, ui.view_state.height)
        ui.console.paint()
        await ui.press("S")
        assert isinstance(ui.top(), ConfirmDialog)
        seen = ui.text("body")
        for _ in on_it:
            await ui.press("down")
            seen += ui.text("body")
        for domain, nic in on_it:
            assert domain.name[:8] in seen and nic.mac in seen
        assert ui.app.screen.query_one("#body").region.bottom <= 24
        await ui.press("escape")
        off = replace(network, active=False)
        await ui.publish(replace(inventory, networks={**inventory.networks, off.key.uuid: off}))
        await ui.press("U")
        assert "start without it" in ui.text("body")


async def test_shares_of_a_server_are_offered_once_it_was_typed() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui, "3")
        await ui.press("tab")
        await ui.type("netfs")
        await ui.press("tab")
        assert sought(ui) == []
        await ui.type("nas01")
        assert sought(ui) == [], "not for each letter"
        await ui.press("tab")
        assert [one.search for one in sought(ui)] == [PoolSourceSearch("netfs", "nas01")]
        assert "looking on nas01" in ui.text("note")
        late = replace(sought(ui)[0], search=PoolSourceSearch("netfs", "nas"))
        ui.backend.publish(PoolSourcesResult(late, sources=(PoolSource(dir="/wrong"),)))
        ui.backend.publish(
            PoolSourcesResult(sought(ui)[0], sources=(PoolSource(dir="/vms", format="nfs"),))
        )
        await ui.settle()
        assert "1 found on nas01" in ui.text("note") and "/wrong" not in ui.text("foot")
        assert value(ui) == "", "none is taken by itself"
        await ui.press("right")
        assert value(ui) == "/vms" and len(sought(ui)) == 1


async def test_what_cannot_be_looked_for_is_said_and_can_be_typed() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui, "3")
        await ui.press("tab")
        await ui.type("logical")
        await ui.press("tab")
        (asked,) = sought(ui)
        why = Refused("the host has no pvs (lvm2), which libvirt looks with")
        ui.backend.publish(PoolSourcesResult(asked, error=why))
        await ui.settle()
        assert "The host has no pvs (lvm2)" in ui.text("foot")
        await ui.type("vg0")
        assert "source" in arguments_of((await agreed(ui))[0], DefineArguments).xml


def sought(ui: RunningApp) -> list[PoolSourcesQuery]:
    return ui.backend.queries_of(PoolSourcesQuery)
