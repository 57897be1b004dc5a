"""What keys do to objects: plan, ask where it must be asked, submit. Nothing is assumed done."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.action import Action
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command, Verb
from virttui.model.identity import Kind
from virttui.model.inventory import Domain
from virttui.model.queries import QueryKind
from virttui.panes.action_plan import ActionPlan, command, plan
from virttui.panes.domains.rows import row_of, state_of
from virttui.panes.main.quit_warning import quit_words
from virttui.panes.tag_input import TagChange
from virttui.render.line import Role, Run
from virttui.screens.base.creation_follower import CreationFollower
from virttui.screens.domains.edit_settings import EditSettingsFlow
from virttui.screens.domains.serial_console import console
from virttui.screens.main.batches import BatchFlow
from virttui.screens.main.consequences import consequence, touched, transient
from virttui.screens.main.task_actions import TaskFlow
from virttui.screens.networks.network_records import NetworkRecordFlow
from virttui.screens.networks.nwfilters import NwfilterFlow
from virttui.screens.networks.restart_network import NetworkRestartFlow
from virttui.screens.provision.clone import CloneFlow
from virttui.screens.provision.create import CreateFlow
from virttui.screens.provision.import_archive import ImportArchiveFlow
from virttui.screens.provision.network_pool import NetworkPoolFlow
from virttui.screens.storage.pool_target import PoolTargetFlow
from virttui.screens.storage.secrets import SecretFlow
from virttui.screens.storage.volumes import VolumeFlow
from virttui.screens.xml_editor.open_document import open_xml

if TYPE_CHECKING:
    from virttui.modals.base.batch_progress import SkippedTarget
    from virttui.modals.base.confirm import Confirmation, ConfirmationRow
    from virttui.screens.base.screen_protocol import ActionScreen


class ActionDispatcher:
    """Turns an action on objects into commands, by way of the modals that it needs."""

    def __init__(self, screen: ActionScreen) -> None:
        self._screen = screen
        self._serials = itertools.count(1)
        self.tasks = TaskFlow(screen, self._submit, lambda task: self.bulk.pace_of(task))
        self.bulk = BatchFlow(screen, self.tasks.again)
        self.following = CreationFollower(screen, self.bulk)
        self.settings = EditSettingsFlow(screen, self._submit, self.following)
        self.founding = NetworkPoolFlow(screen, self.following)
        self.clones = CloneFlow(screen, self.following)
        self.plugging = NetworkRestartFlow(screen, self._submit)
        self.handing = NetworkRecordFlow(screen, self._submit, self.plugging.restart)
        self.installing = CreateFlow(screen, self.following)
        self.appliances = ImportArchiveFlow(screen, self._submit, self.following)
        self.secrets = SecretFlow(screen, self._submit)
        self.filters = NwfilterFlow(screen, self._submit)
        self.volumes = VolumeFlow(screen, self._submit, self.following)
        self.places = PoolTargetFlow(screen, self._submit)

    def do(self, action: Action, situation: ActionContext, verb: Verb | None = None) -> None:
        """Do an action that is possible here; ``verb`` is the way it is to go, where it has two."""
        special: dict[str, Callable[[ActionContext], None]] = {
            "rename": self._rename,
            "console": lambda situation: console(self._screen, situation.subjects[0]),
            "retry": self.tasks.retry,
            "cancel": self.tasks.cancel,
            "finish-job": self.tasks.finish,
            "tags": self._tags,
            "logs": self._logs,
            "task-logs": self._logs,
            "edit": lambda situation: self.settings.open(situation, self._screen.view_state.device),
            "fix-lease": lambda situation: self.handing.fix(situation.subjects[0]),
            "create": self._create,
            "restart-network": lambda situation: self.plugging.restart(situation.subjects[0]),
            "hands-out": lambda situation: self.handing.open(situation.subjects[0]),
            "xml": lambda situation: open_xml(self._screen, situation.subjects[0]),
            "clone": lambda situation: self.clones.open(situation.subjects[0]),
            "archive": lambda situation: self.appliances.pack(situation.subjects[0]),
            "import": self.appliances.open,
            "new-volume": self.volumes.new,
            "resize": self.volumes.resize,
            "clone-volume": self.volumes.clone,
            "wipe": self.volumes.wipe,
            "upload": self.volumes.upload,
            "download": self.volumes.download,
            "build": self.places.build,
            "format": self.places.format,
            "erase": self.places.erase,
        }
        if action.id == "start" and self.plugging.start(situation):
            return
        if action.id in special:
            special[action.id](situation)
        elif action.id == "delete" and situation.pool is not None:
            self.volumes.delete(situation)
        elif action.id == "delete" and _is_one_domain(situation):
            self._delete(situation)
        elif action.id == "delete" and situation.subjects[0].kind is Kind.DOMAIN:
            self._delete_many(plan(action, situation, verb))
        else:
            self._carry_out(plan(action, situation, verb))

    # -- plans -----------------------------------------------------------------------------

    def _carry_out(self, made: ActionPlan) -> None:
        if not made.commands and len(made.left_out) == 1:
            self._screen.show_message(f"{made.action.word}: {made.left_out[0][1]}")
            return
        if not made.asks:
            self._submit(made.commands)
            return
        from virttui.modals.base.confirm import ConfirmDialog, Decision

        def decided(decision: Decision | None) -> None:
            if decision is not None:
                kept = made.without(decision.left_out)
                self._submit(kept.commands, decision.pace, self._skipped(made, kept))

        self._screen.app.push_screen(ConfirmDialog(self._question(made)), decided)

    def _submit(
        self,
        commands: tuple[Command, ...],
        pace: BatchPolicy = IN_PARALLEL,
        skipped: Sequence[SkippedTarget] = (),
    ) -> None:
        """Hand commands over; several are followed in a sheet."""
        if len(commands) > 1:
            self.bulk.submit(commands, pace, skipped)
        elif commands:
            self._screen.console.submit(commands)
            self.bulk.let_go(commands)

    def _skipped(self, made: ActionPlan, kept: ActionPlan) -> list[SkippedTarget]:
        """Who nothing is asked of: what cannot be, and what was left out by hand."""
        from virttui.modals.base.batch_progress import SkippedTarget

        by_hand = {subject.key for subject in made.subjects} - {s.key for s in kept.subjects}
        why = [(subject, reason.removeprefix(subject.name)) for subject, reason in made.left_out]
        why += [(subject, "by hand") for subject in made.subjects if subject.key in by_hand]
        return [SkippedTarget(s.key, s.name, s.host.name, reason.strip()) for s, reason in why]

    def _question(self, made: ActionPlan) -> Confirmation:
        from virttui.modals.base.confirm import Confirmation

        action, subjects = made.action, made.subjects
        left = tuple(self._left_out(subject, reason) for subject, reason in made.left_out)
        danger = action.id in ("force-off", "reset", "nmi", "delete", "drop-save")
        if len(subjects) == 1 and not left:
            subject = subjects[0]
            inventory = self._screen.view_state.fleet_state.inventories[subject.key.host]
            return Confirmation(
                f"{action.word} {subject.name}" if subject.kind is not Kind.DOMAIN else action.word,
                f"{action.title} {_kind(subject)}{subject.name} on {subject.host.name}?",
                action.title,
                name=subject.name,
                consequence=consequence(action, subject, inventory),
                alternative=_gentler(action, subject),
                danger=danger,
                touched=touched(action, subject, inventory, self._screen.look),
            )
        kind = subjects[0].kind.value
        hosts = len({subject.key.host for subject in subjects})
        where = (
            f"on {formatting.counted(hosts, 'host')}"
            if hosts > 1
            else f"on {subjects[0].host.name}"
        )
        several = len(subjects) > 1
        these = f"these {len(subjects)}" if several else subjects[0].name
        at_a_time = self._screen.console.settings.at_a_time
        pace = f", at most {at_a_time} at once per host" if several else ""
        lost = _PLURAL.get(action.id, action.consequence) if several else action.consequence
        return Confirmation(
            f"{action.word} {formatting.counted(len(subjects), kind)}",
            f"{self._verb(made)} {these} {where}{pace}?",
            self._verb(made),
            consequence=f"{lost} {transient(action, subjects)}".rstrip(),
            danger=danger,
            listed=tuple(map(self._listed, subjects)),
            left_out=left,
            rolls=action.id in ("reboot", "reset", "start"),
        )

    def _verb(self, made: ActionPlan) -> str:
        """The verb of a bulk action: autostart and pause say which way."""
        if made.action.id in ("autostart", "pause", "start") and made.commands:
            word = made.commands[0].verb.value
            verbs = {one.verb for one in made.commands}
            return word[:1].upper() + word[1:] if len(verbs) == 1 else made.action.title
        return made.action.title

    def _listed(self, subject: ActionTarget) -> ConfirmationRow:
        """A target as the confirmation shows it."""
        from virttui.modals.base.confirm import ConfirmationRow

        look = self._screen.look
        word = "active" if subject.active else "off"
        glyph = Run(look.glyphs.running if subject.active else look.glyphs.off, Role.OK)
        if isinstance(subject.thing, Domain):
            row = row_of(self._screen.view_state.fleet_state, subject.key)
            if row is not None:
                state = state_of(row, look)
                glyph, word = Run(state.glyph, state.glyph_role), state.word
        return ConfirmationRow(subject.key, glyph, subject.name, subject.host.name, word)

    def _left_out(self, subject: ActionTarget, reason: str) -> ConfirmationRow:
        """One that nothing is asked of, and why."""
        why = reason.removeprefix(subject.name).strip()
        glyph = Run(self._screen.look.glyphs.warning, Role.WARN)
        return replace(self._listed(subject), glyph=glyph, word=why)

    # -- forms -----------------------------------------------------------------------------

    def rename(self, subject: ActionTarget, name: str) -> None:
        """Give a domain a name that was typed already, or say what is wrong with it."""
        from virttui.modals.domains.rename import wrong_name

        host = subject.host.name
        error = wrong_name(name, subject.name, self._taken(subject), host)
        if error:
            self._screen.show_message(f"rename: {name}: {error}", bad=True)
        else:
            self._submit((replace(command(subject, Verb.RENAME), new_name=name),))

    def _taken(self, subject: ActionTarget) -> set[str]:
        """The names of the domains on a subject's host."""
        inventory = self._screen.view_state.fleet_state.inventories[subject.key.host]
        return {domain.name for domain in inventory.domains.values()}

    def _rename(self, situation: ActionContext) -> None:
        from virttui.modals.domains.rename import RenameDialog

        subject = situation.subjects[0]

        def decided(name: str | None) -> None:
            if name is not None:
                self._submit((replace(command(subject, Verb.RENAME), new_name=name),))

        sheet = RenameDialog(subject.name, subject.host.name, self._taken(subject))
        self._screen.app.push_screen(sheet, decided)

    def _delete(self, situation: ActionContext) -> None:
        from virttui.modals.domains.delete import DeleteDialog

        subject = situation.subjects[0]
        serial = next(self._serials)

        def decided(made: Command | None) -> None:
            if made is not None:
                self._submit((made,))

        sheet = DeleteDialog(command(subject, Verb.DELETE), subject.host.name, serial)
        self._screen.app.push_screen(sheet, decided)
        self._screen.console.ask(QueryKind.STORAGE_OF, Kind.DOMAIN, subject.key, serial)

    def _delete_many(self, made: ActionPlan) -> None:
        """Delete several domains with their storage, in one list; who cannot be is named there."""
        if not made.commands:
            self._carry_out(made)
            return
        from virttui.modals.domains.delete_many import DeleteManyDialog

        serials = [next(self._serials) for _ in made.commands]
        hosts = {subject.key.host: subject.host.name for subject in made.subjects}

        def decided(commands: tuple[Command, ...] | None) -> None:
            if commands:
                self._submit(commands, skipped=self._skipped(made, made))

        left = [_named(subject, reason) for subject, reason in made.left_out]
        sheet = DeleteManyDialog(made.commands, hosts, serials, left)
        self._screen.app.push_screen(sheet, decided)
        for serial, subject in zip(serials, made.subjects, strict=True):
            self._screen.console.ask(QueryKind.STORAGE_OF, Kind.DOMAIN, subject.key, serial)

    def _tags(self, situation: ActionContext) -> None:
        """Edit the tags of one domain, or add and drop some of all that are marked."""
        from virttui.modals.domains.tags import TagsDialog

        able = [s for s in situation.subjects if not BY_ID["tags"].refuses(s)]
        known = [subject.domain.tags for subject in able]
        fleet_state = self._screen.view_state.fleet_state
        used = Counter(
            tag
            for inventory in fleet_state.inventories.values()
            for domain in inventory.domains.values()
            for tag in domain.tags
        )

        def decided(change: TagChange | None) -> None:
            if change is not None:
                made = [command(subject, Verb.TAG) for subject in able]
                self._submit(
                    tuple(replace(c, add_tags=change.add, drop_tags=change.drop) for c in made)
                )

        name = able[0].name if len(able) == 1 else formatting.counted(len(able), "domain")
        sheet = TagsDialog(name, known, [tag for tag, _ in used.most_common(20)])
        self._screen.app.push_screen(sheet, decided)

    def confirm_quit(self, running: int) -> None:
        """Quit while tasks run: what libvirt does goes on, what this program does is undone."""
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog, Decision

        verb = "runs" if running == 1 else "run"
        question = Confirmation(
            "quit",
            f"Quit while {formatting.counted(running, 'task')} {verb}?",
            "Quit",
            consequence=quit_words(self._screen.view_state.fleet_state.tasks),
        )

        def decided(decision: Decision | None) -> None:
            if decision is not None:
                self._screen.console.leave()

        self._screen.app.push_screen(ConfirmDialog(question), decided)

    def _create(self, situation: ActionContext) -> None:
        """Make a new one of what the pane lists."""
        if situation.pane == "domains":
            self.installing.open(situation)
        else:
            self.founding.open(situation)

    def _logs(self, situation: ActionContext) -> None:
        """The log of the selected domain, or of the one that a task is for."""
        from virttui.screens.domains.logs import LogScreen

        if situation.task is not None:
            target = situation.task.command.target
            name, key = target.name, target.key
        else:
            name, key = situation.subjects[0].name, situation.subjects[0].key
        host = self._screen.view_state.fleet_state.host_name(key.host)
        self._screen.app.push_screen(LogScreen(name, host, key))


