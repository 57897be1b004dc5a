"""The lifecycle keys on the page of a console: each asks, since the hand may still type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from virttui.actions.action import ConfirmWhen
from virttui.actions.registry import BY_ID, action_for_key
from virttui.model.commands import StartArguments, Verb
from virttui.panes.action_plan import command
from virttui.screens.base.screen_protocol import ActionScreen
from virttui.screens.main.dispatcher import ActionRequest

_ASKED = frozenset({"start", "shutdown", "force-off", "reboot", "reset", "pause", "save"})


class ObjectHandlers(Protocol):
    """The handlers of actions that the page uses."""

    def run_plan(self, request: ActionRequest) -> None:
        """Confirm and submit the command of an action."""

    def show_log(self, request: ActionRequest) -> None:
        """Show the log of a domain."""

    def open_console(self, request: ActionRequest) -> None:
        """Open the page of a domain's console."""

    def open_guest_screen(self, request: ActionRequest) -> None:
        """Open the page of a domain's screen."""


MakeHandlers = Callable[[ActionScreen], ObjectHandlers]


class LifecycleKeys:
    """Runs a lifecycle key on the domain of the page."""

    def __init__(self, screen: ActionScreen, handlers: ObjectHandlers) -> None:
        self._screen = screen
        self._handlers = handlers

    def press(self, key: str) -> bool:
        """Ask whether to do what a key means, or say why not; false for another key."""
        context = self._screen.view_state.situation()
        action = action_for_key(key, context)
        if action is None or action.id not in _ASKED:
            return False
        reason = action.why_not(context)
        if reason:
            self._screen.show_message(f"{action.word}: {reason}")
        elif action.id == "start" and not context.subjects[0].active:
            self._start()
        else:
            asked = replace(action, confirm_when=ConfirmWhen.ALWAYS)
            self._handlers.run_plan(ActionRequest(asked, context))
        return True

    def show_log(self) -> None:
        """Show the log of the domain."""
        context = self._screen.view_state.situation()
        if context.subjects:
            self._handlers.show_log(ActionRequest(BY_ID["logs"], context))

    def open_page(self, id: str) -> None:
        """Open the page of an action on the domain, "console" or "screen", or say why not."""
        context = self._screen.view_state.situation()
        action = BY_ID[id]
        if reason := action.why_not(context):
            self._screen.show_message(f"{action.word}: {reason}")
        elif id == "screen":
            self._handlers.open_guest_screen(ActionRequest(action, context))
        else:
            self._handlers.open_console(ActionRequest(action, context))

    def _start(self) -> None:
        """Start the guest paused, attach its console, let it run: at once, as it is off."""
        subject = self._screen.view_state.situation().subjects[0]
        made = replace(command(subject, Verb.START), arguments=StartArguments(attach_consoles=True))
        self._screen.console.submit((made,))
