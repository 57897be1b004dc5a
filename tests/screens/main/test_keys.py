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
    async with running_app() as made:
        made.put_cursor(name)
        await made.press(key)
        (command,) = made.backend.commands
        assert (command.verb, command.target.key) == (verb, fleet.key(name))


@pytest.mark.parametrize(
    ("key", "verb"),
    [("D", Verb.FORCE_OFF), ("R", Verb.REBOOT), ("Z", Verb.RESET)],
)
async def test_what_loses_work_asks_and_defaults_to_cancel(key: str, verb: Verb) -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        for cancelling in ("enter", "escape", "n"):
            await made.press(key)
            assert isinstance(made.top(), ConfirmDialog)
            assert "gitlab on kvm01?" in made.text("body")
            await made.press(cancelling)
            assert made.top() is made.console
        assert made.backend.commands == []
        await made.press(key, "y")
        assert [c.verb for c in made.backend.commands] == [verb]


async def test_a_key_that_is_not_possible_says_why() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("s")
        assert made.text("answer") == " start: gitlab is already running"
        await made.press("down")
        assert "already running" not in made.text("answer")


async def test_keys_that_are_not_built_yet_do_nothing() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        before = made.screen_text()
        await made.press("t", "m", "v")
        assert made.screen_text() == before
        assert made.backend.commands == []


async def test_moving() -> None:
    async with running_app((80, 24)) as made:
        names = made.names()
        place = made.view_state.view.cursor
        for keys, want in (
            (["j"], 1), (["down"], 2), (["k"], 1), (["up", "up"], 0), (["G"], 44), (["g"], 0),
            (["ctrl+d"], 8), (["ctrl+u"], 0), (["end"], 44), (["home"], 0), (["pagedown"], 8),
        ):  # fmt: skip
            await made.press(*keys)
            assert place.index == want, keys
        await made.press("G")
        assert names[-1] in made.text("table")


async def test_panes_by_number() -> None:
    async with running_app() as made:
        for key, pane in zip("234561", ("networks", "storage", "hosts", "tasks", "events",
                                        "domains"), strict=True):  # fmt: skip
            await made.press(key)
            assert made.view_state.pane == pane
            assert made.text("rule").startswith(f"━━ {pane} ")


async def test_sorting() -> None:
    async with running_app() as made:
        assert "sort cpu▼" in made.text("rule")
        await made.press("I")
        assert "sort cpu▲" in made.text("rule")
        await made.press("greater_than_sign")
        assert "sort used▼" in made.text("rule")
        assert made.names()[4] == "db-primary-01"
        await made.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert "sort name▲" in made.text("rule")
        await made.press("I")
        assert made.names()[4] == "zabbix-proxy"


async def test_zoom_takes_the_drawer_away() -> None:
    async with running_app() as made:
        rows = made.view_state.height
        await made.press("plus")
        assert made.view_state.height == rows + 10
        await made.press("underscore")
        assert made.view_state.height == rows


async def test_windows() -> None:
    async with running_app() as made:
        made.put_cursor("db-primary-01")
        for key, words in (
            ("right_square_bracket", "5 min"),
            ("right_square_bracket", "1 h"),
            ("right_square_bracket", "1 h"),
            ("left_square_bracket", "5 min"),
            ("left_square_bracket", "2 min"),
        ):
            await made.press(key)
            assert f"{words}  [ ] window" in made.text("below")


async def test_only_what_needs_attention() -> None:
    async with running_app() as made:
        await made.press("ctrl+z")
        assert made.names() == [
            "db-replica-02", "k8s-node-3", "legacy-crm-2011", "payments-reconcile-worker-07",
        ]  # fmt: skip
        assert "4 of 45" in made.text("rule")
        assert "1 in other panes" in made.text("rule"), "the full pool"
        assert "steal 22 %: its vCPUs wait" in made.text("table"), "the reason stands in the row"
        await made.press("escape")
        assert len(made.names()) == 45


async def test_rows_are_grouped_and_folded() -> None:
    async with running_app() as made:
        await made.press("b", "h")
        assert "by host" in made.text("rule")
        assert "▼ edge1  6 domains, 5 running" in made.text("table")
        assert made.view_state.view.listing.passed == 45
        await made.press("g", "enter")
        assert "► edge1" in made.text("table") and "edge-vpn" not in made.text("table")
        assert "enter expands it" in made.text("answer")
        await made.press("s")
        assert "nothing is selected" in made.text("answer"), "a heading is not a domain"
        await made.press("space")
        assert "6 marked" in made.text("rule"), "all of the group are marked"
        await made.press("S")
        assert "Shut down these 5" in made.text("body"), "folded or not, they are what is meant"
        await made.press("n", "escape", "b", "n")
        assert "by host" not in made.text("rule")


