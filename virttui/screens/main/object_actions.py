"""The actions on domains, networks, pools, volumes and tasks: plan, confirm, submit."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from virttui import formatting
from virttui.actions.action import PANE_OF
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import (
    IN_PARALLEL,
    BatchPolicy,
    Command,
    RenameArguments,
    TagArguments,
    Target,
    Verb,
)
from virttui.model.identity import Kind
from virttui.model.inventory import Domain, DomainState
from virttui.model.queries import DeletePlanQuery
from virttui.panes.action_plan import ActionPlan, command, plan
from virttui.panes.main.quit_warning import quit_words
from virttui.screens.backup.handlers import BackupActions
from virttui.screens.base.creation_follower import CreationFollower
from virttui.screens.base.guest_pages import (
    show_console,
    show_guest_screen,
    show_guest_tiles,
    show_log_tiles,
)
from virttui.screens.guest_agent.handlers import GuestActions
from virttui.screens.main.action_flows import ActionFlows
from virttui.screens.main.batches import BatchFlow
from virttui.screens.main.confirmation import confirmation, skipped_targets
from virttui.screens.main.dispatcher import ActionRequest
from virttui.screens.main.task_actions import TaskFlow
from virttui.screens.snapshots.handlers import SnapshotActions
from virttui.screens.xml_editor.open_document import open_xml

if TYPE_CHECKING:
    from virttui.commandline.parsed import GuestKeysCommand
    from virttui.modals.base.batch_progress import SkippedTarget
    from virttui.screens.base.screen_protocol import ActionScreen


class ObjectActions(GuestActions, SnapshotActions, BackupActions):
    """The handlers of the actions on objects, and the flows of dialogs they use."""

    def __init__(self, screen: ActionScreen) -> None:
        self._screen = screen
        self._serials = itertools.count(1)
        self.tasks = TaskFlow(screen, self._submit, lambda task: self.bulk.pace_of(task))
        self.bulk = BatchFlow(screen, self.tasks.again)
        self.following = CreationFollower(screen, self.bulk)
        self.flows = ActionFlows(screen, self._submit, self.following, self.run_plan)

    # -- handlers of actions ---------------------------------------------------------------

    def run_plan(self, request: ActionRequest) -> None:
        """Submit the command that the action has for each target."""
        self._carry_out(plan(request.action, request.context, request.verb))

    def start(self, request: ActionRequest) -> None:
        """Start or resume; a network whose guests lost their link asks what to do with them."""
        if not self.flows.network_restarts.start(request.context):
            self.run_plan(request)

    def delete(self, request: ActionRequest) -> None:
        """Delete volumes, domains with the storage that is chosen, or a definition."""
        context = request.context
        if context.pool is not None:
            self.flows.volumes.delete(context)
        elif context.subjects[0].kind is not Kind.DOMAIN:
            self.run_plan(request)
        elif len(context.subjects) == 1:
            self._screen.run_flow(self._delete(context.subjects[0]))
        else:
            made = plan(request.action, context, request.verb)
            if made.commands:
                self._screen.run_flow(self._delete_many(made))
            else:
                self._carry_out(made)

    def open_console(self, request: ActionRequest) -> None:
        """Open the page of a domain's console."""
        self._screen.run_flow(show_console(self._screen, type(self), request.context))

    def open_console_of(self, target: Target, device: str, *, take: bool) -> None:
        """Open a console that was named, if the domain's console can be opened now."""
        context = self.context_of([target])
        if reason := BY_ID["console"].why_not(context):
            self._screen.show_message(f"console: {reason}")
        else:
            page = show_console(self._screen, type(self), context, device, take=take)
            self._screen.run_flow(page)

    def open_guest_screen(self, request: ActionRequest) -> None:
        """Open the page of a domain's screen; of several domains the page of all their screens."""
        context = request.context
        show = show_guest_tiles if len(context.subjects) > 1 else show_guest_screen
        self._screen.run_flow(show(self._screen, type(self), context))

    def send_keys(self, intent: GuestKeysCommand) -> None:
        """Open the page of a named domain's screen and send keys there, if they can be now."""
        context = self.context_of(intent.targets)
        if reason := BY_ID["screen"].why_not(context):
            self._screen.show_message(f"send keys: {reason}")
        else:
            self._screen.run_flow(show_guest_screen(self._screen, type(self), context, intent))

    def retry(self, request: ActionRequest) -> None:
        """Run a task or what failed of a batch again."""
        self.tasks.retry(request.context)

    def cancel(self, request: ActionRequest) -> None:
        """Cancel a waiting task, or a job."""
        self.tasks.cancel(request.context)

    def finish_job(self, request: ActionRequest) -> None:
        """Switch a disk to the finished copy of a block job."""
        self.tasks.finish(request.context)

    def edit_settings(self, request: ActionRequest) -> None:
        """List the settings and devices of the domains."""
        self.flows.settings.open(request.context, self._screen.view_state.device)

    def reserve_lease(self, request: ActionRequest) -> None:
        """Turn a DHCP lease into a reservation."""
        self.flows.network_records.fix(request.context.subjects[0])

    def show_network_records(self, request: ActionRequest) -> None:
        """List the DHCP reservations and DNS records of a network."""
        self.flows.network_records.open(request.context.subjects[0])

    def restart_network(self, request: ActionRequest) -> None:
        """Stop and start a network and reattach the NICs on it."""
        self.flows.network_restarts.restart(request.context.subjects[0])

    def open_xml(self, request: ActionRequest) -> None:
        """Open the definition in the XML editor."""
        open_xml(self._screen, request.context.subjects[0])

    def create(self, request: ActionRequest) -> None:
        """Create a domain, network or pool, as the pane has."""
        if request.context.pane == "domains":
            self.flows.creation.open(request.context)
        else:
            self.flows.network_pools.open(request.context)

    def clone(self, request: ActionRequest) -> None:
        """Clone a domain."""
        self.flows.clones.open(request.context.subjects[0])

    def archive(self, request: ActionRequest) -> None:
        """Pack a domain into an archive."""
        self.flows.imports.pack(request.context.subjects[0])

    def import_machine(self, request: ActionRequest) -> None:
        """Import a domain from a file."""
        self.flows.imports.open(request.context)

    def new_volume(self, request: ActionRequest) -> None:
        """Create a volume."""
        self.flows.volumes.new(request.context)

    def resize_volume(self, request: ActionRequest) -> None:
        """Resize a volume."""
        self.flows.volumes.resize(request.context)

    def clone_volume(self, request: ActionRequest) -> None:
        """Copy a volume to a pool."""
        self.flows.volumes.clone(request.context)

    def wipe_volume(self, request: ActionRequest) -> None:
        """Overwrite volumes."""
        self.flows.volumes.wipe(request.context)

    def upload_volume(self, request: ActionRequest) -> None:
        """Upload a file into a volume."""
        self.flows.volumes.upload(request.context)

    def download_volume(self, request: ActionRequest) -> None:
        """Download a volume into a file."""
        self.flows.volumes.download(request.context)

    def build_pool(self, request: ActionRequest) -> None:
        """Build the target of a pool."""
        self.flows.pool_targets.build(request.context)

    def format_pool(self, request: ActionRequest) -> None:
        """Build the target of a pool over what is there."""
        self.flows.pool_targets.format(request.context)

    def delete_pool_target(self, request: ActionRequest) -> None:
        """Delete the target of a pool."""
        self.flows.pool_targets.erase(request.context)

    def context_of(self, targets: Sequence[Target]) -> ActionContext:
        """The context of an action on targets that are named, in place of selected ones."""
        view_state = self._screen.view_state
        found = [view_state.subject(target.kind, target.key) for target in targets]
        subjects = tuple(subject for subject in found if subject is not None)
        return ActionContext(
            PANE_OF[targets[0].kind],
            subjects,
            len(subjects) > 1,
            read_only=view_state.read_only,
            rows=bool(subjects),
        )

    def add_device(self, targets: tuple[Target, ...], kind: str = "") -> None:
        """Open the form of a new device, if its domains can be edited now."""
        if not targets:
            self._screen.show_message("add: no domain is selected", bad=True)
        elif reason := BY_ID["edit"].why_not(self.context_of(targets)):
            self._screen.show_message(f"add: {reason}")
        else:
            self.flows.settings.add(targets, kind)

    # -- plans -----------------------------------------------------------------------------

    def _carry_out(self, made: ActionPlan) -> None:
        if not made.commands and len(made.left_out) == 1:
            self._screen.show_message(f"{made.action.word}: {made.left_out[0][1]}")
            return
        if not made.needs_confirmation:
            self._submit(made.commands)
            return
        self._screen.run_flow(self._confirm(made))

    async def _confirm(self, made: ActionPlan) -> None:
        from virttui.modals.base.confirm import ConfirmDialog

        dialog = ConfirmDialog(confirmation(self._screen, made))
        decision = await self._screen.show_dialog(dialog)
        if decision is not None:
            kept = made.without(decision.left_out)
            self._submit(kept.commands, decision.pace, skipped_targets(made, kept))

    def _submit(
        self,
        commands: tuple[Command, ...],
        pace: BatchPolicy = IN_PARALLEL,
        skipped: Sequence[SkippedTarget] = (),
    ) -> None:
        """Submit commands; of several the progress is shown."""
        if len(commands) > 1:
            if ids := self.bulk.submit(commands, pace):
                self._screen.run_flow(self._follow(commands, ids, skipped))
        elif commands:
            self._screen.console.submit(commands)
            self.bulk.let_go(commands)

    async def _follow(
        self, commands: Sequence[Command], ids: Sequence[int], skipped: Sequence[SkippedTarget]
    ) -> None:
        await self.bulk.follow(commands, ids, skipped)

    # -- forms -----------------------------------------------------------------------------

    def rename_to(self, subject: ActionTarget, name: str) -> None:
        """Give a domain a name that was typed already, or say what is wrong with it."""
        from virttui.modals.domains.rename import name_error

        host = subject.host.name
        error = name_error(name, subject.name, self._taken(subject), host)
        if error:
            self._screen.show_message(f"rename: {name}: {error}", bad=True)
        else:
            self._submit((replace(command(subject, Verb.RENAME), arguments=RenameArguments(name)),))

    def _taken(self, subject: ActionTarget) -> set[str]:
        """The names of the domains on a subject's host."""
        inventory = self._screen.view_state.fleet_state.inventories[subject.key.host]
        return {domain.name for domain in inventory.domains.values()}

    def rename(self, request: ActionRequest) -> None:
        """Ask for a new name of a domain."""
        self._screen.run_flow(self._rename(request.context.subjects[0]))

    async def _rename(self, subject: ActionTarget) -> None:
        from virttui.modals.domains.rename import RenameDialog

        dialog = RenameDialog(subject.name, subject.host.name, self._taken(subject))
        name = await self._screen.show_dialog(dialog)
        if name is not None:
            self._submit((replace(command(subject, Verb.RENAME), arguments=RenameArguments(name)),))

    async def _delete(self, subject: ActionTarget) -> None:
        from virttui.modals.domains.delete import DeleteDialog

        serial = next(self._serials)
        dialog = DeleteDialog(command(subject, Verb.DELETE), subject.host.name, serial)
        # The answer comes after the dialog is on top: it is heard in a later turn of the loop.
        self._screen.console.ask(DeletePlanQuery(subject.key, serial=serial))
        made = await self._screen.show_dialog(dialog)
        if made is not None:
            self._submit((made,))

    async def _delete_many(self, made: ActionPlan) -> None:
        """Delete several domains with their storage, in one list; who cannot be is named there."""
        from virttui.modals.domains.delete_many import DeleteManyDialog

        serials = [next(self._serials) for _ in made.commands]
        hosts = {subject.key.host: subject.host.name for subject in made.subjects}

        left = [_named(subject, reason) for subject, reason in made.left_out]
        dialog = DeleteManyDialog(made.commands, hosts, serials, left)
        for serial, subject in zip(serials, made.subjects, strict=True):
            self._screen.console.ask(DeletePlanQuery(subject.key, serial=serial))
        commands = await self._screen.show_dialog(dialog)
        if commands:
            self._submit(commands, skipped=skipped_targets(made, made))

    def edit_tags(self, request: ActionRequest) -> None:
        """Edit the tags of one domain, or add and remove some of all marked ones."""
        able = [s for s in request.context.subjects if not BY_ID["tags"].unavailable_for(s)]
        self._screen.run_flow(self._edit_tags(able))

    async def _edit_tags(self, able: Sequence[ActionTarget]) -> None:
        from virttui.modals.domains.tags import TagsDialog

        known = [subject.domain.tags for subject in able]
        fleet_state = self._screen.view_state.fleet_state
        used = Counter(
            tag
            for inventory in fleet_state.inventories.values()
            for domain in inventory.domains.values()
            for tag in domain.tags
        )

        name = able[0].name if len(able) == 1 else formatting.counted(len(able), "domain")
        dialog = TagsDialog(name, known, [tag for tag, _ in used.most_common(20)])
        change = await self._screen.show_dialog(dialog)
        if change is not None:
            made = [command(subject, Verb.TAG) for subject in able]
            self._submit(
                tuple(
                    replace(c, arguments=TagArguments(add=change.add, remove=change.drop))
                    for c in made
                )
            )

    def confirm_quit(self, running: int) -> None:
        """Quit while tasks run: what libvirt does goes on, what this program does is undone."""
        self._screen.run_flow(self._confirm_quit(running))

    async def _confirm_quit(self, running: int) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        verb = "runs" if running == 1 else "run"
        question = Confirmation(
            "quit",
            f"Quit while {formatting.counted(running, 'task')} {verb}?",
            "Quit",
            consequence=quit_words(self._screen.view_state.fleet_state.tasks),
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            self._screen.console.leave()

    def show_log(self, request: ActionRequest) -> None:
        """Show the logs of the selected domain, of marked ones, or of the domain of a task."""
        situation = request.context
        if situation.task is not None:
            target = situation.task.command.target
            known = self._screen.view_state.fleet_state.domain(target.key)
            gone = Domain(target.key, target.name, DomainState.NOSTATE)
            self._screen.run_flow(self._show_logs(known or gone))
        elif len(situation.subjects) > 1:
            self._screen.run_flow(show_log_tiles(self._screen, type(self), situation))
        else:
            self._screen.run_flow(self._show_logs(situation.subjects[0].domain))

    async def _show_logs(self, domain: Domain) -> None:
        from virttui.screens.console.screen import ConsoleScreen
        from virttui.screens.logs.screen import LogsScreen

        page = LogsScreen(domain, read_only=self._screen.view_state.read_only)
        key = await self._screen.show_dialog(page)
        if key == "c" and not isinstance(self._screen, ConsoleScreen):
            target = Target(Kind.DOMAIN, domain.key, domain.name)
            self.open_console_of(target, "", take=False)


def _named(subject: ActionTarget, reason: str) -> str:
    return reason if reason.startswith(subject.name) else f"{subject.name} {reason}"
