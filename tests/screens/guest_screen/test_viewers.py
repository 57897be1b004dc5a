"""Handing a display over from the page of a guest's screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import Verb
from virttui.model.domains.guest_screen import Display, DisplayPasswordArguments, GuestDisplays
from virttui.screens.guest_screen.viewers import start_viewer

from .watched import NAME, text_screen, watched

LOGIN = f"{NAME} login:"


def displays(password: bool | None) -> GuestDisplays:
    return GuestDisplays((Display("vnc", "127.0.0.1", 5907, password=password),), ("vga",), 1)


async def opened(ui: RunningApp, clock: FixedClock, password: bool | None = None) -> None:
    await watched(ui, clock, text_screen(LOGIN), LOGIN, displays(password))
    await ui.press("h")
    await ui.wait_for(lambda: isinstance(ui.top(), PickerDialog), "the menu")


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


async def test_the_lines_stand_below_the_screen_where_there_is_room() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN, displays(None))
        below = ui.text("words")
        assert f"-- {NAME}" in below and "remote-viewer vnc://127.0.0.1:5907" in below
        assert "ssh -NL 5907:127.0.0.1:5907 " in below
    async with running_app((80, 24), clock=clock) as ui:
        await watched(ui, clock, text_screen(LOGIN), LOGIN, displays(None))
        assert "remote-viewer" not in ui.painted()


async def test_a_line_is_copied() -> None:
    clock = FixedClock()
    async with running_app((80, 24), clock=clock) as ui:
        await opened(ui, clock)
        await ui.press("t")
        await ui.frame()
        assert ui.app.clipboard.startswith("ssh -NL 5907:127.0.0.1:5907 ")


async def test_a_vv_file_is_saved_without_a_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await opened(ui, clock, True)
        await ui.press("f")
        await ui.frame()
        await ui.press("enter")
        await ui.wait_for(lambda: "saved, for use with the ssh tunnel: " in ui.text("answer"))
        (content,) = contents(tmp_path).values()
        assert "type=vnc\nhost=127.0.0.1\nport=5907\n" in content and "password" not in content


async def test_no_viewer_is_started_where_there_is_no_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await opened(ui, clock)
        assert "DISPLAY is not set here" in ui.screen_text()
        await ui.press("s")
        assert isinstance(ui.top(), PickerDialog)


def test_a_viewer_that_ends_at_once_says_why() -> None:
    assert start_viewer(("sh", "-c", "echo no such display >&2; exit 3")) == (
        "sh ended: no such display"
    )
    assert "No such file" in start_viewer(("/nowhere/viewer",))


@pytest.mark.parametrize(
    ("password", "why"),
    [(False, "started without a password"), (None, "hidden from this connection")],
)
async def test_a_password_that_cannot_be_set_says_why(password: bool | None, why: str) -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await opened(ui, clock, password)
        assert why in ui.screen_text()
        await ui.press("p", "x")
        assert isinstance(ui.top(), PickerDialog) and not ui.backend.commands


async def test_a_password_is_typed_hidden_and_sent_sealed() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await opened(ui, clock, True)
        await ui.press("p")
        await ui.frame()
        await ui.type("hunter-22")
        assert "hunter" not in ui.painted()
        await ui.press("enter")
        assert "VNC takes at most 8 characters" in ui.text("answer")
        await ui.press("h", "p")
        await ui.frame()
        await ui.type("hunter2")
        await ui.press("enter")
        await ui.frame()
        await ui.press("down", "enter")
        await ui.frame()
        command = ui.backend.commands[-1]
        assert command.verb is Verb.SET_DISPLAY_PASSWORD and "hunter" not in repr(command)
        arguments = command.arguments
        assert isinstance(arguments, DisplayPasswordArguments) and arguments.seconds == 600.0
        assert arguments.password is not None and arguments.password.take() == b"hunter2"


async def test_shutting_viewers_out_asks_and_says_what_is_lost() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await opened(ui, clock, True)
        await ui.press("x")
        await ui.frame()
        assert isinstance(ui.top(), ConfirmDialog)
        assert "Whoever is connected stays" in " ".join(ui.screen_text().split())
        await ui.press("enter")
        assert not ui.backend.commands
        await ui.press("h", "x")
        await ui.frame()
        await ui.press("y")
        await ui.frame()
        assert ui.backend.commands[-1].arguments == DisplayPasswordArguments("vnc")
