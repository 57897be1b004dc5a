"""Hands a guest's display over: lines to copy, a ``.vv`` file, a viewer that is started here."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from virttui.actions import availability
from virttui.local import subprocesses
from virttui.local.private_files import write_whole
from virttui.model.commands import Verb
from virttui.model.domains.guest_screen import (
    VNC_PASSWORD,
    Display,
    DisplayPasswordArguments,
    GuestDisplays,
)
from virttui.model.secret_value import SecretBytes
from virttui.panes.action_plan import command
from virttui.panes.guest_screen.view_state import GuestScreenViewState
from virttui.panes.guest_screen.viewers import ViewerLines
from virttui.render.search import PickerItem
from virttui.screens.base.screen_protocol import ActionScreen
from virttui.widgets.prompt import Prompt

FILE, PASSWORD = "save .vv as", "display password"
"""The signs of the lines in which the name of the file and a password are typed."""

_VALID = {"as long as it runs": 0.0, "10 minutes": 600.0, "an hour": 3600.0, "a day": 86400.0}

_SHOWS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Variables that a session with a screen has."""
_STARTS_WITHIN = 2.0
"""Seconds after which a viewer that still runs is taken to have started."""


class ViewerPage(ActionScreen, Protocol):
    """The parts of the page that handing over uses."""

    prompt: Prompt
    displays: GuestDisplays | None
    view_state: GuestScreenViewState


