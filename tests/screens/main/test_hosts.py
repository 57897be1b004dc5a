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
    async with running_app(messages=[], clock=clock) as made:
        clock.moved = 3
        made.app.update_screen()
        assert "asking kvm01, kvm02 and edge1 for their domains, 3 s" in made.text("table")
        assert "» asking 3s" in made.text("top")


async def test_an_empty_host_says_so() -> None:
    empty = replace(fleet.small("kvm01", []), listed=True)
    async with running_app(messages=[empty], hosts=(fleet.SPECS[0],)) as made:
        assert "no domains on kvm01" in made.text("table")
        await made.press("3")
        assert "no pools on kvm01" in made.text("table")
        await made.press("5")
        assert "no tasks yet" in made.text("table")


async def test_rows_of_a_silent_host_stay_with_their_age() -> None:
    async with running_app() as made:
        made.put_cursor("ci-runner-01")
        await made.publish(fleet.silent(fleet.inventory("kvm02")))
        row = next(line for line in made.text("table").splitlines() if "ci-runner-01" in line)
        assert "● running   42s" in row
        assert "? silent 42s" in made.text("top")
        assert made.text("answer") == (
            " kvm02  has not answered for 42 s; its rows are from 03:13:40."
            " Next try in 6 s, ctrl+r tries now"
        )
        assert "ctrl+r try now" in made.text("keys")
        await made.press("S")
        assert "kvm02 does not answer" in made.text("answer")
        assert made.backend.commands == []


async def test_needs_attention_counts_the_host_and_not_its_rows() -> None:
    async with running_app() as made:
        assert "! 5 need attention" in made.text("top")
        await made.publish(fleet.silent(fleet.inventory("kvm02")))
        assert "! 4 need attention" in made.text("top")
        assert made.names()[0] == "legacy-crm-2011"


async def test_a_dead_host_that_was_named_is_shown_failed() -> None:
    async with running_app(messages=[dead()], hosts=LOCAL, explicit=True) as made:
        assert made.app.screen is made.console
        assert "× lost" in made.text("top")
        assert "socket is there, but user lee may not use it" in made.text("table")


async def test_a_denied_host_says_what_to_do() -> None:
    async with running_app(
        messages=[dead(ConnectionState.DENIED)], hosts=LOCAL, explicit=True
    ) as made:
        assert "! denied" in made.text("top")
        assert "virttui doctor says what is missing" in made.text("table")


async def first_run(made: RunningApp) -> None:
    await made.wait_for(lambda: isinstance(made.app.screen, FirstRunScreen), "the first-run page")
    await made.settle()


async def test_nothing_reachable_opens_the_first_run_page() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as made:
        await first_run(made)
        page = made.text("page")
        for words in ("no libvirt answers yet", "what was tried", "qemu:///system",
                      "socket is there", "$LIBVIRT_DEFAULT_URI", "the fix",
                      "sudo usermod -aG libvirt lee", "next in 8 s"):  # fmt: skip
            assert words in page
        assert "authentication unavailable" in made.text("answer")
        await made.press("t")
        assert made.backend.refreshed == 1


async def test_d_opens_the_demo() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as made:
        await first_run(made)
        await made.press("d")
        await made.wait_for(lambda: len(made.backends) == 2, "the demo")
        assert made.backend.hosts[0].id == "demo"
        await made.wait_for(lambda: made.app.screen is made.console, "the console")
        await made.publish(fleet.small("demo", ["fedora"]))
        assert "fedora" in made.text("table")


async def test_enter_on_the_first_way_is_the_demo() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as made:
        await first_run(made)
        await made.press("down", "up", "enter")
        await made.wait_for(lambda: len(made.backends) == 2, "the demo")


async def test_another_host_is_typed() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as made:
        await first_run(made)
        await made.press("h")
        assert isinstance(made.app.screen, HostDialog)
        await made.type("me@far")
        await made.press("enter")
        await made.wait_for(lambda: len(made.backends) == 2, "the other host")
        assert made.backend.hosts[0].uri == "qemu+ssh://me@far"


