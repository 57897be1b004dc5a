"""The clone flow: a form, its review, and the commands that create the clones."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from virttui.actions.target import ActionTarget
from virttui.model.commands import IN_PARALLEL
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.provision.clone import ClonePlan
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.tasks import Task
from virttui.panes.virsh_equivalent import virsh
from virttui.screens.provision.network_pool import IN_SEQUENCE

if TYPE_CHECKING:
    from virttui.modals.provision.clone_form import CloneFormResult
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

_CELLS = 72


class CloneFlow:
    """Clones the selected domain."""

    def __init__(self, screen: ActionScreen, following: CreationFollower) -> None:
        self._screen = screen
        self._following = following

    def open(self, subject: ActionTarget, name: str = "", snapshot: str = "") -> None:
        """Clone a domain, now or as of a snapshot; ``name`` is what was typed already."""
        self._screen.run_flow(self._clone(subject, {"name": name} if name else {}, snapshot))

    async def _clone(
        self, subject: ActionTarget, entered: Mapping[str, str], snapshot: str
    ) -> None:
        """The form, its review, and the commands. The review leads back to the form.

        A failure leads back to the review, which shows why.
        """
        from virttui.modals.provision.clone_form import CloneDomainDialog
        from virttui.planning.clone.plan import plan as plan_clones
        from virttui.planning.new_ids import IdGenerator
        from virttui.store.device_context import macs

        form: CloneFormResult | None = None
        failure: OperationError | None = None
        while True:
            if form is None:
                dialog = CloneDomainDialog(subject.key, subject.name, entered, snapshot)
                form = await self._screen.show_dialog(dialog)
            if form is None:
                return
            try:
                new_ids = IdGenerator(macs(self._screen.console.fleet_state()))
                made = plan_clones(form.entered, form.source, form.sites, new_ids)
            except InvalidInput as error:
                self._screen.show_message(f"clone: {error.message}", bad=True)
                return
            entered = form.entered
            if not await self._confirmed(subject, form, made, failure):
                form, failure = None, None
                continue
            failed = await self._submit(made)
            if failed is None:
                return
            failure = failed.trouble

    async def _confirmed(
        self,
        subject: ActionTarget,
        form: CloneFormResult,
        made: ClonePlan,
        failed: OperationError | None,
    ) -> bool:
        """Show everything that will be created, and ask."""
        from virttui.modals.provision.review import ReviewDialog

        lines = _equivalent_commands(made, {site.host: site.uri for site in form.sites})
        title = f"Clone {form.source.called}: what will be created"
        review = ReviewDialog(title, made.preview.meaning, _listing(made), lines, failed)
        return await self._screen.show_dialog(review) is True

    async def _submit(self, made: ClonePlan) -> Task | None:
        """Submit a plan; returns the task that failed, if nothing was created."""
        pace = IN_SEQUENCE if made.in_sequence else IN_PARALLEL
        clone = made.commands[_first(made)].target
        return await self._following.submit(made.commands, clone, pace=pace)


def _listing(made: ClonePlan) -> list[str]:
    """The lines of the review: the new objects, the notes, the first definition."""
    from virttui.libvirtxml.text.redaction import redact

    lines = list(made.result_lines)
    for note in made.preview.notes:
        lines += ["", *wrap(note, _CELLS)]
    plan = made.commands[_first(made)].arguments
    if isinstance(plan, ProvisionPlan):
        lines += ["", f"the definition of {plan.name}:", *redact(plan.xml).text.split("\n")]
    return lines


def _first(made: ClonePlan) -> int:
    """The index of the command that creates the first clone."""
    name = made.preview.names[0]
    return next(place for place, one in enumerate(made.commands) if one.target.name == name)


def _equivalent_commands(made: ClonePlan, uris: Mapping[str, str]) -> list[str]:
    """The equivalent virsh lines; of several clones, those of the first."""
    rest = len(made.preview.names) - 1
    shown = made.commands[: _first(made) + 1]
    lines = [virsh(command, uris.get(command.target.key.host, "")) for command in shown]
    return [*lines, f"and so on, {rest} times"] if rest else lines
