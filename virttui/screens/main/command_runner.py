"""What a line after ``:`` asks for, carried out by the same ways as keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.action import PANE_OF
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext
from virttui.commandline.parsed import (
    ActionCommand,
    AddCommand,
    ConsoleCommand,
    DiskJobCommand,
    DropSnapshotsCommand,
    ExportCommand,
    GotoCommand,
    GuestKeysCommand,
    HostLogsCommand,
    ImportArchiveCommand,
    Intent,
    PasswordCommand,
    RevertCommand,
    SetCommand,
    SnapshotCommand,
    ViewCommand,
    VirshLine,
)
from virttui.model.identity import ObjectId
from virttui.model.queries import VolumesQuery
from virttui.persistence.saved_views import SavedViews
from virttui.render.view_record import record_of
from virttui.screens.main.export import ExportFlow
from virttui.settings import state_folder

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.main.dispatcher import ActionDispatcher
    from virttui.screens.main.line_commands import LineCommands
    from virttui.screens.main.list_actions import ListActions
    from virttui.screens.main.object_actions import ObjectActions
    from virttui.screens.main.virsh_runner import VirshRunner

_OfSnapshots = SnapshotCommand | RevertCommand | DropSnapshotsCommand
_Work = ConsoleCommand | GuestKeysCommand | DiskJobCommand | PasswordCommand | _OfSnapshots
_NAMES_DOMAINS = (
    SetCommand | AddCommand | DiskJobCommand | GuestKeysCommand | PasswordCommand | _OfSnapshots
)


class CommandLineRunner:
    """Runs the intents of the ``:`` line."""

    def __init__(
        self,
        screen: ActionScreen,
        dispatcher: ActionDispatcher,
        lists: ListActions,
        objects: ObjectActions,
        line_commands: LineCommands,
        virsh: VirshRunner,
    ) -> None:
        self._screen = screen
        self._dispatcher = dispatcher
        self._line_commands = line_commands
        self._lists = lists
        self._objects = objects
        self.virsh = virsh
        self.exporting = ExportFlow(screen)
        self.views = SavedViews(state_folder)
        self._asked: set[ObjectId] = set()
        """The pools whose volumes were asked for."""

    def about(self, intent: Intent | None) -> str:
        """A few words on what an intent would act on, or why it cannot."""
        if isinstance(intent, VirshLine):
            name = self._screen.view_state.fleet_state.host_name(self.virsh.host or "")
            return f"on {name}" if name else ""
        if isinstance(intent, HostLogsCommand):
            return f"of {intent.name}"
        if isinstance(intent, _NAMES_DOMAINS):
            names = [target.name for target in intent.targets]
            return (
                f"on {names[0]}"
                if len(names) == 1
                else f"on {len(names)}: {formatting.listed(names)}"
            )
        if not isinstance(intent, ActionCommand):
            return ""
        situation = self._objects.context_of(intent.targets)
        reason = intent.action.why_not(situation)
        if reason:
            return reason
        names = [subject.name for subject in situation.subjects]
        return (
            f"on {names[0]}" if len(names) == 1 else f"on {len(names)}: {formatting.listed(names)}"
        )

    def run(self, intent: Intent) -> None:
        """Carry an intent out."""
        if isinstance(intent, ActionCommand):
            self._act(intent)
        elif isinstance(intent, GotoCommand):
            self._lists.go_to(PANE_OF[intent.target.kind], intent.target.key)
        elif isinstance(intent, VirshLine):
            self.virsh.run(intent.call)
        elif isinstance(intent, ViewCommand):
            self._view(intent)
        elif isinstance(intent, SetCommand):
            self._objects.flows.settings.review(intent.edit, intent.targets, intent.autostart)
        elif isinstance(intent, AddCommand):
            self._objects.add_device(intent.targets, intent.kind)
        elif isinstance(intent, _Work | HostLogsCommand):
            self._open(intent)
        elif isinstance(intent, ExportCommand | ImportArchiveCommand):
            self._file(intent)
        else:
            self._own(intent.id)
        if self._screen.is_current:
            self._screen.paint()

    def _own(self, id: str) -> None:
        view_state = self._screen.view_state
        word, _, rest = id.partition(" ")
        if word == "sort" and rest:
            view_state.sort_on(rest)
        elif word == "group" and rest:
            view_state.group_by("" if rest == "off" else rest)
        elif word == "attention" and rest:
            view_state.set_attention_first(rest == "on")
        else:
            self._line_commands.run(id)

    def ask_volumes(self) -> None:
        """Have the volumes told of every pool that is on, of the host of the selected row, once."""
        view_state = self._screen.view_state
        subjects = view_state.situation().subjects
        inventory = (
            view_state.fleet_state.inventories.get(subjects[0].key.host) if subjects else None
        )
        for pool in inventory.pools.values() if inventory is not None else ():
            if (
                pool.active
                and pool.key not in view_state.fleet_state.volumes
                and pool.key not in self._asked
            ):
                self._asked.add(pool.key)
                self._screen.console.ask(VolumesQuery(pool.key))

    def _file(self, intent: ExportCommand | ImportArchiveCommand) -> None:
        """Write the list, bring a machine in, or pack one where that is possible now."""
        view_state, appliances = self._screen.view_state, self._objects.flows.imports
        if isinstance(intent, ExportCommand):
            self.exporting.export(intent)
        elif not intent.packs:
            situation = view_state.situation()
            reason = BY_ID["import"].unavailable(situation)
            if reason:
                self._screen.show_message(f"import: {reason}")
            else:
                appliances.open(situation, intent.path)
        else:
            self._archive(intent)

    def _show_logs_of(self, host: str) -> None:
        from virttui.screens.logs.screen import HostLogsScreen

        read_only = self._screen.view_state.read_only
        self._screen.app.push_screen(HostLogsScreen(host, read_only=read_only))

    def _archive(self, intent: ImportArchiveCommand) -> None:
        view_state = self._screen.view_state
        named = [view_state.subject(target.kind, target.key) for target in intent.targets]
        subjects = [one for one in named if one is not None] or list(
            view_state.situation().subjects
        )
        reason = (
            BY_ID["archive"].unavailable_for(subjects[0]) if subjects else "nothing is selected"
        )
        if view_state.read_only or reason:
            self._screen.show_message(f"archive: {reason or 'this run is read-only'}")
        else:
            self._objects.flows.imports.pack(subjects[0], intent.path)

    def _open(self, intent: _Work | HostLogsCommand) -> None:
        """Open a page of its own: the logs of a host, or what a domain is worked at with."""
        if isinstance(intent, HostLogsCommand):
            self._show_logs_of(intent.host)
        else:
            self._work(intent)

    def _work(self, intent: _Work) -> None:
        """Open a console, send keys, or ask for a password or for work on a disk, if that can be
        now."""
        if isinstance(intent, GuestKeysCommand):
            self._objects.send_keys(intent)
            return
        if isinstance(intent, ConsoleCommand):
            self._objects.open_console_of(intent.target, intent.device, take=intent.take)
            return
        if isinstance(intent, _OfSnapshots):
            self._objects.run_snapshot_line(intent)
            return
        if isinstance(intent, PasswordCommand):
            context = self._objects.context_of(intent.targets)
            if reason := BY_ID["password"].why_not(context):
                self._screen.show_message(f"password: {reason}")
            else:
                self._objects.flows.guest_agent.password(context, intent.user)
            return
        edit, target = BY_ID["edit"], intent.targets[0]
        if reason := edit.why_not(self._objects.context_of(intent.targets)):
            self._screen.show_message(f"{intent.verb.label}: {reason}")
        else:
            self._objects.flows.settings.disks.open(intent.verb, target, intent.disk, intent.value)

    def _view(self, intent: ViewCommand) -> None:
        """Show a view, or change what is kept, off the screen's loop."""
        view_state = self._screen.view_state
        if intent.verb == "show":
            record = self.views.get(intent.name)
            if record is not None and not view_state.show_view(record):
                self._screen.show_message(
                    f"{intent.name} is a view of a list that does not exist", bad=True
                )
            return
        record = record_of(view_state.view.pane, view_state.view.choice)

        def work() -> None:
            if intent.verb == "save":
                self.views.save(intent.name, record)
            else:
                self.views.delete(intent.name)

        async def keep() -> None:
            try:
                await asyncio.to_thread(work)
            except OSError as error:
                self._screen.show_message(f"the view cannot be saved: {error.strerror}", bad=True)
                return
            done = "saved; V shows it" if intent.verb == "save" else "forgotten"
            self._screen.show_message(f"view {intent.name} is {done}")

        self._keeping = asyncio.create_task(keep())

    def _act(self, act: ActionCommand) -> None:
        situation = self._objects.context_of(act.targets)
        if not act.new_name:
            self._dispatcher.run(act.action, situation, act.verb, self._select)
        elif reason := act.action.why_not(situation):
            self._screen.show_message(f"{act.action.word}: {reason}")
        elif act.action.id == "clone":
            self._objects.flows.clones.open(situation.subjects[0], act.new_name)
        else:
            self._objects.rename_to(situation.subjects[0], act.new_name)

    def _select(self, named: ActionContext) -> None:
        """Select the first target that a line names."""
        subject = named.subjects[0]
        self._lists.go_to(PANE_OF[subject.kind], subject.key)
