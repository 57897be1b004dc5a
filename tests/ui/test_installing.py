"""The wizard of a new machine: steps, keys, drafts; nothing is made before the last key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.ui import scene
from tests.ui.stand import ScriptedBackend, Stand, stand
from virttui.archive import wishes
from virttui.modals.chooser import ChooserSheet
from virttui.modals.installing import WizardPage
from virttui.model.commands import Verb
from virttui.model.errors import BadInput
from virttui.model.founding import Surroundings
from virttui.model.installing import Stage
from virttui.model.machines import Descriptor, HostCan
from virttui.model.news import Answer, Ask, Question

CAN = HostCan(
    virt="kvm", emulator="/usr/bin/qemu-system-x86_64", machine="pc-q35-7.2",
    machines=("q35", "pc-q35-7.2"), max_vcpus=64, firmwares=frozenset({"bios", "efi"}),
    cpu_modes=("host-passthrough", "host-model"),
)  # fmt: skip
DEBIAN = Descriptor("Debian 12.4.0 amd64 n", "LINUX", "", "", 1, bootable=True)


class Host:
    """Answers as a host does."""

    def __init__(self, backend: ScriptedBackend, image: Descriptor | None = DEBIAN) -> None:
        self._backend, self._image = backend, image
        backend.ask = self  # type: ignore[assignment]

    def __call__(self, question: Question) -> None:
        answer = Answer(question)
        if question.ask is Ask.CAN:
            answer = replace(answer, can=CAN)
        elif question.ask is Ask.SURROUNDINGS:
            answer = replace(answer, surroundings=Surroundings(bridges=("br0",)))
        elif question.ask is Ask.VOLUMES:
            answer = replace(answer, volumes=scene.volumes())
        elif question.ask is Ask.IMAGE and self._image is not None:
            answer = replace(answer, image=self._image)
        elif question.ask is Ask.IMAGE:
            answer = replace(answer, trouble=BadInput("it is no ISO image"))
        self._backend.tell(answer)


async def opened(made: Stand, *, host: str = "web-01") -> WizardPage:
    made.put_cursor(host)
    await made.press("n")
    await made.wait_for(lambda: isinstance(made.app.screen, ChooserSheet), "the hosts")
    await made.press("enter")
    await made.wait_for(lambda: isinstance(made.app.screen, WizardPage), "the wizard")
    await made.wait_for(lambda: "an ISO image boots first" in made.painted(), "its fields")
    screen = made.app.screen
    assert isinstance(screen, WizardPage)
    return screen


async def at(made: Stand, stage: Stage) -> None:
    await made.wait_for(lambda: made.app.screen._stage is stage, stage.value)  # type: ignore[attr-defined]
    await made.settle()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_enter_enter_enter_makes_a_good_machine(size: tuple[int, int]) -> None:
    async with stand(size) as made:
        Host(made.backend)
        await opened(made)
        stages = list(Stage)
        for stage in stages[1:]:
            await made.press("enter")
            await at(made, stage)
            assert not made.backend.commands, "nothing is made on the way"
        shown = made.painted()
        assert "Create and start" in shown and "debian" in shown
        await made.press("a")
        assert made.app.screen is made.console
        (command,) = made.backend.commands
        assert command.verb is Verb.MAKE and command.recipe is not None
        assert "q35" in command.recipe.xml and command.recipe.start
        assert command.target.key.uuid in command.recipe.xml
        (volume,) = command.recipe.volumes
        assert volume.new.capacity >= 2**30


async def test_esc_keeps_the_draft_and_the_next_time_begins_with_it() -> None:
    async with stand() as made:
        Host(made.backend)
        await opened(made)
        await made.press("enter")
        await at(made, Stage.WHERE)
        await made.press("ctrl+u")
        await made.type("shop")
        await made.press("escape")
        assert made.app.screen is made.console and not made.backend.commands
        await made.wait_for(lambda: wishes.load("kvm01").get("name") == "shop", "it is kept")
        await opened(made)
        await made.press("f2")
        await at(made, Stage.REVIEW)
        assert "shop" in made.painted()
        await made.press("pageup")
        await at(made, Stage.EXTRAS)
        await made.press("f2", "a")
        await made.wait_for(lambda: not wishes.load("kvm01"), "it is made, and forgotten")


async def test_a_password_is_dots_and_in_no_draft() -> None:
    async with stand() as made:
        Host(made.backend)
        sheet = await opened(made)
        await made.type("cloud")
        await made.press("tab")
        for _ in range(6):
            await made.press("enter")
        await at(made, Stage.EXTRAS)
        for _ in range(12):
            if sheet._now is not None and sheet._now.name == "password":
                break
            await made.press("tab")
        await made.type("s3cret")
        await made.press("tab")
        assert "s3cret" not in made.painted()
        await made.press("f2")
        await at(made, Stage.REVIEW)
        assert "s3cret" not in made.painted()
        await made.press("escape")
        await made.wait_for(lambda: wishes.load("kvm01"), "it is kept")
        assert "password" not in wishes.load("kvm01")


async def test_a_taken_name_and_what_is_no_image_are_said_at_once() -> None:
    async with stand() as made:
        Host(made.backend, None)
        await opened(made)
        await made.press("enter")
        await at(made, Stage.WHERE)
        await made.press("ctrl+u")
        await made.type("web-01")
        assert "web-01 is on kvm01 already" in made.painted()
        await made.press("enter", "f2")
        assert made.app.screen._stage is Stage.WHERE, "it cannot be left so"  # type: ignore[attr-defined]
        await made.type("0")
        await made.press("enter")
        await at(made, Stage.SYSTEM)
        assert "no ISO image" in made.painted()


async def test_what_stands_in_the_way_is_said_and_cannot_be_made() -> None:
    async with stand() as made:
        Host(made.backend)
        await opened(made)
        for stage in list(Stage)[1:4]:
            await made.press("enter")
            await at(made, stage)
        await made.press("tab", "ctrl+u")
        await made.type("9000G")
        await made.press("f2")
        await at(made, Stage.REVIEW)
        assert "8.8T is asked" in made.painted()
        await made.press("a")
        assert not made.backend.commands, "what blocks cannot be made"


async def test_a_pattern_makes_many() -> None:
    async with stand() as made:
        Host(made.backend)
        await opened(made)
        await made.press("enter")
        await at(made, Stage.WHERE)
        await made.press("ctrl+u")
        await made.type("shop-{01..03}")
        await made.press("f2")
        await at(made, Stage.REVIEW)
        assert "Create and start 3" in made.painted() and "shop-03" in made.painted()
        await made.press("a")
        names = [command.target.name for command in made.backend.commands]
        assert names == ["shop-01", "shop-02", "shop-03"]
        uuids = {command.target.key.uuid for command in made.backend.commands}
        assert len(uuids) == 3


async def test_it_is_made_on_the_host_that_is_chosen() -> None:
    async with stand() as made:
        Host(made.backend)
        made.put_cursor("web-01")
        await made.press("n")
        await made.wait_for(lambda: isinstance(made.app.screen, ChooserSheet), "the hosts")
        assert "not promised" in made.painted()
        await made.type("kvm02")
        await made.press("enter")
        await made.wait_for(lambda: isinstance(made.app.screen, WizardPage), "the wizard")
        assert "new domain" in made.painted() and "on kvm02" in made.painted()
        await made.press("escape", "n", "escape")
        assert made.app.screen is made.console and not made.backend.commands