_PLURAL = {
    "delete": "Their definitions are removed from libvirt. What they hold stays where it is.",
    "force-off": "Like pulling the plugs: what the guests have not written to disk is lost.",
    "nmi": "Their kernels' settings decide what follows: most guests panic or write a crash dump; "
    "others only log it.",
    "reset": "Like the reset buttons: what the guests have not written to disk is lost.",
    "reboot": "The guests are asked to restart; their users are cut off for a while.",
    "drop-save": "What the guests had in memory is lost: they boot anew at their next start.",
    "stop": "What uses them is cut off until they start again.",
}
"""What is lost where several are meant."""


def _kind(subject: ActionTarget) -> str:
    """A network and a pool may have one name: which is meant is said."""
    return "" if subject.kind is Kind.DOMAIN else f"{subject.kind.value} "


def _named(subject: ActionTarget, reason: str) -> str:
    return reason if reason.startswith(subject.name) else f"{subject.name} {reason}"


def _is_one_domain(situation: ActionContext) -> bool:
    return len(situation.subjects) == 1 and situation.subjects[0].kind is Kind.DOMAIN


def _gentler(action: Action, subject: ActionTarget) -> str:
    """The gentler way, with its key, where there is one."""
    if action.id not in ("force-off", "reset"):
        return action.alternative
    if subject.domain.reason == "ioerror":
        return "Gentler: mend its storage, then s resumes it."
    return "" if BY_ID["shutdown"].refuses(subject) else action.alternative
