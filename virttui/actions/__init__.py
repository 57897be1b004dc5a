"""Every action once: its key, its words, what it is for, why it cannot be done, what it asks.

The key map, the keys line, the help page, the palette and the ``:`` line are all made from
``ACTIONS``. An action on objects says *why not* for each subject and which verb it would be
(``panes.plans`` makes commands of them); an action on the screen is only named here and done by
the screen's hands.
"""

from virttui.actions.action import PANES, Action, ConfirmWhen, HelpSection
from virttui.actions.reasons import FORMATS, is_paused
from virttui.actions.subject import ActionContext, ActionTarget, Thing
from virttui.actions.table import ACTIONS, BY_ID, meant

__all__ = [
    "ACTIONS",
    "BY_ID",
    "FORMATS",
    "PANES",
    "Action",
    "ActionContext",
    "ActionTarget",
    "ConfirmWhen",
    "HelpSection",
    "Thing",
    "is_paused",
    "meant",
]
