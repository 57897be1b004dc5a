"""Every key of the contract, pressed in the running app."""

from __future__ import annotations

import pytest

from tests.scenes import fleet
from tests.scenes.running_app import running_app
from virttui.actions.registry import ACTIONS
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import Verb
from virttui.model.identity import ObjectId
from virttui.model.inventory import DomainState
from virttui.screens.main.help import HelpScreen


@pytest.mark.parametrize(
    ("key", "name", "verb"),
    [
        ("s", "old-wiki", Verb.START),
        ("S", "gitlab", Verb.SHUTDOWN),
        ("p", "gitlab", Verb.PAUSE),
        ("w", "gitlab", Verb.SAVE),
        ("a", "gitlab", Verb.AUTOSTART_OFF),
        ("a", "old-wiki", Verb.AUTOSTART_ON),
        ("s", "db-replica-02", Verb.RESUME),
        ("p", "db-replica-02", Verb.RESUME),
    ],
)
async def test_gentle_keys_act_at_once_on_one(key: str, name: str, verb: Verb) -> None:
    async with running_app() as ui:
        ui.put_cursor(name)
        await ui.press(key)
        (command,) = ui.backend.commands
        assert (command.verb, command.target.key) == (verb, fleet.key(name))


@pytest.mark.parametrize(
    ("key", "verb"),
    [("D", Verb.FORCE_OFF), ("R", Verb.REBOOT), ("Z", Verb.RESET)],
)
async def test_what_loses_work_asks_and_defaults_to_cancel(key: str, verb: Verb) -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        for cancelling in ("enter", "escape", "n"):
            await ui.press(key)
            assert isinstance(ui.top(), ConfirmDialog)
            assert "gitlab on kvm01?" in ui.text("body")
            await ui.press(cancelling)
            assert ui.top() is ui.console
        assert ui.backend.commands == []
        await ui.press(key, "y")
        assert [c.verb for c in ui.backend.commands] == [verb]


async def test_a_key_that_is_not_possible_says_why() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("s")
        assert ui.text("answer") == " start: gitlab is already running"
        await ui.press("down")
        assert "already running" not in ui.text("answer")


async def test_keys_that_are_not_built_yet_do_nothing() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        before = ui.screen_text()
        await ui.press("m")
        assert ui.screen_text() == before
        assert ui.backend.commands == []


async def test_moving() -> None:
    async with running_app((80, 24)) as ui:
        names = ui.names()
        place = ui.view_state.view.cursor
        for keys, want in (
            (["j"], 1), (["down"], 2), (["k"], 1), (["up", "up"], 0), (["G"], 44), (["g"], 0),
            (["ctrl+d"], 8), (["ctrl+u"], 0), (["end"], 44), (["home"], 0), (["pagedown"], 8),
        ):  # fmt: skip
            await ui.press(*keys)
            assert place.index == want, keys
        await ui.press("G")
        assert names[-1] in ui.text("table")


async def test_panes_by_number() -> None:
    async with running_app() as ui:
        for key, pane in zip("234561", ("networks", "storage", "hosts", "tasks", "events",
                                        "domains"), strict=True):  # fmt: skip
            await ui.press(key)
            assert ui.view_state.pane == pane
            assert ui.text("rule").startswith(f"━━ {pane} ")


async def test_sorting() -> None:
    async with running_app() as ui:
        assert "sort cpu▼" in ui.text("rule")
        await ui.press("I")
        assert "sort cpu▲" in ui.text("rule")
        await ui.press("greater_than_sign")
        assert "sort used▼" in ui.text("rule")
        assert ui.names()[4] == "db-primary-01"
        await ui.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert "sort name▲" in ui.text("rule")
        await ui.press("I")
        assert ui.names()[4] == "zabbix-proxy"


async def test_zoom_takes_the_drawer_away() -> None:
    async with running_app() as ui:
        rows = ui.view_state.height
        await ui.press("plus")
        assert ui.view_state.height == rows + 10
        await ui.press("underscore")
        assert ui.view_state.height == rows


