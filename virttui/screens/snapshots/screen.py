"""The page of a domain's snapshots: which there are, what each holds, where one stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from virttui.actions import availability
from virttui.actions.target import ActionTarget
from virttui.modals.snapshots.note import NoteDialog
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command, Target
from virttui.model.documents import Document
from virttui.model.domains.snapshots import SnapshotKind
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    QueryResult,
    SnapshotComparisonQuery,
    SnapshotComparisonResult,
    SnapshotsQuery,
    SnapshotsResult,
)
from virttui.model.tasks import Task
from virttui.panes.snapshots.view_state import SnapshotsViewState
from virttui.persistence.snapshot_screenshots import kept_screenshots
from virttui.screens.base.domain_list_page import DomainListPage
from virttui.screens.base.key_pages import snapshots_keys_page
from virttui.screens.snapshots.compare import comparison_screen
from virttui.screens.snapshots.delete import delete_snapshots
from virttui.screens.snapshots.note import note_command
from virttui.screens.snapshots.revert import RevertFlow
from virttui.screens.snapshots.take import TakeSnapshotFlow
from virttui.screens.xml_editor.open_document import open_document
from virttui.store.fleet_state import FleetState

REREAD_EVERY = 10.0
"""Seconds after which they are asked for again: libvirt sends no event of most changes."""


class SnapshotsScreen(DomainListPage, inherit_bindings=False):
    """Lists the snapshots of one domain and says what is known of the one under the cursor."""

    view_state: SnapshotsViewState

    def __init__(
        self,
        domain: Domain,
        clone: Callable[[str], None],
        *,
        read_only: bool = False,
        watched_after: ObjectId | None = None,
    ) -> None:
        """``clone`` opens the form of a clone of a snapshot, on the screen below."""
        super().__init__(
            "snapshots", SnapshotsViewState(domain, read_only=read_only), watched_after
        )
        self._clone = clone
        self._asked_at = float("-inf")
        self._comparing = ""
        self._noted: tuple[Document, str] | None = None

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        state = self.view_state
        return {
            **super().does(),
            "enter": self._open_xml,
            "n": self._take,
            "r": self._revert,
            "e": self._edit_note,
            "=": self._compare,
            "equals_sign": self._compare,
            "x": self._open_xml,
            "space": state.toggle_mark,
            "U": self._delete,
            "C": self._clone_it,
            "y": self._copy_name,
            "question_mark": lambda: self.app.push_screen(snapshots_keys_page()),
        }

    def ask(self) -> None:
        """Ask for the snapshots."""
        self._asked_at = self.look.now
        self.console.ask(SnapshotsQuery(self.view_state.key))

    def _able(self, word: str) -> ActionTarget | None:
        """The domain, if it can be changed now; else the reason is said and it is None."""
        subject = self.view_state.subject(Kind.DOMAIN, self.view_state.key)
        if self.view_state.read_only:
            self.show_message(f"{word}: this run is read-only")
        elif subject is None:
            self.show_message(f"{word}: the domain is gone")
        elif reason := availability.snapshot(subject):
            self.show_message(f"{word}: {reason}")
        else:
            return subject
        return None

    def _chosen(self, word: str) -> str:
        """The name of the snapshot under the cursor; "" and a message for now."""
        moment = self.view_state.moment
        if moment is None or moment.snapshot is None:
            self.show_message(f"{word}: choose a snapshot, now is none")
            return ""
        return moment.name

    def _take(self) -> None:
        if (subject := self._able("snapshot")) is not None:
            TakeSnapshotFlow(self, self._submit).open([subject])

    def _revert(self) -> None:
        if (name := self._chosen("revert")) and (subject := self._able("revert")) is not None:
            RevertFlow(self, self._submit).open(subject, name)

    def _compare(self) -> None:
        if name := self._chosen("compare"):
            self._comparing = name
            self.console.ask(SnapshotComparisonQuery(self.view_state.key, name))

    def _edit_note(self) -> None:
        if (name := self._chosen("note")) and self._able("note") is not None:
            self.run_flow(self._ask_note(name))

    async def _ask_note(self, name: str) -> None:
        moment = self.view_state.moment
        note = moment.snapshot.note if moment is not None and moment.snapshot is not None else ""
        typed = await self.show_dialog(NoteDialog(name, note))
        if typed is not None:
            document = Document(Kind.SNAPSHOT, self.view_state.key, name, name)
            self._noted = (document, typed)
            self.console.ask(DefinitionQuery(document.key, document))

    def _write_note(self, result: DefinitionResult) -> None:
        """Define the snapshot with the note that was typed, in the definition as it is now."""
        if self._noted is None or result.query.document != self._noted[0]:
            return
        (document, note), self._noted = self._noted, None
        if result.definition is None:
            self.show_message(f"note: {result.why_not}", bad=True)
            return
        try:
            self._submit((note_command(document, result.definition, note),))
        except InvalidInput as error:
            self.show_message(f"note: {error.message}", bad=True)

    def _submit(self, commands: tuple[Command, ...], policy: BatchPolicy = IN_PARALLEL) -> None:
        self.console.submit(commands, policy)

    def _open_xml(self) -> None:
        moment = self.view_state.moment
        if moment is None or moment.snapshot is None:
            self.show_message("XML: now is no snapshot; x on the domain opens its definition")
        else:
            key, name = self.view_state.key, moment.name
            open_document(self.app, Document(Kind.SNAPSHOT, key, name, name))

    def _delete(self) -> None:
        state = self.view_state
        names = state.chosen_names
        if state.read_only:
            self.show_message("delete: this run is read-only")
        elif not names:
            self.show_message("delete: now is no snapshot")
        else:
            host = state.fleet_state.host_name(state.key.host)
            self.run_flow(self._ask_and_delete(host, names))

    def _clone_it(self) -> None:
        state, moment = self.view_state, self.view_state.moment
        if state.read_only:
            self.show_message("clone: this run is read-only")
        elif moment is None or moment.snapshot is None:
            self.show_message("clone: now is no snapshot; C on the domain clones it")
        elif moment.snapshot.kind is not SnapshotKind.EXTERNAL:
            self.show_message("clone: it lies inside the images, and libvirt copies nothing out")
        elif moment.snapshot.being_deleted:
            self.show_message("clone: what it held is not whole any more")
        else:
            self.leave()
            self._clone(moment.name)

    async def _ask_and_delete(self, host: str, names: tuple[str, ...]) -> None:
        state = self.view_state
        target = Target(Kind.DOMAIN, state.key, state.name)
        if await delete_snapshots(self, target, host, lambda there: names):
            state.unmark()

    def _copy_name(self) -> None:
        moment = self.view_state.moment
        if moment is None or moment.snapshot is None:
            self.show_message("copy: now has no name")
        else:
            self.app.copy_to_clipboard(moment.name)
            self.show_message("copied", name=moment.name)

    def on_task(self, task: Task) -> None:
        """Ask again when something was done to the domain."""
        super().on_task(task)
        if task.state.ended and task.command.target.key == self.view_state.key:
            self.ask()

    # -- feeding and painting --------------------------------------------------------------

    def on_query_result(self, result: QueryResult) -> None:
        """Take the snapshots of this domain, or what one of them differs in."""
        state = self.view_state
        if isinstance(result, SnapshotComparisonResult):
            self._show_comparison(result)
            return
        if isinstance(result, DefinitionResult):
            self._write_note(result)
            return
        if not isinstance(result, SnapshotsResult) or result.query.key != state.key:
            return
        state.why_not = result.why_not
        if result.error is None:
            state.take_snapshots(result.snapshots)
            self.run_flow(self._find_screenshots())
        elif state.snapshots is not None:
            self.show_message(result.error.message, bad=True)
        if self.is_current:
            self.paint()

    async def _find_screenshots(self) -> None:
        """Look which screenshots are kept of the snapshots, beside the screen's loop."""
        state = self.view_state
        names = [one.name for one in state.snapshots or ()]
        state.screenshots = await asyncio.to_thread(kept_screenshots, state.key, names)
        if self.is_current:
            self.paint()

    def _show_comparison(self, result: SnapshotComparisonResult) -> None:
        """Show it where it is still wanted: the question of a revert asks for one too."""
        if result.query.key != self.view_state.key or result.query.name != self._comparing:
            return
        self._comparing = ""
        if result.comparison is None:
            self.show_message(f"compare: {result.why_not}", bad=True)
        elif self.is_current:
            self.app.push_screen(comparison_screen(result.comparison, self.view_state.name))

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now; ask for the snapshots again when they are old."""
        super().update_state(fleet_state)
        if self.look.now - self._asked_at >= REREAD_EVERY:
            self.ask()
