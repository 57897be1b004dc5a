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


async def opened(made: RunningApp) -> DetailsScreen:
    made.put_cursor(NAME)
    await made.press("enter")
    await made.publish(domain_page.details())
    screen = made.app.screen
    assert isinstance(screen, DetailsScreen)
    return screen


async def test_enter_opens_and_escape_goes_back() -> None:
    async with running_app() as made:
        await opened(made)
        assert made.backend.inspected == [fleet.key(NAME)]
        assert "kvm01 › domains › db-primary-01" in made.text("top")
        assert "vda  nvme" in made.text("left") and "steal" in made.text("right")
        await made.press("escape")
        assert made.top() is made.console and made.cursor() == NAME
        assert made.backend.inspected[-1] is None, "nothing is asked for a page that is shut"


async def test_figures_move() -> None:
    async with running_app() as made:
        await opened(made)
        disks = dict(domain_page.details().disks)
        disks["vda"] = replace(disks["vda"], reads=1000.0, writes=234.0)
        await made.publish(replace(domain_page.details(), disks=disks))
        assert "1.2K" in made.text("left") and " 412 " not in made.text("left")


async def test_details_of_another_domain_are_not_drawn() -> None:
    async with running_app() as made:
        await opened(made)
        before = made.screen_text()
        await made.publish(DomainDetails(fleet.key("gitlab"), fault="not mine"))
        assert made.screen_text() == before


async def test_keys_on_the_page() -> None:
    async with running_app() as made:
        screen = await opened(made)
        await made.press("right")
        assert "/srv/nvme/db.qcow2" in made.text("left")
        await made.press("left")
        assert "/srv/nvme/db.qcow2" not in made.text("left")
        await made.press("space", "space", "down")
        assert made.text("answer").startswith(" vdb")
        await made.press("tab")
        assert made.text("answer").startswith(" vcpu 12")
        await made.press("j", "k", "G", "I")
        assert "sort steal▲" in made.text("right")
        await made.press("less_than_sign")
        assert "sort wait▼" in made.text("right")
        await made.press("right_square_bracket")
        assert "5 min" in made.text("right")
        await made.press("slash", "colon", "u", "ctrl+p")
        assert made.top() is screen, "keys of lists mean nothing here"


@pytest.mark.parametrize(
    ("key", "verb"), [("S", Verb.SHUTDOWN), ("p", Verb.PAUSE), ("a", Verb.AUTOSTART_OFF)]
)
async def test_gentle_keys_act_on_this_domain(key: str, verb: Verb) -> None:
    async with running_app() as made:
        await opened(made)
        await made.press(key)
        (command,) = made.backend.commands
        assert (command.verb, command.target.key) == (verb, fleet.key(NAME))


@pytest.mark.parametrize(
    ("key", "verb"), [("D", Verb.FORCE_OFF), ("R", Verb.REBOOT), ("Z", Verb.RESET)]
)
async def test_what_loses_work_asks(key: str, verb: Verb) -> None:
    async with running_app() as made:
        screen = await opened(made)
        await made.press(key)
        assert isinstance(made.top(), ConfirmDialog)
        assert f"{NAME} on kvm01?" in made.text("body")
        await made.press("escape")
        assert made.top() is screen and made.backend.commands == []
        await made.press(key, "y")
        assert [c.verb for c in made.backend.commands] == [verb]
        failed = fleet.task(7, verb, NAME, TaskState.DONE, 1, words="is done with it")
        await made.publish(failed)
        assert "is done with it" in made.text("answer")


async def test_why_not_is_said() -> None:
    async with running_app() as made:
        await opened(made)
        await made.press("s")
        assert made.text("answer") == " start: db-primary-01 is already running"
        await made.press("r")
        assert "only when off" in made.text("answer")


async def test_other_ways_out() -> None:
    async with running_app() as made:
        await opened(made)
        await made.press("3")
        assert made.top() is made.console and made.view_state.pane == "storage"
        await made.press("1")
        await opened(made)
        await made.press("question_mark")
        assert isinstance(made.top(), HelpScreen)
        assert "for db-primary-01" in made.text("top")
        assert "force off" in made.text("page") and "filter" not in made.text("page")
        await made.press("escape", "y")
        assert fleet.uuid(NAME)[:20] in made.text("body")
        await made.press("escape", "escape")
        assert made.top() is made.console


async def test_the_domain_goes_while_its_page_is_open() -> None:
    async with running_app() as made:
        await opened(made)
        whole = fleet.inventory("kvm01")
        rest = {uuid: d for uuid, d in whole.domains.items() if d.name != NAME}
        await made.publish(replace(whole, domains=rest))
        assert "gone" in made.text("top") and "is gone from kvm01" in made.text("answer")
        assert "vda" in made.text("left")
        await made.press("S")
        assert made.text("answer") == " shut down: the domain is gone"
        assert made.backend.commands == []
        await made.publish(whole)
        assert "● running" in made.text("top")


async def test_it_is_off_lost_or_silent() -> None:
    async with running_app() as made:
        await opened(made)
        whole = fleet.inventory("kvm01")
        await made.publish(fleet.silent(whole))
        assert "kvm01 has not answered for 42 s" in made.text("answer")
        uuid = fleet.uuid(NAME)
        off = replace(whole.domains[uuid], state=DomainState.SHUTOFF, id=None)
        await made.publish(replace(whole, domains={**whole.domains, uuid: off}))
        assert "it is off: this is its definition" in made.text("answer")
        assert "nvme" in made.text("left") and " 412 " not in made.text("left")
        mute = replace(whole.domains[uuid], silent_at=fleet.NOW - 9)
        await made.publish(replace(whole, domains={**whole.domains, uuid: mute}))
        assert "has not answered for 9 s" in made.text("answer")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36), (200, 60)])
async def test_every_size(size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        await opened(made)
        for keys in ((), ("tab",), ("tab", "G"), ("g", "right", "right")):
            await made.press(*keys)
            for strip in made.app.screen._compositor.render_strips():
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
        async with running_app(size, [inventory], hosts=fleet.SPECS[:1]) as made:
            await made.press("enter")
            await made.publish(hostile)
            await made.press("g")
            for _ in range(len(HOSTILE) * 3 + 12):
                await made.press("right", "down")
                said = made.screen_text()
                assert "\x1b" not in said and "\u202e" not in said
            for strip in made.app.screen._compositor.render_strips():
                assert strip.cell_length == size[0]