async def test_windows() -> None:
    async with running_app() as ui:
        ui.put_cursor("db-primary-01")
        for key, words in (
            ("right_square_bracket", "5 min"),
            ("right_square_bracket", "1 h"),
            ("right_square_bracket", "1 h"),
            ("left_square_bracket", "5 min"),
            ("left_square_bracket", "2 min"),
        ):
            await ui.press(key)
            assert f"{words}  [ ] window" in ui.text("below")


async def test_only_what_needs_attention() -> None:
    async with running_app() as ui:
        await ui.press("ctrl+z")
        assert ui.names() == [
            "db-replica-02", "k8s-node-3", "legacy-crm-2011", "payments-reconcile-worker-07",
        ]  # fmt: skip
        assert "4 of 45" in ui.text("rule")
        assert "1 in other panes" in ui.text("rule"), "the full pool"
        assert "steal 22 %: its vCPUs wait" in ui.text("table"), "the reason stands in the row"
        await ui.press("escape")
        assert len(ui.names()) == 45


async def test_rows_are_grouped_and_folded() -> None:
    async with running_app() as ui:
        await ui.press("b", "h")
        assert "by host" in ui.text("rule")
        assert "▼ edge1  6 domains, 5 running" in ui.text("table")
        assert ui.view_state.view.listing.passed == 45
        await ui.press("g", "enter")
        assert "► edge1" in ui.text("table") and "edge-vpn" not in ui.text("table")
        assert "enter expands it" in ui.text("answer")
        await ui.press("s")
        assert "nothing is selected" in ui.text("answer"), "a heading is not a domain"
        await ui.press("space")
        assert "6 marked" in ui.text("rule"), "all of the group are marked"
        await ui.press("S")
        assert "Shut down these 5" in ui.text("body"), "folded or not, they are what is meant"
        await ui.press("n", "escape", "b", "n")
        assert "by host" not in ui.text("rule")


async def test_every_grouping_holds_every_row_once() -> None:
    async with running_app() as ui:
        for letter in "hstw":
            await ui.press("b", letter)
            rows = [row for row in ui.view_state.view.listing.rows if row.key.host]
            assert len(rows) == len({row.key for row in rows}) == 45


async def test_columns_are_chosen_by_hand() -> None:
    async with running_app() as ui:
        await ui.press("vertical_line")
        assert "Columns you chose are hidden last." in ui.text("body")
        names = [c.title.strip() for c in ui.view_state.view.pane.columns[1:] if c.title.strip()]
        await ui.press(*["j"] * names.index("ERR/s"), "space", "enter")
        assert "ERR/s" in ui.text("table").splitlines()[0]
        await ui.press("vertical_line", *["j"] * names.index("READ"), "space", "enter")
        assert "READ" not in ui.text("table").splitlines()[0]
        await ui.press("vertical_line", "r", "enter")
        assert "ERR/s" not in ui.text("table").splitlines()[0]


async def test_freezing_holds_the_display_still() -> None:
    async with running_app() as ui:
        await ui.press("u")
        assert "frozen, u resumes" in ui.text("rule")
        await ui.publish(fleet.small("kvm01", ["alone"]))
        assert "gitlab" in ui.names()
        await ui.press("u")
        assert "gitlab" not in ui.names()


async def test_following() -> None:
    async with running_app((80, 24)) as ui:
        await ui.press("F", "G")
        assert "following" in ui.text("rule")
        name = ui.cursor()
        await ui.press("I")
        await ui.press("I")
        assert name in ui.text("table")


async def test_refresh_and_escape_and_help() -> None:
    async with running_app() as ui:
        await ui.press("ctrl+r")
        assert ui.backend.refreshed == 1
        await ui.press("escape")
        await ui.press("question_mark")
        assert isinstance(ui.top(), HelpScreen)
        assert " keys " in ui.text("top")
        await ui.press("escape")
        assert ui.top() is ui.console


async def test_help_is_a_menu() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        await ui.press("question_mark")
        await ui.type("networks")
        await ui.press("enter")
        assert ui.view_state.pane == "networks"


