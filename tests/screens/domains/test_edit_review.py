"""What the review of an edit says before it is made: what is wrong, and the line by hand."""

from __future__ import annotations

import pytest

from tests.arguments import arguments_of
from tests.scenes.running_app import RunningApp, running_app
from tests.scenes.xml_editor import KNOWN
from tests.screens.domains.test_edit_settings import looked_at, only, script
from virttui.modals.domains import edit_preview
from virttui.model.commands import EditArguments
from virttui.model.documents import HostValues
from virttui.model.queries import HostValuesQuery, Query


async def reviewed(ui: RunningApp, line: str, known: HostValues | None = KNOWN) -> str:
    """The review of a line for web-01, as one line of text."""
    ui.backend.knowledge = known
    ui.put_cursor("web-01")
    await ui.type(f":{line}")
    await ui.press("enter")
    return " ".join((await looked_at(ui)).split())


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_network_that_is_not_there_is_warned_of(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        script(ui, "web-01")
        body = await reviewed(ui, "set nic1 network labb")
        assert '! network "labb" is not on kvm01. Did you mean "lab"?' in body


async def test_one_that_is_there_is_not() -> None:
    async with running_app() as ui:
        script(ui, "web-01")
        assert "!" not in await reviewed(ui, "set nic1 network lab")


async def test_where_the_host_does_not_tell_nothing_is_claimed() -> None:
    async with running_app() as ui:
        script(ui, "web-01")
        body = await reviewed(ui, "set nic1 network labb", None)
        assert "!" not in body and "labb" in body


async def test_a_line_that_does_it_goes_with_the_task() -> None:
    async with running_app((120, 36)) as ui:
        script(ui, "web-01")
        body = await reviewed(ui, "set memory 16G")
        assert "setmaxmem web-01 16G --config && virsh" in body
        assert "about the same" not in body
        await ui.press("y")
        assert arguments_of(only(ui), EditArguments).equivalent_command.endswith(
            "setmem web-01 16G --config"
        )


async def test_the_line_follows_the_moment_that_is_chosen() -> None:
    async with running_app((120, 36)) as ui:
        script(ui, "web-01", live=True)
        body = await reviewed(ui, "set nic1 link down")
        assert "52:54:00:00:00:06 down && virsh" in body and "down --config" in body
        await ui.press("w")
        body = " ".join(ui.text("body").split())
        assert "down --config" in body and "&&" not in body


async def test_what_cannot_be_said_exactly_is_not_said_to_be() -> None:
    async with running_app((120, 36)) as ui:
        script(ui, "web-01")
        body = await reviewed(ui, "set nic1 network 'a,b'", None)
        assert "approximate virsh command: virsh" in body and "edit web-01" in body


async def test_a_host_that_does_not_tell_keeps_no_edit_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edit_preview, "PATIENCE", 0.1)
    async with running_app() as ui:
        script(ui, "web-01")
        answer = ui.backend.answer

        def deaf(query: Query) -> None:
            if not isinstance(query, HostValuesQuery):
                ui.backend.publish(answer(query))

        ui.backend.asked = deaf
        ui.put_cursor("web-01")
        await ui.type(":set nic1 network lab")
        await ui.press("enter")
        assert "lab" in await looked_at(ui)
        await ui.press("y")
        assert arguments_of(only(ui), EditArguments).change is not None