async def test_every_grouping_holds_every_row_once() -> None:
    async with running_app() as made:
        for letter in "hstw":
            await made.press("b", letter)
            rows = [row for row in made.view_state.view.listing.rows if row.key.host]
            assert len(rows) == len({row.key for row in rows}) == 45


async def test_columns_are_chosen_by_hand() -> None:
    async with running_app() as made:
        await made.press("vertical_line")
        assert "Columns you chose are hidden last." in made.text("body")
        names = [c.title.strip() for c in made.view_state.view.pane.columns[1:] if c.title.strip()]
        await made.press(*["j"] * names.index("ERR/s"), "space", "enter")
        assert "ERR/s" in made.text("table").splitlines()[0]
        await made.press("vertical_line", *["j"] * names.index("READ"), "space", "enter")
        assert "READ" not in made.text("table").splitlines()[0]
        await made.press("vertical_line", "r", "enter")
        assert "ERR/s" not in made.text("table").splitlines()[0]


async def test_freezing_holds_the_display_still() -> None:
    async with running_app() as made:
        await made.press("u")
        assert "frozen, u resumes" in made.text("rule")
        await made.publish(fleet.small("kvm01", ["alone"]))
        assert "gitlab" in made.names()
        await made.press("u")
        assert "gitlab" not in made.names()


async def test_following() -> None:
    async with running_app((80, 24)) as made:
        await made.press("F", "G")
        assert "following" in made.text("rule")
        name = made.cursor()
        await made.press("I")
        await made.press("I")
        assert name in made.text("table")


async def test_refresh_and_escape_and_help() -> None:
    async with running_app() as made:
        await made.press("ctrl+r")
        assert made.backend.refreshed == 1
        await made.press("escape")
        await made.press("question_mark")
        assert isinstance(made.top(), HelpScreen)
        assert " keys " in made.text("top")
        await made.press("escape")
        assert made.top() is made.console


async def test_help_is_a_menu() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("question_mark")
        await made.type("networks")
        await made.press("enter")
        assert made.view_state.pane == "networks"


async def test_help_shows_reasons_and_only_what_there_is() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        await made.press("question_mark")
        page = made.text("page")
        assert "start or resume – it runs" in page
        assert "rename – only when off" in page
        for absent in ("snapshots", "migrate", "details", "logs"):
            assert absent not in page
        for action in ACTIONS:
            if action.fits(made.view_state.situation()) and "+tab" not in action.key:
                assert action.key.split()[0].removeprefix("ctrl+") in page, action.id


async def test_quit_asks_only_while_tasks_run() -> None:
    async with running_app() as made:
        await made.press("q")
        await made.wait_for(lambda: made.backend.stopped)
        assert made.app._exit
    async with running_app() as made:
        await made.publish(fleet.tasks()[2])
        await made.press("q")
        assert "Quit while 1 task runs?" in made.text("body")
        await made.press("enter")
        assert not made.app._exit
        await made.press("q", "y")
        assert made.app._exit


async def test_ctrl_c_says_how_to_quit_and_ctrl_q_does_nothing() -> None:
    async with running_app() as made:
        await made.press("ctrl+q")
        assert not made.app._exit
        await made.press("ctrl+c")
        assert "q quits" in made.text("answer")


async def test_a_selection_is_copied() -> None:
    async with running_app() as made:
        await made.pilot.mouse_down("#table", offset=(2, 1))
        await made.pilot.hover("#table", offset=(14, 1))
        await made.pilot.mouse_up("#table", offset=(14, 1))
        await made.press("ctrl+c")
        assert "db-replica-0" in made.app.clipboard


async def test_the_copy_menu() -> None:
    async with running_app() as made:
        made.put_cursor("gitlab")
        for key, copied in (
            ("n", "gitlab"),
            ("u", fleet.key("gitlab").uuid),
            ("i", "10.20.1.20"),
            ("v", "virsh -c qemu+ssh://root@kvm01/system dominfo gitlab"),
        ):
            await made.press("y", key)
            assert made.app.clipboard == copied
        await made.press("y", "escape")
        assert made.top() is made.console


async def test_the_copy_menu_of_tasks_and_events() -> None:
    async with running_app() as made:
        await made.publish(*fleet.tasks(), *fleet.host_events())
        failed = next(task for task in fleet.tasks() if task.trouble is not None)
        assert failed.trouble is not None
        await made.press("5")
        made.view_state.view.cursor.jump(
            ObjectId(failed.command.target.key.host, f"task {failed.id}"), 20
        )
        made.view_state.arrange()
        await made.press("y", "e")
        assert made.app.clipboard == (failed.trouble.libvirt_message or failed.trouble.message)
        await made.press("y", "n")
        assert made.app.clipboard == failed.command.target.name
        await made.press("6", "y", "n")
        newest = fleet.host_events()[-1]
        assert made.app.clipboard == newest.subject
        await made.press("y", "w")
        assert made.app.clipboard == newest.text


