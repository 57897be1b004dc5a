"""One action as a record: its key, its words, what it is for, why not, which verb it would be."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Verb
from virttui.model.identity import Kind

_KIND = {
    "domains": Kind.DOMAIN,
    "networks": Kind.NETWORK,
    "storage": Kind.POOL,
    "details": Kind.DOMAIN,
}


class HelpSection(StrEnum):
    """Where the help page lists an action."""

    OBJECT = "this {kind}"
    TABLE = "this table"
    MOVE = "move"
    EVERYWHERE = "everywhere"


class ConfirmWhen(StrEnum):
    """When an action asks before it acts."""

    NEVER = "never"
    BULK = "in bulk"
    ALWAYS = "always"


Refusal = Callable[[ActionTarget], str]

PANES = ("domains", "networks", "storage", "hosts", "tasks", "events")

PANE_OF = {
    Kind.DOMAIN: "domains",
    Kind.NETWORK: "networks",
    Kind.POOL: "storage",
    Kind.HOST: "hosts",
}
"""The pane that lists the objects of a kind."""


class Action(Struct, frozen=True):
    """One action.

    ``word`` is for the keys line, ``title`` for buttons and the palette, ``help`` for the help
    page. ``kinds`` are the objects it acts on, empty for actions on the screen; ``panes`` are the
    panes where it can be used, with "details" for the page of one domain. ``unavailable_for`` is
    a function from a target to the reason why not, "" when it can be done; ``unavailable`` is the
    same for actions on the screen. ``verb`` is the verb of the command, or a function of the
    target. ``single_target`` takes no marks, ``read_only_safe`` changes nothing; ``of_pool`` acts
    on the pool whose volumes are listed, not on them; ``aliases`` are older names that the ``:``
    line still accepts.

    Its confirmation asks ``asks`` before the names of its targets, in place of the title where
    that is no sentence with them. It says ``consequence`` and ``alternative``, for several targets
    ``plural`` in place of ``consequence`` where that is given; ``danger`` warns by colour. Unless
    ``confirm_retry`` is false, an action that is always confirmed is confirmed before a retry too.

    ``handler`` names the method that runs it: "view.NAME" of the screen it is run on, called with
    ``argument`` where that is given, or "objects.NAME" for what acts on objects.
    """

    id: str
    keys: tuple[str, ...]
    word: str
    title: str
    help: str
    place: HelpSection = HelpSection.EVERYWHERE
    kinds: frozenset[Kind] = frozenset()
    panes: frozenset[str] = frozenset((*PANES, "details"))
    confirm_when: ConfirmWhen = ConfirmWhen.NEVER
    unavailable_for: Refusal = lambda subject: ""
    unavailable: Callable[[ActionContext], str] = lambda situation: ""
    verb: Verb | Callable[[ActionTarget], Verb] | None = None
    asks: str = ""
    consequence: str = ""
    plural: str = ""
    alternative: str = ""
    danger: bool = False
    confirm_retry: bool = True
    key_label: str = ""
    handler: str = ""
    argument: str = ""
    aliases: tuple[str, ...] = ()
    single_target: bool = False
    read_only_safe: bool = False
    of_pool: bool = False

    @property
    def key(self) -> str:
        """The key as people read it."""
        return self.key_label or self.keys[0]

    def verb_for(self, target: ActionTarget) -> Verb:
        """The verb of the command that a target would get; only for an action that has one."""
        if self.verb is None:
            raise TypeError(f"{self.id} has no verb")
        return self.verb if isinstance(self.verb, Verb) else self.verb(target)

    def fits(self, situation: ActionContext) -> bool:
        """Whether the key means this action here at all."""
        if situation.pane not in self.panes:
            return False
        if not self.kinds:
            return True
        kind = Kind.VOLUME if situation.pool else _KIND.get(situation.pane)
        return (situation.subjects[0].kind if situation.subjects else kind) in self.kinds

    def why_not(self, situation: ActionContext) -> str:
        """Why it cannot be done here, in words; "" when it can for at least one subject."""
        if not self.kinds:
            return self.unavailable(situation)
        pool = situation.pool if self.of_pool else None
        subjects = (pool,) if pool is not None else situation.subjects
        if not subjects:
            return "nothing is selected"
        if self.single_target and len(subjects) > 1:
            return "one at a time: esc clears the marks"
        if situation.read_only and not self.read_only_safe:
            return "this run is read-only"
        reasons = [self.unavailable_for(subject) for subject in subjects]
        return "" if "" in reasons else reasons[0]