async def test_the_first_run_page_goes_when_a_host_answers() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as made:
        await first_run(made)
        live = fleet.small("qemu:///system", ["one"])
        await made.publish(live)
        await made.wait_for(lambda: made.app.screen is made.console, "the console")
        assert "one" in made.text("table")


async def test_q_quits_from_the_first_run_page() -> None:
    async with running_app((80, 24), [dead()], LOCAL) as made:
        await first_run(made)
        await made.press("q")
        assert made.app._exit


async def test_one_live_host_of_two_is_no_first_run() -> None:
    hosts = (*LOCAL, fleet.SPECS[0])
    async with running_app(messages=[dead(), fleet.inventory("kvm01")], hosts=hosts) as made:
        await made.settle()
        assert made.app.screen is made.console


async def test_a_terminal_too_small_says_what_is_needed() -> None:
    async with running_app((39, 9)) as made:
        await made.wait_for(lambda: isinstance(made.app.screen, SmallScreen), "the small page")
        await made.settle()
        assert "virttui needs 40x10, this is 39x9" in " ".join(made.text("page").split("\n"))
        await made.pilot.resize_terminal(80, 24)
        await made.wait_for(lambda: made.app.screen is made.console, "the console")
        assert "db-replica-02" in made.text("table")
        await made.pilot.resize_terminal(20, 5)
        await made.wait_for(lambda: isinstance(made.app.screen, SmallScreen), "the small page")
        await made.press("q")
        assert made.app._exit


async def test_resizing_lays_out_anew() -> None:
    async with running_app((80, 24)) as made:
        await made.pilot.resize_terminal(120, 36)
        await made.wait_for(lambda: "[ ] window" in made.text("below"), "the drawer")
        await made.pilot.resize_terminal(80, 24)
        await made.wait_for(lambda: not made.console.query_one("#below").display, "no drawer")
        assert made.console.query_one("#answer").region.y == 22


async def test_more_hosts_than_lines_are_counted() -> None:
    hosts = [HostSpec(f"h{number:02}", "test:///x", f"h{number:02}") for number in range(12)]
    messages = [fleet.small(spec.id, [f"vm-{spec.id}"]) for spec in hosts]
    trouble = replace(
        messages[9].host, phase=ConnectionState.LOST, trouble=HostLost("connection broke"),
        answered_at=fleet.NOW - 60,
    )  # fmt: skip
    messages[9] = replace(messages[9], host=trouble)
    async with running_app((80, 24), messages, hosts) as made:
        lines = made.text("top").splitlines()
        assert len(lines) == 4
        assert lines[1].startswith(" h09")
        assert lines[3] == " and 10 more, all live"


async def test_messages_of_a_backend_that_was_closed_are_dropped() -> None:
    async with running_app() as made:
        old = made.backend
        made.app.open_demo()
        await made.wait_for(lambda: len(made.backends) == 2, "the demo")
        old.publish(fleet.inventory("kvm01"))
        await made.settle()
        made.app.update_screen()
        assert list(made.app.fleet_state().inventories) == ["demo"]


async def test_the_newest_inventory_of_a_host_wins() -> None:
    async with running_app() as made:
        for names in (["a"], ["b"], ["c"]):
            made.backend.publish(fleet.small("kvm01", names))
        await made.settle()
        made.app.update_screen()
        assert "c" in made.names()
        assert "a" not in made.names()


async def test_a_read_only_run_says_so_and_refuses() -> None:
    async with running_app(read_only=True) as made:
        made.put_cursor("gitlab")
        assert "read-only" in made.text("top").splitlines()[0]
        for key in "SDRZpwaUrc":
            await made.press(key)
            assert "this run is read-only" in made.text("answer"), key
            assert made.app.screen is made.console
        assert made.backend.commands == []
