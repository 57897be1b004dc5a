"""Clones of a domain: a form, a look at all that will be made, and the commands that make it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from textwrap import wrap
from typing import TYPE_CHECKING

from virttui.actions.target import ActionTarget
from virttui.model.commands import IN_PARALLEL
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.provision.clone import ClonePlan
from virttui.panes.virsh_equivalent import virsh
from virttui.screens.provision.network_pool import IN_SEQUENCE

if TYPE_CHECKING:
    from virttui.modals.provision.clone_form import CloneFormResult
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

_CELLS = 72


class CloneFlow:
    """Makes clones of the selected domain."""

    def __init__(self, screen: ActionScreen, following: CreationFollower) -> None:
        self._screen = screen
        self._following = following

    def open(self, subject: ActionTarget, name: str = "") -> None:
        """Fill in the form; ``name`` is what was typed already."""
        self._fill(subject, {"name": name} if name else {})

    def _fill(self, subject: ActionTarget, entered: Mapping[str, str]) -> None:
        from virttui.modals.provision.clone_form import CloneDomainDialog

        sheet = CloneDomainDialog(subject.key, subject.name, entered)
        self._screen.app.push_screen(sheet, partial(self._review, subject))

    def _review(
        self,
        subject: ActionTarget,
        drawn: CloneFormResult | None,
        failed: OperationError | None = None,
    ) -> None:
        if drawn is None:
            return
        from virttui.modals.provision.network_pool_form import ReviewDialog
        from virttui.model.provision.network_pool import NetworkPoolPlan
        from virttui.planning.clone.plan import planned
        from virttui.store.device_context import macs

        try:
            taken = macs(self._screen.console.fleet_state())
            made = planned(drawn.entered, drawn.source, drawn.sites, taken)
        except InvalidInput as error:
            self._screen.show_message(f"clone: {error.sentence}", bad=True)
            return

        def back(why: OperationError | None) -> None:
            self._review(subject, drawn, why)

        def decided(agreed: bool | None) -> None:
            if agreed:
                pace = IN_SEQUENCE if made.stepwise else IN_PARALLEL
                clone = made.commands[_first(made)].target
                self._following.submit(made.commands, back, clone, pace=pace)
            else:
                self._fill(subject, drawn.entered)

        uris = {site.host: site.uri for site in drawn.sites}
        lines = _by_hand(made, uris)
        listing = NetworkPoolPlan(subject.name, "\n".join(_listing(made)), made.outline.meaning)
        title = f"Clone {subject.name}: what will be made"
        self._screen.app.push_screen(ReviewDialog(title, listing, lines, failed), decided)


def _listing(made: ClonePlan) -> list[str]:
    """All that will be there, then what to know of it, then the first definition."""
    from virttui.libvirtxml.text.redaction import redact

    lines = list(made.made)
    for note in made.outline.notes:
        lines += ["", *wrap(note, _CELLS)]
    plan = made.commands[_first(made)].plan
    if plan is not None:
        lines += ["", f"the definition of {plan.name}:", *redact(plan.xml).text.split("\n")]
    return lines


def _first(made: ClonePlan) -> int:
    """The place of the command that makes the first clone."""
    name = made.outline.names[0]
    return next(place for place, one in enumerate(made.commands) if one.target.name == name)


def _by_hand(made: ClonePlan, uris: Mapping[str, str]) -> list[str]:
    """The lines that do the same, of the clones only those of the first."""
    rest = len(made.outline.names) - 1
    shown = made.commands[: _first(made) + 1]
    lines = [virsh(command, uris.get(command.target.key.host, "")) for command in shown]
    return [*lines, f"and so on, {rest} times"] if rest else lines
