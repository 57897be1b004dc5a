"""Hosts that are asked, silent, lost or denied; the first-run page; a terminal too small."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.modals.base.open_host import HostDialog
from virttui.model.backend import HostSpec
from virttui.model.errors import HostDenied, HostLost
from virttui.model.inventory import ConnectionState, HostState, Inventory
from virttui.screens.base.too_small import SmallScreen
from virttui.screens.main.first_run import FirstRunScreen

LOCAL = (HostSpec("qemu:///system", "qemu:///system"),)


def dead(phase: ConnectionState = ConnectionState.LOST, id: str = "qemu:///system") -> Inventory:
    trouble = HostDenied(
        "socket is there, but user lee may not use it",
        advice="sudo usermod -aG libvirt lee, then log in again",
        libvirt_message="authentication unavailable: no polkit agent",
    )
    host = HostState(
        id, id, "localhost", phase, since_at=fleet.NOW - 3, trouble=trouble,
        next_try_at=fleet.NOW + 8,
    )  # fmt: skip
    return Inventory(host, fleet.NOW)


async def test_before_the_first_answer_the_list_says_what_it_waits_for() -> None:
    clock = FixedClock()
    async with running_app(messages=[], clock=clock) as ui:
        clock.moved = 3
        ui.app.update_screen()
        assert "asking kvm01, kvm02 and edge1 for their domains, 3 s" in ui.text("table")
        assert "» asking 3s" in ui.text("top")


async def test_an_empty_host_says_so() -> None:
    empty = replace(fleet.small("kvm01", []), listed=True)
    async with running_app(messages=[empty], hosts=(fleet.SPECS[0],)) as ui:
        assert "no domains on kvm01" in ui.text("table")
        await ui.press("3")
        assert "no pools on kvm01" in ui.text("table")
        await ui.press("5")
        assert "no tasks yet" in ui.text("table")


async def test_rows_of_a_silent_host_stay_with_their_age() -> None:
    async with running_app() as ui:
        ui.put_cursor("ci-runner-01")
        await ui.publish(fleet.silent(fleet.inventory("kvm02")))
        row = next(line for line in ui.text("table").splitlines() if "ci-runner-01" in line)
        assert "● running   42s" in row
        assert "? silent 42s" in ui.text("top")
        assert ui.text("answer") == (
            " kvm02  has not answered for 42 s; its rows are from 03:13:40."
            " Next try in 6 s, ctrl+r tries now"
        )
        assert "ctrl+r try now" in ui.text("keys")
        await ui.press("S")
        assert "kvm02 does not answer" in ui.text("answer")
        assert ui.backend.commands == []


async def test_needs_attention_counts_the_host_and_not_its_rows() -> None:
    async with running_app() as ui:
        assert "! 5 need attention" in ui.text("top")
        await ui.publish(fleet.silent(fleet.inventory("kvm02")))
        assert "! 4 need attention" in ui.text("top")
        assert ui.names()[0] == "legacy-crm-2011"


async def test_a_dead_host_that_was_named_is_shown_failed() -> None:
    async with running_app(messages=[dead()], hosts=LOCAL, explicit=True) as ui:
        assert ui.app.screen is ui.console
        assert "× lost" in ui.text("top")
        assert "socket is there, but user lee may not use it" in ui.text("table")


async def test_a_denied_host_says_what_to_do() -> None:
    async with running_app(
        messages=[dead(ConnectionState.DENIED)], hosts=LOCAL, explicit=True
    ) as ui:
        assert "! denied" in ui.text("top")
        assert "virttui doctor says what is missing" in ui.text("table")


async def first_run(ui: RunningApp) -> None:
    await ui.wait_for(lambda: isinstance(ui.app.screen, FirstRunScreen), "the first-run page")
    await ui.settle()


async def test_nothing_reachable_opens_the_first_run_page() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as ui:
        await first_run(ui)
        page = ui.text("page")
        for words in ("no libvirt answers yet", "what was tried", "qemu:///system",
                      "socket is there", "$LIBVIRT_DEFAULT_URI", "the fix",
                      "sudo usermod -aG libvirt lee", "next in 8 s"):  # fmt: skip
            assert words in page
        assert "authentication unavailable" in ui.text("answer")
        await ui.press("t")
        assert ui.backend.refreshed == 1


async def test_d_opens_the_demo() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as ui:
        await first_run(ui)
        await ui.press("d")
        await ui.wait_for(lambda: len(ui.backends) == 2, "the demo")
        assert ui.backend.hosts[0].id == "demo"
        await ui.wait_for(lambda: ui.app.screen is ui.console, "the console")
        await ui.publish(fleet.small("demo", ["fedora"]))
        assert "fedora" in ui.text("table")


async def test_enter_on_the_first_way_is_the_demo() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as ui:
        await first_run(ui)
        await ui.press("down", "up", "enter")
        await ui.wait_for(lambda: len(ui.backends) == 2, "the demo")


async def test_another_host_is_typed() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as ui:
        await first_run(ui)
        await ui.press("h")
        assert isinstance(ui.app.screen, HostDialog)
        await ui.type("me@far")
        await ui.press("enter")
        await ui.wait_for(lambda: len(ui.backends) == 2, "the other host")
        assert ui.backend.hosts[0].uri == "qemu+ssh://me@far"


async def test_the_first_run_page_goes_when_a_host_answers() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as ui:
        await first_run(ui)
        live = fleet.small("qemu:///system", ["one"])
        await ui.publish(live)
        await ui.wait_for(lambda: ui.app.screen is ui.console, "the console")
        assert "one" in ui.text("table")


async def test_q_quits_from_the_first_run_page() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as ui:
        await first_run(ui)
        await ui.press("q")
        assert ui.app._exit


async def test_one_live_host_of_two_is_no_first_run() -> None:
    hosts = (*LOCAL, fleet.SPECS[0])
    async with running_app(messages=[dead(), fleet.inventory("kvm01")], hosts=hosts) as ui:
        await ui.settle()
        assert ui.app.screen is ui.console


async def test_a_terminal_too_small_says_what_is_needed() -> None:
    async with running_app((39, 9)) as ui:
        await ui.wait_for(lambda: isinstance(ui.app.screen, SmallScreen), "the small page")
        await ui.settle()
        assert "virttui needs 40x10, this is 39x9" in " ".join(ui.text("page").split("\n"))
        await ui.pilot.resize_terminal(80, 24)
        await ui.wait_for(lambda: ui.app.screen is ui.console, "the console")
        assert "db-replica-02" in ui.text("table")
        await ui.pilot.resize_terminal(20, 5)
        await ui.wait_for(lambda: isinstance(ui.app.screen, SmallScreen), "the small page")
        await ui.press("q")
        assert ui.app._exit


async def test_resizing_lays_out_anew() -> None:
    async with running_app((80, 24)) as ui:
        await ui.pilot.resize_terminal(120, 36)
        await ui.wait_for(lambda: "[ ] window" in ui.text("below"), "the drawer")
        await ui.pilot.resize_terminal(80, 24)
        await ui.wait_for(lambda: not ui.console.query_one("#below").display, "no drawer")
        assert ui.console.query_one("#answer").region.y == 22


async def test_more_hosts_than_lines_are_counted() -> None:
    hosts = [HostSpec(f"h{number:02}", "test:///x", f"h{number:02}") for number in range(12)]
    messages = [fleet.small(spec.id, [f"vm-{spec.id}"]) for spec in hosts]
    trouble = replace(
        messages[9].host, phase=ConnectionState.LOST, trouble=HostLost("connection broke"),
        answered_at=fleet.NOW - 60,
    )  # fmt: skip
    messages[9] = replace(messages[9], host=trouble)
    async with running_app((80, 24), messages, hosts) as ui:
        lines = ui.text("top").splitlines()
        assert len(lines) == 4
        assert lines[1].startswith(" h09")
        assert lines[3] == " and 10 more, all live"


async def test_messages_of_a_backend_that_was_closed_are_dropped() -> None:
    async with running_app() as ui:
        old = ui.backend
        ui.app.open_demo()
        await ui.wait_for(lambda: len(ui.backends) == 2, "the demo")
        old.publish(fleet.inventory("kvm01"))
        await ui.settle()
        ui.app.update_screen()
        assert list(ui.app.fleet_state().inventories) == ["demo"]


async def test_the_newest_inventory_of_a_host_wins() -> None:
    async with running_app() as ui:
        for names in (["a"], ["b"], ["c"]):
            ui.backend.publish(fleet.small("kvm01", names))
        await ui.settle()
        ui.app.update_screen()
        assert "c" in ui.names()
        assert "a" not in ui.names()


async def test_a_read_only_run_says_so_and_refuses() -> None:
    async with running_app(read_only=True) as ui:
        ui.put_cursor("gitlab")
        assert "read-only" in ui.text("top").splitlines()[0]
        for key in "SDRZpwaUrc":
            await ui.press(key)
            assert "this run is read-only" in ui.text("answer"), key
            assert ui.app.screen is ui.console
        assert ui.backend.commands == []