async def test_help_shows_reasons_and_only_what_there_is() -> None:
    async with running_app(size=(120, 60)) as ui:
        ui.put_cursor("gitlab")
        await ui.press("question_mark")
        page = ui.text("page")
        assert "start or resume – it runs" in page
        assert "rename – only when off" in page
        for absent in ("migrate", "details", "logs"):
            assert absent not in page
        for action in ACTIONS:
            if action.fits(ui.view_state.situation()) and "+tab" not in action.key:
                assert action.key.split()[0].removeprefix("ctrl+") in page, action.id


async def test_quit_asks_only_while_tasks_run() -> None:
    async with running_app() as ui:
        await ui.press("q")
        await ui.wait_for(lambda: ui.backend.stopped)
        assert ui.app._exit
    async with running_app() as ui:
        await ui.publish(fleet.tasks()[2])
        await ui.press("q")
        assert "Quit while 1 task runs?" in ui.text("body")
        await ui.press("enter")
        assert not ui.app._exit
        await ui.press("q", "y")
        assert ui.app._exit


async def test_ctrl_c_says_how_to_quit_and_ctrl_q_does_nothing() -> None:
    async with running_app() as ui:
        await ui.press("ctrl+q")
        assert not ui.app._exit
        await ui.press("ctrl+c")
        assert "q quits" in ui.text("answer")


async def test_a_selection_is_copied() -> None:
    async with running_app() as ui:
        await ui.pilot.mouse_down("#table", offset=(2, 1))
        await ui.pilot.hover("#table", offset=(14, 1))
        await ui.pilot.mouse_up("#table", offset=(14, 1))
        await ui.press("ctrl+c")
        assert "db-replica-0" in ui.app.clipboard


async def test_the_copy_menu() -> None:
    async with running_app() as ui:
        ui.put_cursor("gitlab")
        for key, copied in (
            ("n", "gitlab"),
            ("u", fleet.key("gitlab").uuid),
            ("i", "10.20.1.20"),
            ("v", "virsh -c qemu+ssh://root@kvm01/system dominfo gitlab"),
        ):
            await ui.press("y", key)
            assert ui.app.clipboard == copied
        await ui.press("y", "escape")
        assert ui.top() is ui.console


async def test_the_copy_menu_of_tasks_and_events() -> None:
    async with running_app() as ui:
        await ui.publish(*fleet.tasks(), *fleet.host_events())
        failed = next(task for task in fleet.tasks() if task.trouble is not None)
        assert failed.trouble is not None
        await ui.press("5")
        ui.view_state.view.cursor.jump(
            ObjectId(failed.command.target.key.host, f"task {failed.id}"), 20
        )
        ui.view_state.arrange()
        await ui.press("y", "e")
        assert ui.app.clipboard == (failed.trouble.libvirt_message or failed.trouble.message)
        await ui.press("y", "n")
        assert ui.app.clipboard == failed.command.target.name
        await ui.press("6", "y", "n")
        newest = fleet.host_events()[-1]
        assert ui.app.clipboard == newest.subject
        await ui.press("y", "w")
        assert ui.app.clipboard == newest.text


async def test_enter_opens_what_there_is_to_open() -> None:
    async with running_app() as ui:
        ui.backend.volumes = fleet.volumes()
        await ui.press("3", "down")
        await ui.press("enter")
        assert ui.view_state.lower
        await ui.wait_for(lambda: "gitlab.qcow2" in ui.text("lower"), "volumes")
        await ui.press("tab")
        assert not ui.view_state.lower
        await ui.press("tab", "escape")
        assert ui.view_state.volumes is None
        await ui.press("4", "down", "enter")
        assert ui.view_state.pane == "domains"
        assert "/host:kvm02" in ui.text("rule")


