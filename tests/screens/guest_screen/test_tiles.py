"""The page of several guests' screens in the running app, on scripted screenshots."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.model.domains.guest_screen import GuestDisplays
from virttui.model.errors import OperationError, TimedOut
from virttui.model.identity import ObjectId
from virttui.model.inventory import DomainState, Inventory
from virttui.model.queries import ScreenshotQuery
from virttui.panes.domains.rows import rows
from virttui.panes.guest_screen.tile import ScreenContent, ScreenTile, Standing, standing
from virttui.panes.tiles.heading import TileOwner
from virttui.screens.guest_screen.screen import GuestScreen
from virttui.screens.guest_screen.screenshot_schedule import AFTER_FAILURE, SELDOM
from virttui.screens.guest_screen.tiles import GuestTilesScreen
from virttui.screens.guest_screen.watch import EVERY, LOST

from .watched import graphics, text_screen

RUNNING = (
    "build-arm64-01", "payments-reconcile-worker-07", "build-x86-01", "db-primary-01",
    "ci-runner-01", "k8s-node-1", "ci-runner-02", "k8s-node-2", "win-rds-01", "web-03", "web-01",
    "web-02", "gitlab", "cache-01",
)  # fmt: skip
PANIC = "[    1.204411] Kernel panic - not syncing: VFS: Unable to mount root fs"
EMERGENCY = "Give root password for maintenance"


def login(name: str) -> list[str]:
    return ["Debian GNU/Linux 12", "", f"{name} login:"]


class Tiles:
    """The page of the screens of ``names``."""

    def __init__(self, ui: RunningApp, clock: FixedClock) -> None:
        self.ui = ui
        self.clock = clock

    @property
    def page(self) -> GuestTilesScreen:
        page = self.ui.top()
        assert isinstance(page, GuestTilesScreen)
        return page

    @property
    def in_view(self) -> list[str]:
        """The names of the guests in view, in order."""
        state = self.page.view_state
        return [state.tiles[key].owner.name for key in state.in_view]

    def asked(self) -> list[ObjectId]:
        """Whose pictures were asked for so far."""
        return [query.key for query in self.ui.backend.queries_of(ScreenshotQuery)]

    async def pass_by(self, seconds: float) -> None:
        self.clock.moved += seconds
        self.ui.app.update_screen()
        await self.ui.frame()

    async def seen(self) -> None:
        """Wait until each guest that can be has been looked at."""

        def all_seen() -> bool:
            tiles = self.page.view_state.tiles.values()
            return all(
                t.content.age is not None or t.unanswered or not t.owner.is_on for t in tiles
            )

        await self.ui.wait_for(all_seen, "all screens were looked at")


async def opened(ui: RunningApp, clock: FixedClock, names: Sequence[str]) -> Tiles:
    """Mark guests and press v; each is at its login unless it was told to show something else."""
    for name in names:
        ui.backend.screenshots.setdefault(fleet.key(name), text_screen(*login(name)))
        ui.put_cursor(name)
        await ui.press("space")
    await ui.press("v")
    return Tiles(ui, clock)


def one_off(name: str) -> list[Inventory]:
    """The scene, in which a guest went off."""
    found = fleet.inventories()
    for number, inventory in enumerate(found):
        uuid = fleet.key(name).uuid
        if uuid in inventory.domains:
            off = replace(inventory.domains[uuid], state=DomainState.SHUTOFF, id=None)
            found[number] = replace(inventory, domains={**inventory.domains, uuid: off})
    return found


@pytest.mark.parametrize(
    ("size", "count"), [((80, 24), 4), ((120, 36), 6), ((160, 50), 12), ((200, 60), 12)]
)
async def test_as_many_tiles_as_a_terminal_has_room_for(size: tuple[int, int], count: int) -> None:
    clock = FixedClock()
    async with running_app(size, clock=clock) as ui:
        page = await opened(ui, clock, RUNNING)
        await page.seen()
        names = page.in_view
        assert len(names) == count
        painted = ui.painted()
        for name in names:
            assert f"{name} login:" in painted, f"the prompt of {name} is in view"
        lines = painted.splitlines()
        assert all(len(line) == size[0] for line in lines)
        assert lines[1].startswith("━━ screens 14 guests ─ 14 at a login")
        assert f"page 1 of {-(-14 // count)}" in lines[1]


async def test_the_last_tile_reaches_down_to_the_answer_line() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, RUNNING[:2])
        await page.seen()
        lines = ui.painted().splitlines()
        assert lines[2].count(" ● running  login ") == 2
        assert lines[33].startswith("▌") and lines[33][61] == "│"


async def test_who_is_in_trouble_comes_first_and_is_said_in_words() -> None:
    clock = FixedClock()
    names = RUNNING[:8]
    async with running_app((120, 36), clock=clock) as ui:
        ui.backend.screenshots = {
            fleet.key(names[6]): text_screen("[    0.9] Linux", PANIC),
            fleet.key(names[7]): text_screen(*[f"line {n}" for n in range(20)], EMERGENCY),
            fleet.key(names[5]): text_screen("GNU GRUB  version 2.06", " *Debian"),
            fleet.key(names[4]): graphics(),
            fleet.key(names[3]): TimedOut("kvm01 took no picture within 5 s: its QEMU is busy"),
        }
        page = await opened(ui, clock, names)
        await page.seen()
        listed = page.page.view_state.keys_listed
        order = page.page.view_state.order
        worst = {fleet.key(names[6]), fleet.key(names[7])}
        assert set(order[:2]) == worst
        assert order[2:5] == tuple(map(fleet.key, (names[3], names[5], names[4])))
        assert list(order[5:]) == [key for key in listed if key not in order[:5]]
        assert "2 in trouble ─ 1 without an answer ─ 1 not at a login" in ui.text("rule")
        painted = ui.painted()
        assert "Its kernel stopped: VFS: Unable to mount root fs. It does" in painted
        assert "It waits for root's password in emergency mode" in painted
        assert "Kvm01 took no picture within 5 s" not in painted
        await ui.press("o")
        assert page.page.view_state.order == listed and "as listed" in ui.text("rule")


async def test_a_tile_is_cropped_to_the_end_of_its_prompt() -> None:
    clock = FixedClock()
    names = RUNNING[:6]
    async with running_app((120, 36), clock=clock) as ui:
        long = "very-long-host-name." * 3 + "example.org login:"
        ui.backend.screenshots[fleet.key(names[0])] = text_screen("first line", *[""] * 9, long)
        page = await opened(ui, clock, names)
        await page.seen()
        assert "example.org login: " in ui.painted()
        assert "first line" not in ui.painted()


async def test_each_host_is_asked_for_one_picture_at_a_time_those_in_view_first() -> None:
    clock = FixedClock()
    names = [name for name in RUNNING if fleet.key(name).host == "kvm01"]
    assert len(names) == 7
    async with running_app((80, 24), clock=clock) as ui:
        ui.backend.mute = True
        page = await opened(ui, clock, RUNNING)
        await page.pass_by(1)
        hosts = [key.host for key in page.asked()]
        assert sorted(hosts) == sorted(set(hosts)), "one each, though none was answered"
        in_view = set(page.page.view_state.in_view)
        asked: list[ObjectId] = []

        def open_questions() -> list[ScreenshotQuery]:
            queries = ui.backend.queries_of(ScreenshotQuery)
            return [one for one in queries if one.key not in asked and one.key.host == "kvm01"]

        for _ in names:
            await ui.wait_for(open_questions, "the next one is asked for")
            (query,) = open_questions()
            asked.append(query.key)
            await ui.publish(ui.backend.answer(query))
        here = [key in in_view for key in asked]
        assert here == sorted(here, reverse=True) and len(asked) == len(names)


async def test_what_is_in_view_is_looked_at_again_and_the_rest_seldom() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        page = await opened(ui, clock, RUNNING[:6])
        await page.seen()
        count = len(page.asked())
        assert count == 6
        await page.pass_by(EVERY - 0.5)
        assert len(page.asked()) == count
        await page.pass_by(0.5)
        await ui.wait_for(lambda: len(page.asked()) == count + 4, "those in view")
        assert set(page.asked()[count:]) == set(page.page.view_state.in_view)
        await page.pass_by(SELDOM)
        await ui.wait_for(lambda: len(page.asked()) >= count + 10, "all of them")
        await ui.press("u")
        count = len(page.asked())
        await page.pass_by(10 * EVERY)
        assert len(page.asked()) == count and "frozen" in ui.text("rule")


async def test_a_guest_that_hangs_holds_up_nobody_and_its_last_picture_stays() -> None:
    clock = FixedClock()
    names = RUNNING[:3]
    hung = fleet.key(names[0])
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, names)
        await page.seen()
        why = "kvm02 took no picture within 5 s: its QEMU is busy"
        ui.backend.screenshots[hung] = TimedOut(why)
        await page.pass_by(EVERY)
        await ui.wait_for(lambda: why[1:] in " ".join(ui.painted().split()), "why not")
        assert f"{names[0]} login:" in ui.painted() and "5s old" in ui.painted()
        assert page.in_view[0] == names[0], "it comes first"
        asked = page.asked().count(hung)
        for _ in range(2):
            await page.pass_by(EVERY)
        assert page.asked().count(hung) == asked, "it is not asked as often"
        assert page.asked().count(fleet.key(names[1])) >= 4
        ui.backend.screenshots[hung] = text_screen("back again")
        await page.pass_by(AFTER_FAILURE)
        await ui.wait_for(lambda: "back again" in ui.painted())


async def test_an_answer_that_never_comes_is_waited_for_no_longer() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        ui.backend.mute = True
        page = await opened(ui, clock, ["web-01", "gitlab"])
        await page.pass_by(1)
        assert len(page.asked()) == 1
        await page.pass_by(LOST)
        assert len(set(page.asked())) == 2


async def test_a_guest_that_is_off_or_has_no_screen_says_so() -> None:
    clock = FixedClock()
    names = ["web-01", "gitlab", "web-03"]
    async with running_app((120, 36), messages=one_off("web-01"), clock=clock) as ui:
        ui.backend.displays = GuestDisplays()
        ui.backend.screenshots[fleet.key("gitlab")] = OperationError("no console found")
        page = await opened(ui, clock, names)
        await ui.wait_for(lambda: "no video device" in ui.painted())
        assert page.in_view == ["web-01", "gitlab", "web-03"]
        assert "It is off, so it has no screen" in ui.painted()
        assert "It has no video device, so it has no screen" in ui.painted()
        assert fleet.key("web-01") not in page.asked()
        await page.pass_by(SELDOM)
        assert page.asked().count(fleet.key("gitlab")) == 1
        assert "1 off ─ 1 without a screen" in ui.text("rule")


async def test_a_guest_that_goes_off_shows_nothing_old_and_one_that_starts_is_looked_at() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, ["web-01", "gitlab"])
        await page.seen()
        await ui.publish(*one_off("web-01"))
        assert "web-01 login:" not in ui.painted() and page.in_view[0] == "web-01"
        await ui.publish(*fleet.inventories())
        await ui.wait_for(lambda: "web-01 login:" in ui.painted())


async def test_enter_opens_the_screen_under_the_cursor_and_esc_comes_back_to_it() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, RUNNING)
        await page.seen()
        await ui.press("right", "down")
        chosen = page.page.view_state.chosen
        name = page.in_view[3]
        assert page.page.view_state.tiles[chosen].owner.name == name
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), GuestScreen))
        await ui.wait_for(lambda: f"│{name} login:" in ui.painted())
        count = len(page.asked())
        await ui.press("escape")
        assert page.page.view_state.chosen == chosen
        await ui.wait_for(lambda: len(page.asked()) > count, "it looks on")
        await ui.press("escape")
        assert ui.top() is ui.console and ui.view_state.view.cursor.marks
        count = len(ui.backend.queries_of(ScreenshotQuery))
        clock.moved += 100
        ui.app.update_screen()
        await ui.settle()
        assert len(ui.backend.queries_of(ScreenshotQuery)) == count, "nobody looks any more"


async def test_pages_of_tiles_are_turned_and_those_there_are_looked_at() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        page = await opened(ui, clock, RUNNING[:6])
        await page.seen()
        first = page.in_view
        await ui.press("pagedown")
        assert "page 2 of 2" in ui.text("rule") and not set(first) & set(page.in_view)
        await ui.press("g")
        assert page.in_view == first and page.page.view_state.place == 0
        await ui.press("G")
        assert page.page.view_state.place == 5


async def test_an_image_is_drawn_in_its_tile() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        ui.backend.screenshots[fleet.key("win-rds-01")] = graphics()
        page = await opened(ui, clock, ["win-rds-01", "web-01"])
        await page.seen()
        tiles = page.page.view_state.tiles
        assert tiles[fleet.key("win-rds-01")].content.is_text is False

        def drawn() -> bool:
            shown = page.page.tiles.tiles
            return any(len(one.rows) > 5 and one.rows[0][0].style.background for one in shown)

        await ui.wait_for(drawn, "cells of an image")
        assert " image ─" in ui.painted()


async def test_of_a_text_screen_the_text_alone_is_kept() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, RUNNING[:6])
        await page.seen()
        for watch in page.page.schedule.watches.values():
            assert watch.screen is not None and watch.screen.text is not None
            assert len(watch.data) + len(watch.screen.image.rgb) < 100
        await page.pass_by(EVERY)
        assert f"{RUNNING[0]} login:" in ui.painted()


async def test_nothing_is_painted_while_all_stays_the_same() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, RUNNING[:6])
        await page.seen()
        painted: list[object] = []
        page.page.tiles.refresh = lambda *regions, **how: painted.append(regions)  # type: ignore[assignment, method-assign]
        await page.pass_by(1)
        await page.pass_by(1)
        assert not painted


async def test_a_lifecycle_key_asks_for_the_guest_under_the_cursor() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        page = await opened(ui, clock, ["web-01", "gitlab"])
        await page.seen()
        await ui.press("right")
        name = page.page.view_state.tiles[page.page.view_state.chosen].owner.name
        await ui.press("R")
        assert "Reboot" in ui.screen_text() and name in ui.screen_text()
        assert not ui.backend.commands
        await ui.press("escape")
        assert isinstance(ui.top(), GuestTilesScreen)


async def test_the_line_takes_several_names() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        ui.backend.screenshot = text_screen("login:")
        await ui.type(":screen web-01 gitlab")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), GuestTilesScreen))
        await ui.press("question_mark")
        await ui.wait_for(lambda: "keys of several screens" in ui.screen_text())


async def test_a_paused_guest_is_not_at_a_login() -> None:
    scene = fleet.inventories()
    async with running_app(messages=scene) as ui:
        row = next(row for row in rows(ui.app.fleet_state()) if row.domain.name == "web-01")
        seen = ScreenContent(1.0, True, word="login", sentence="It waits for a login.")
        assert standing(ScreenTile(TileOwner(row.domain, row), seen)) is Standing.AT_A_LOGIN
        paused = replace(row.domain, state=DomainState.PAUSED, reason="user")
        assert standing(ScreenTile(TileOwner(paused, row), seen)) is Standing.ELSEWHERE
