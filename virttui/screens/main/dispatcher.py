"""Runs actions: for a key, a click, the palette or a ``:`` line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from virttui.actions.action import Action
from virttui.actions.registry import ACTIONS, BY_ID, action_for_key
from virttui.actions.target import ActionContext
from virttui.model.commands import Verb

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen


class ActionRequest(Struct, frozen=True):
    """An action on objects that is to be run. ``verb`` selects one where the action has two."""

    action: Action
    context: ActionContext
    verb: Verb | None = None


class ActionDispatcher:
    """Runs each action by the handler it names, of one of two objects.

    ``view`` has the methods that take no request: they change what the screen shows. ``objects``
    has those that act on domains, networks, pools, volumes and tasks. Every handler of an action
    that belongs to ``panes`` is looked up here once; one that is missing is an AttributeError.
    """

    def __init__(
        self, screen: ActionScreen, view: object, objects: object, panes: frozenset[str]
    ) -> None:
        self._screen = screen
        self._view: dict[str, Callable[[], object]] = {}
        self._objects: dict[str, Callable[[ActionRequest], object]] = {}
        for action in ACTIONS:
            if not action.panes & panes:
                continue
            namespace, _, name = action.handler.partition(".")
            if namespace == "objects":
                self._objects[action.id] = getattr(objects, name)
            else:
                method = getattr(view, name)
                argument = action.argument
                self._view[action.id] = partial(method, argument) if argument else method

    def press(self, key: str) -> bool:
        """Run the action of a key, or show why it is unavailable; false for a key without one."""
        action = action_for_key(key, self._screen.view_state.situation())
        if action is None:
            return False
        self._screen.view_state.clear_message()
        self.run(action)
        return True

    def run_id(self, id: str) -> None:
        """Run an action by its id, for a click, the palette or the ``:`` line."""
        self.run(BY_ID[id])

    def run(
        self,
        action: Action,
        named: ActionContext | None = None,
        verb: Verb | None = None,
        before: Callable[[ActionContext], None] = lambda named: None,
    ) -> None:
        """Run an action, or show in the answer line why it is unavailable.

        ``named`` holds targets that a line named, in place of the selected ones; ``before`` gets
        them before a handler of the view runs, which acts on the selected row.
        """
        context = named or self._screen.view_state.situation()
        refusal = self._refusal(action, context, selected=named is None)
        if refusal:
            self._screen.show_message(f"{action.word}: {refusal}")
            return
        if action.id in self._view and named is not None:
            before(named)
        self.perform(action, context, verb)
        if self._screen.is_current:
            self._screen.paint()

    def _refusal(self, action: Action, context: ActionContext, *, selected: bool) -> str:
        """Why an action does not run now, "" when it does."""
        view_state = self._screen.view_state
        if not action.fits(context):
            return f"not in {view_state.pane}"
        if reason := action.why_not(context):
            return reason
        cursor = view_state.view.cursor
        if selected and action.kinds and cursor.marks and not context.marked:
            are = (
                "1 marked row is"
                if len(cursor.marks) == 1
                else f"{len(cursor.marks)} marked rows are"
            )
            return f"{are} hidden by the filter; esc clears the marks"
        if selected and action.verb is not None and cursor.row_vanished and not cursor.marks:
            # The key may have been meant for the row that went a moment ago.
            cursor.row_vanished = False
            now = context.subjects[0].name
            return f"the selected row disappeared; the cursor is on {now} now. Press again"
        return ""

    def perform(self, action: Action, context: ActionContext, verb: Verb | None = None) -> None:
        """Call the handler of an action that is available."""
        handler = self._view.get(action.id)
        if handler is not None:
            handler()
        else:
            self._objects[action.id](ActionRequest(action, context, verb))
