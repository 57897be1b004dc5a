"""The page of one domain in the running app, on scripted details."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import domain_page, fleet
from tests.scenes.running_app import RunningApp, running_app
from tests.screens.main.test_hostile_names import HOSTILE
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import Verb
from virttui.model.domains.details import Device, DomainDetails, GuestAgentInfo, GuestFilesystem
from virttui.model.inventory import Disk, DomainState, Nic
from virttui.model.tasks import TaskState
from virttui.screens.main.domain_screen import DetailsScreen
from virttui.screens.main.help import HelpScreen

NAME = domain_page.NAME


async def opened(ui: RunningApp) -> DetailsScreen:
    ui.put_cursor(NAME)
    await ui.press("enter")
    await ui.publish(domain_page.details())
    screen = ui.app.screen
    assert isinstance(screen, DetailsScreen)
    return screen


async def test_enter_opens_and_escape_goes_back() -> None:
    async with running_app() as ui:
        await opened(ui)
        assert ui.backend.inspected == [fleet.key(NAME)]
        assert "kvm01 › domains › db-primary-01" in ui.text("top")
        assert "vda  nvme" in ui.text("left") and "steal" in ui.text("right")
        await ui.press("escape")
        assert ui.top() is ui.console and ui.cursor() == NAME
        assert ui.backend.inspected[-1] is None, "nothing is asked for a page that is shut"


async def test_figures_move() -> None:
    async with running_app() as ui:
        await opened(ui)
        disks = dict(domain_page.details().disks)
        disks["vda"] = replace(disks["vda"], reads=1000.0, writes=234.0)
        await ui.publish(replace(domain_page.details(), disks=disks))
        assert "1.2K" in ui.text("left") and " 412 " not in ui.text("left")


async def test_details_of_another_domain_are_not_drawn() -> None:
    async with running_app() as ui:
        await opened(ui)
        before = ui.screen_text()
        await ui.publish(DomainDetails(fleet.key("gitlab"), fault="not mine"))
        assert ui.screen_text() == before


async def test_keys_on_the_page() -> None:
    async with running_app() as ui:
        screen = await opened(ui)
        await ui.press("right")
        assert "/srv/nvme/db.qcow2" in ui.text("left")
        await ui.press("left")
        assert "/srv/nvme/db.qcow2" not in ui.text("left")
        await ui.press("space", "space", "down")
        assert ui.text("answer").startswith(" vdb")
        await ui.press("tab")
        assert ui.text("answer").startswith(" vcpu 12")
        await ui.press("j", "k", "G", "I")
        assert "sort steal▲" in ui.text("right")
        await ui.press("less_than_sign")
        assert "sort wait▼" in ui.text("right")
        await ui.press("right_square_bracket")
        assert "5 min" in ui.text("right")
        await ui.press("slash", "colon", "u", "ctrl+p")
        assert ui.top() is screen, "keys of lists mean nothing here"


@pytest.mark.parametrize(
    ("key", "verb"), [("S", Verb.SHUTDOWN), ("p", Verb.PAUSE), ("a", Verb.AUTOSTART_OFF)]
)
async def test_gentle_keys_act_on_this_domain(key: str, verb: Verb) -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.press(key)
        (command,) = ui.backend.commands
        assert (command.verb, command.target.key) == (verb, fleet.key(NAME))


@pytest.mark.parametrize(
    ("key", "verb"), [("D", Verb.FORCE_OFF), ("R", Verb.REBOOT), ("Z", Verb.RESET)]
)
async def test_what_loses_work_asks(key: str, verb: Verb) -> None:
    async with running_app() as ui:
        screen = await opened(ui)
        await ui.press(key)
        assert isinstance(ui.top(), ConfirmDialog)
        assert f"{NAME} on kvm01?" in ui.text("body")
        await ui.press("escape")
        assert ui.top() is screen and ui.backend.commands == []
        await ui.press(key, "y")
        assert [c.verb for c in ui.backend.commands] == [verb]
        failed = fleet.task(7, verb, NAME, TaskState.DONE, 1, words="is done with it")
        await ui.publish(failed)
        assert "is done with it" in ui.text("answer")


async def test_why_not_is_said() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.press("s")
        assert ui.text("answer") == " start: db-primary-01 is already running"
        await ui.press("r")
        assert "only when off" in ui.text("answer")


async def test_other_ways_out() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.press("3")
        assert ui.top() is ui.console and ui.view_state.pane == "storage"
        await ui.press("1")
        await opened(ui)
        await ui.press("question_mark")
        assert isinstance(ui.top(), HelpScreen)
        assert "for db-primary-01" in ui.text("top")
        assert "force off" in ui.text("page") and "filter" not in ui.text("page")
        await ui.press("escape", "y")
        assert fleet.uuid(NAME)[:20] in ui.text("body")
        await ui.press("escape", "escape")
        assert ui.top() is ui.console


async def test_the_domain_goes_while_its_page_is_open() -> None:
    async with running_app() as ui:
        await opened(ui)
        whole = fleet.inventory("kvm01")
        rest = {uuid: d for uuid, d in whole.domains.items() if d.name != NAME}
        await ui.publish(replace(whole, domains=rest))
        assert "gone" in ui.text("top") and "is gone from kvm01" in ui.text("answer")
        assert "vda" in ui.text("left")
        await ui.press("S")
        assert ui.text("answer") == " shut down: the domain is gone"
        assert ui.backend.commands == []
        await ui.publish(whole)
        assert "● running" in ui.text("top")


async def test_it_is_off_lost_or_silent() -> None:
    async with running_app() as ui:
        await opened(ui)
        whole = fleet.inventory("kvm01")
        await ui.publish(fleet.silent(whole))
        assert "kvm01 has not answered for 42 s" in ui.text("answer")
        uuid = fleet.uuid(NAME)
        off = replace(whole.domains[uuid], state=DomainState.SHUTOFF, id=None)
        await ui.publish(replace(whole, domains={**whole.domains, uuid: off}))
        assert "it is off: this is its definition" in ui.text("answer")
        assert "nvme" in ui.text("left") and " 412 " not in ui.text("left")
        mute = replace(whole.domains[uuid], silent_at=fleet.NOW - 9)
        await ui.publish(replace(whole, domains={**whole.domains, uuid: mute}))
        assert "has not answered for 9 s" in ui.text("answer")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36), (200, 60)])
async def test_every_size(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await opened(ui)
        for keys in ((), ("tab",), ("tab", "G"), ("g", "right", "right")):
            await ui.press(*keys)
            for strip in ui.app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]


async def test_hostile_text_is_text() -> None:
    inventory = fleet.small("kvm01", [HOSTILE[3]])
    (domain,) = inventory.domains.values()
    devices = tuple(
        device
        for place, text in enumerate(HOSTILE)
        for device in (
            Device("disk", f"{text}{place}", text, (text,), disk=Disk(text, source=text)),
            Device("interface", f"{text}{place}", text, nic=Nic(text, "bridge", text, text)),
            Device(text, f"{text}{place}", text, (text,)),
        )
    )  # fmt: skip
    page = domain_page.details()
    assert page.definition is not None
    guest = GuestAgentInfo(
        fleet.NOW, HOSTILE[0], HOSTILE[1], HOSTILE[2], users=tuple((text, 0.0) for text in HOSTILE),
        disks=tuple(GuestFilesystem(text, text, 9, 9, (text,)) for text in HOSTILE),
    )  # fmt: skip
    hostile = replace(
        page, key=domain.key, guest=guest,
        definition=replace(page.definition, devices=devices, description="\x1b[2J\n" * 3),
    )  # fmt: skip
    for size in ((80, 24), (120, 36)):
        async with running_app(size, [inventory], hosts=fleet.SPECS[:1]) as ui:
            await ui.press("enter")
            await ui.publish(hostile)
            await ui.press("g")
            for _ in range(len(HOSTILE) * 3 + 12):
                await ui.press("right", "down")
                said = ui.screen_text()
                assert "\x1b" not in said and "\u202e" not in said
            for strip in ui.app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]
