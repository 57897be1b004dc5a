"""Flows of dialogs: a coroutine of a screen that shows one dialog after the other."""

from __future__ import annotations

import asyncio
import inspect

from textual import events

from tests.scenes.running_app import running_app
from virttui.modals.base.confirm import Confirmation, ConfirmDialog, Decision
from virttui.widgets import base_screen
from virttui.widgets.base_screen import LineScreen


def dialog(title: str) -> ConfirmDialog:
    return ConfirmDialog(Confirmation(title, f"{title}?", "Do it"))


class TwoQuestions:
    """A flow that asks twice, and remembers what was answered."""

    def __init__(self, screen: LineScreen[None]) -> None:
        self.screen = screen
        self.answers: list[Decision | None] = []
        self.cancelled = False

    async def run(self) -> None:
        try:
            for title in ("first", "second"):
                self.answers.append(await self.screen.show_dialog(dialog(title)))
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_a_flow_goes_on_when_its_dialog_is_closed() -> None:
    async with running_app() as ui:
        flow = TwoQuestions(ui.console)
        ui.console.run_flow(flow.run())
        await ui.wait_for(lambda: isinstance(ui.top(), ConfirmDialog), "the first dialog")
        assert flow.answers == []
        await ui.press("y")
        assert isinstance(ui.top(), ConfirmDialog)
        await ui.press("escape")
        assert ui.top() is ui.console
        first, second = flow.answers
        assert isinstance(first, Decision)
        assert second is None


async def test_a_key_goes_to_the_dialog_that_the_key_before_it_opened() -> None:
    async with running_app() as ui:
        flow = TwoQuestions(ui.console)
        ui.console.run_flow(flow.run())
        await ui.wait_for(lambda: isinstance(ui.top(), ConfirmDialog), "the first dialog")
        for _ in range(2):
            ui.app.post_message(events.Key("y", "y"))
        await ui.wait_for(lambda: len(flow.answers) == 2, "both answers")
        assert all(isinstance(answer, Decision) for answer in flow.answers)


async def test_a_flow_ends_with_its_screen() -> None:
    async with running_app() as ui:
        screen = LineScreen[None]()
        ui.app.push_screen(screen)
        flow = TwoQuestions(screen)
        screen.run_flow(flow.run())
        await ui.wait_for(lambda: isinstance(ui.top(), ConfirmDialog), "the first dialog")
        asked = ui.top()
        await screen.remove()
        await ui.wait_for(lambda: flow.cancelled, "the flow to be cancelled")
        asked.dismiss(None)
        assert flow.answers == []


def test_a_flow_that_was_cancelled_before_its_first_step_is_closed() -> None:
    async def flow() -> None:
        raise AssertionError("it never begins")

    begun = flow()
    wrapped = base_screen._Flow(begun)
    del wrapped
    assert inspect.getcoroutinestate(begun) == inspect.CORO_CLOSED
