"""All actions, in the order the help page lists them."""

from __future__ import annotations

from virttui.actions.action import Action, ConfirmWhen
from virttui.actions.on_objects import OBJECT_ACTIONS
from virttui.actions.on_screens import SCREEN_ACTIONS
from virttui.actions.target import ActionContext
from virttui.model.commands import Verb

ACTIONS = (*OBJECT_ACTIONS, *SCREEN_ACTIONS)

BY_ID = {action.id: action for action in ACTIONS}

CONFIRM_RETRY: frozenset[Verb] = frozenset(
    action.verb
    for action in ACTIONS
    if isinstance(action.verb, Verb)
    and action.confirm_when is ConfirmWhen.ALWAYS
    and action.confirm_retry
)
"""The verbs that are confirmed once more before they are retried."""

ALIASES = {"set": "edit", "unhealthy": "attention"}
"""Words of the ``:`` line that mean an action of another id."""
LINE_COMMANDS = {
    "add": "add_device",
    "documents": "choose_document",
    "secrets": "show_secrets",
    "nwfilters": "show_nwfilters",
    "orphans": "show_unused_volumes",
    "topology": "show_topology",
    "drafts": "choose_draft",
    "leftovers": "show_leftovers",
    "demo": "open_demo",
}
"""Words of the ``:`` line that have no key: the method of ``LineCommands`` that runs each."""


def action_for_key(key: str, situation: ActionContext) -> Action | None:
    """The action a key means here."""
    return next(
        (action for action in ACTIONS if key in action.keys and action.fits(situation)), None
    )