class ViewerMenu:
    """What can be handed over from a page."""

    def __init__(self, page: ViewerPage) -> None:
        self._page = page

    def open(self) -> None:
        """Choose one of the ways; or say why there is none."""
        found = self._page.view_state.content.viewer_lines
        if found is None:
            self._page.show_message("hand over: it is not known yet how it can be looked at")
        else:
            self._page.run_flow(self._choose(found))

    async def _choose(self, found: ViewerLines) -> None:
        from virttui.modals.base.chooser import PickerDialog

        none = "" if found.tunnel else "its display has no port"
        items = [
            PickerItem("viewer", "copy the virt-viewer line", found.viewer, "v"),
            PickerItem("tunnel", "copy the ssh tunnel", found.tunnel, "t", none),
            PickerItem("remote", "copy the remote-viewer line", found.remote, "r", none),
            PickerItem("address", "copy its address", found.address, "a",
                       "" if found.address else "it has none"),
            PickerItem("file", "save a .vv file", "for remote-viewer, with the tunnel", "f", none),
            PickerItem("password", "set its password", "shown nowhere; until it goes off", "p",
                       self._why_no_password()),
            PickerItem("shut", "shut viewers out", "its password expires; whoever is in stays",
                       "x", self._why_no_password()),
            PickerItem("start", "start virt-viewer here", " ".join(found.here[1:]), "s",
                       why_no_viewer()),
        ]  # fmt: skip
        name = self._page.view_state.content.name
        chosen = await self._page.show_dialog(
            PickerDialog(f"hand over the display of {name}", items, typed=False)
        )
        copied = {
            "viewer": found.viewer,
            "tunnel": found.tunnel,
            "remote": f"remote-viewer {found.remote}",
            "address": found.address,
        }
        if chosen in copied:
            self._page.app.copy_to_clipboard(copied[chosen])
            self._page.show_message(f"copied {copied[chosen]}")
        elif chosen == "file":
            self._page.prompt.open(f"{FILE}: ", f"{name}.vv")
            self._page.paint()
        elif chosen == "start":
            await self._start(found)
        elif chosen == "password":
            self._page.prompt.open(f"{PASSWORD}: ", "", hidden=True)
            self._page.paint()
        elif chosen == "shut":
            await self._shut()

    # -- the password of the display ---------------------------------------------------------

    @property
    def _display(self) -> Display | None:
        displays = self._page.displays
        found = displays.displays if displays is not None else ()
        return next((one for one in found if one.type in ("vnc", "spice")), None)

    def _why_no_password(self) -> str:
        """Why its password cannot be set now; "" where it can."""
        display = self._display
        if display is None:
            return "it has no vnc or spice display"
        if display.password is None:
            return "hidden from this connection"
        if not display.password:
            return "started without a password"
        subjects = self._page.view_state.situation().subjects
        return availability.needs_change(subjects[0]) if subjects else "it is gone"

    async def set_password(self, typed: str) -> None:
        """Ask for how long, and set the password that was typed."""
        from virttui.modals.base.chooser import PickerDialog

        display = self._display
        if display is None or self._why_no_password():
            self._page.show_message(f"password: {self._why_no_password()}", bad=True)
        elif display.type == "vnc" and len(typed) > VNC_PASSWORD:
            text = f"password: VNC takes at most {VNC_PASSWORD} characters"
            self._page.show_message(text, bad=True)
        else:
            items = [PickerItem(one, words) for words, one in _VALID.items()]
            dialog = PickerDialog("valid for how long?", items, typed=False)
            seconds = await self._page.show_dialog(dialog)
            if seconds is not None:
                sealed = SecretBytes(typed.encode())
                self._submit(DisplayPasswordArguments(display.type, sealed, seconds or None))

    async def _shut(self) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        page, display = self._page.view_state.content, self._display
        if display is None:
            return
        question = Confirmation(
            "shut viewers out",
            f"Shut viewers out of the {display.type} display of {page.name} on {page.host}?",
            "Shut out",
            name=page.name,
            consequence="Its password is replaced by one that nobody knows, and has expired. "
            "Whoever is connected stays; nobody else gets in until a new one is set.",
        )
        if await self._page.show_dialog(ConfirmDialog(question)) is not None:
            self._submit(DisplayPasswordArguments(display.type))

    def _submit(self, arguments: DisplayPasswordArguments) -> None:
        subjects = self._page.view_state.situation().subjects
        if subjects:
            made = command(subjects[0], Verb.SET_DISPLAY_PASSWORD)
            self._page.console.submit((replace(made, arguments=arguments),))

    # -- a viewer on this machine, a file ----------------------------------------------------

    async def _start(self, found: ViewerLines) -> None:
        """Start a viewer, and say what became of it."""
        self._page.show_message(f"{found.here[0]} is started")
        failed = await asyncio.to_thread(start_viewer, found.here)
        if failed:
            self._page.show_message(failed, bad=True)
        else:
            self._page.show_message(f"{found.here[0]} runs")

    async def save(self, typed: str) -> None:
        """Write the ``.vv`` file; one that is there already stays."""
        found = self._page.view_state.content.viewer_lines
        if found is None or not found.file:
            self._page.show_message("save: its display has no port any more", bad=True)
            return
        try:
            path = await asyncio.to_thread(partial(_write, typed, found.file))
        except FileExistsError:
            self._page.show_message(f"save: {typed} is there already", bad=True)
        except RuntimeError:
            self._page.show_message(f"save: {typed} is not a user's home", bad=True)
        except OSError as error:
            self._page.show_message(f"save: {typed}: {error.strerror}", bad=True)
        else:
            self._page.show_message(f"saved, for use with the ssh tunnel: {path}")


def _write(typed: str, content: str) -> Path:
    """Write a new file; returns its whole path. Raises OSError, RuntimeError for no home."""
    path = Path(typed).expanduser()
    write_whole(path, content.encode(), mode=0o600, replace=False)
    return path.absolute()


def why_no_viewer() -> str:
    """Why no viewer can be started on this machine; "" where one can."""
    if not any(os.environ.get(name) for name in _SHOWS):
        return "DISPLAY is not set here"
    return "" if shutil.which("virt-viewer") else "virt-viewer not installed"


def start_viewer(arguments: tuple[str, ...]) -> str:
    """Start a viewer that outlives the app; returns why it ended at once, "" where it runs."""
    try:
        child = subprocesses.begin(arguments, subprocess.DEVNULL, subprocess.PIPE)
    except OSError as error:
        return f"{arguments[0]}: {error.strerror}"
    try:
        _, said = child.communicate(timeout=_STARTS_WITHIN)
    except subprocess.TimeoutExpired:
        return ""
    last = said.decode(errors="replace").strip().splitlines()[-1:] or [""]
    return f"{arguments[0]} ended: {last[0]}" if child.returncode or last[0] else ""