async def test_enter_goes_to_the_target_of_tasks_and_events() -> None:
    async with running_app() as ui:
        await ui.publish(*fleet.tasks(), *fleet.host_events())
        await ui.press("5", "enter")
        assert ui.cursor() == "web-03"
        await ui.press("6", "enter")
        assert "nothing to open" in ui.text("answer")
        await ui.press("down", "enter")
        assert ui.cursor() == "k8s-node-3"
        assert ui.view_state.pane == "domains"


async def test_tasks_are_retried_and_cancelled() -> None:
    async with running_app() as ui:
        await ui.publish(*fleet.tasks())
        await ui.press("5", "down", "down", "r")
        assert [c.verb for c in ui.backend.commands] == [Verb.START]
        await ui.press("X")
        assert "cancel: it has ended" in ui.text("answer")
        await ui.press("up", "X")
        assert ui.backend.cancelled == [3]


async def test_networks_and_pools_ask_before_they_stop() -> None:
    async with running_app() as ui:
        await ui.press("2", "down", "S")
        assert "Stop network default on kvm01?" in ui.text("body")
        assert "running domains lose their link" in ui.text("body")
        await ui.press("y")
        await ui.press("3", "S", "enter")
        await ui.press("a")
        await ui.press("2")
        ui.view_state.view.cursor.jump(ObjectId("kvm01", "net-lab"), 8)
        await ui.press("s")
        assert [(c.verb, c.target.kind.value) for c in ui.backend.commands] == [
            (Verb.STOP, "network"), (Verb.AUTOSTART_OFF, "pool"), (Verb.START, "network"),
        ]  # fmt: skip


async def test_interest_follows_the_eyes() -> None:
    async with running_app((80, 24)) as ui:
        await ui.wait_for(lambda: ui.backend.interests, "interest")
        last = ui.backend.interests[-1]
        assert len(last.visible) == ui.view_state.height
        assert last.selected == fleet.key("db-replica-02")
        count = len(ui.backend.interests)
        await ui.press("down")
        assert ui.backend.interests[-1].selected == fleet.key("k8s-node-3")
        assert len(ui.backend.interests) == count + 1
        await ui.press("G")
        assert ui.backend.interests[-1].visible != last.visible


async def test_pools_and_machines_are_of_interest_while_they_are_shown() -> None:
    async with running_app((120, 36)) as ui:
        await ui.press("4")
        assert ui.backend.interests[-1].machine == "kvm01"
        await ui.press("down")
        assert ui.backend.interests[-1].machine == "kvm02"
        await ui.press("3")
        assert ui.backend.interests[-1].pools and not ui.backend.interests[-1].machine
        await ui.press("1")
        last = ui.backend.interests[-1]
        assert not last.pools and not last.machine and last.visible


async def test_a_silent_guest_can_only_be_forced_off() -> None:
    async with running_app() as ui:
        ui.put_cursor("k8s-node-3")
        await ui.press("S")
        assert "k8s-node-3 does not answer; D forces it off" in ui.text("answer")
        await ui.press("D", "y")
        assert [c.verb for c in ui.backend.commands] == [Verb.FORCE_OFF]


async def test_the_mouse_picks_sorts_and_changes_panes() -> None:
    async with running_app() as ui:
        await ui.pilot.click("#table", offset=(5, 5))
        assert ui.view_state.view.cursor.index == 4
        await ui.pilot.click("#table", offset=(58, 0))
        assert ui.view_state.view.choice.sort == "mem"
        await ui.pilot.click("#top", offset=(15, 0))
        assert ui.view_state.pane == "networks"
        await ui.pilot.click("#keys", offset=(52, 0))
        await ui.pilot.pause()


def test_the_scene_has_every_state_it_should() -> None:
    states = {domain.state for domain, _ in fleet.domains()}
    assert states == {DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTOFF}


async def test_what_one_key_stopped_says_which_takes_it_back() -> None:
    async with running_app((120, 36)) as ui:
        ui.put_cursor("gitlab")
        await ui.press("p")
        await ui.end(ago=0)
        assert "p resumes it" in ui.text("answer")
        await ui.press("w")
        await ui.end(ago=0)
        assert "s resumes it from there" in ui.text("answer")