async def test_enter_opens_what_there_is_to_open() -> None:
    async with running_app() as made:
        made.backend.volumes = fleet.volumes()
        await made.press("3", "down")
        await made.press("enter")
        assert made.view_state.lower
        await made.wait_for(lambda: "gitlab.qcow2" in made.text("lower"), "volumes")
        await made.press("tab")
        assert not made.view_state.lower
        await made.press("tab", "escape")
        assert made.view_state.volumes is None
        await made.press("4", "down", "enter")
        assert made.view_state.pane == "domains"
        assert "/host:kvm02" in made.text("rule")


async def test_enter_goes_to_the_target_of_tasks_and_events() -> None:
    async with running_app() as made:
        await made.publish(*fleet.tasks(), *fleet.host_events())
        await made.press("5", "enter")
        assert made.cursor() == "web-03"
        await made.press("6", "enter")
        assert "nothing to open" in made.text("answer")
        await made.press("down", "enter")
        assert made.cursor() == "k8s-node-3"
        assert made.view_state.pane == "domains"


async def test_tasks_are_retried_and_cancelled() -> None:
    async with running_app() as made:
        await made.publish(*fleet.tasks())
        await made.press("5", "down", "down", "r")
        assert [c.verb for c in made.backend.commands] == [Verb.START]
        await made.press("X")
        assert "cancel: it has ended" in made.text("answer")
        await made.press("up", "X")
        assert made.backend.cancelled == [3]


async def test_networks_and_pools_ask_before_they_stop() -> None:
    async with running_app() as made:
        await made.press("2", "down", "S")
        assert "Stop network default on kvm01?" in made.text("body")
        assert "running domains lose their link" in made.text("body")
        await made.press("y")
        await made.press("3", "S", "enter")
        await made.press("a")
        await made.press("2")
        made.view_state.view.cursor.jump(ObjectId("kvm01", "net-lab"), 8)
        await made.press("s")
        assert [(c.verb, c.target.kind.value) for c in made.backend.commands] == [
            (Verb.STOP, "network"), (Verb.AUTOSTART_OFF, "pool"), (Verb.START, "network"),
        ]  # fmt: skip


async def test_interest_follows_the_eyes() -> None:
    async with running_app((80, 24)) as made:
        await made.wait_for(lambda: made.backend.interests, "interest")
        last = made.backend.interests[-1]
        assert len(last.visible) == made.view_state.height
        assert last.selected == fleet.key("db-replica-02")
        count = len(made.backend.interests)
        await made.press("down")
        assert made.backend.interests[-1].selected == fleet.key("k8s-node-3")
        assert len(made.backend.interests) == count + 1
        await made.press("G")
        assert made.backend.interests[-1].visible != last.visible


async def test_pools_and_machines_are_of_interest_while_they_are_shown() -> None:
    async with running_app((120, 36)) as made:
        await made.press("4")
        assert made.backend.interests[-1].machine == "kvm01"
        await made.press("down")
        assert made.backend.interests[-1].machine == "kvm02"
        await made.press("3")
        assert made.backend.interests[-1].pools and not made.backend.interests[-1].machine
        await made.press("1")
        last = made.backend.interests[-1]
        assert not last.pools and not last.machine and last.visible


async def test_a_silent_guest_can_only_be_forced_off() -> None:
    async with running_app() as made:
        made.put_cursor("k8s-node-3")
        await made.press("S")
        assert "k8s-node-3 does not answer; D forces it off" in made.text("answer")
        await made.press("D", "y")
        assert [c.verb for c in made.backend.commands] == [Verb.FORCE_OFF]


async def test_the_serial_console_needs_a_guest_that_runs() -> None:
    async with running_app() as made:
        made.put_cursor("old-wiki")
        await made.press("c")
        assert "console: old-wiki is off" in made.text("answer")


async def test_the_mouse_picks_sorts_and_changes_panes() -> None:
    async with running_app() as made:
        await made.pilot.click("#table", offset=(5, 5))
        assert made.view_state.view.cursor.index == 4
        await made.pilot.click("#table", offset=(58, 0))
        assert made.view_state.view.choice.sort == "mem"
        await made.pilot.click("#top", offset=(15, 0))
        assert made.view_state.pane == "networks"
        await made.pilot.click("#keys", offset=(52, 0))
        await made.pilot.pause()


def test_the_scene_has_every_state_it_should() -> None:
    states = {domain.state for domain, _ in fleet.domains()}
    assert states == {DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTOFF}


async def test_what_one_key_stopped_says_which_takes_it_back() -> None:
    async with running_app((120, 36)) as made:
        made.put_cursor("gitlab")
        await made.press("p")
        await made.end(ago=0)
        assert "p resumes it" in made.text("answer")
        await made.press("w")
        await made.end(ago=0)
        assert "s resumes it from there" in made.text("answer")
