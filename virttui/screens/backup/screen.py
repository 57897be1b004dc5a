"""The page of a domain's backups: what there is, what the next one would do, and what one holds."""

from __future__ import annotations

from collections.abc import Callable

from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.model.queries import (
    BackupPlanQuery,
    BackupPlanResult,
    BackupsQuery,
    BackupsResult,
    QueryResult,
)
from virttui.model.tasks import Task
from virttui.panes.backup.view_state import BACKUP_VERBS, MODES, BackupsViewState
from virttui.screens.backup import flows
from virttui.screens.base.domain_list_page import DomainListPage
from virttui.screens.base.key_pages import backups_keys_page
from virttui.store.fleet_state import FleetState

REREAD_EVERY = 60.0
"""Seconds after which the next backup is planned again: the guest writes meanwhile."""


class BackupsScreen(DomainListPage, inherit_bindings=False):
    """Lists the backups of one domain in the pools of its host."""

    view_state: BackupsViewState

    def __init__(
        self, domain: Domain, *, read_only: bool = False, watched_after: ObjectId | None = None
    ) -> None:
        super().__init__("backups", BackupsViewState(domain, read_only=read_only), watched_after)
        self._asked_at = float("-inf")

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        state = self.view_state
        return {
            **super().does(),
            "tab": state.next_part,
            "n": lambda: self._change(flows.back_up),
            "r": lambda: self._change(flows.restore),
            "V": lambda: self._change(flows.verify),
            "U": lambda: self._change(flows.delete),
            "e": lambda: self.run_flow(flows.choose_pool(self)),
            "m": self._next_mode,
            "y": self._copy_id,
            "question_mark": lambda: self.app.push_screen(backups_keys_page()),
        }

    def _change(self, flow: flows.Flow) -> None:
        if self.view_state.read_only:
            self.show_message("this run is read-only: it changes nothing")
        else:
            self.run_flow(flow(self))

    def _next_mode(self) -> None:
        state = self.view_state
        state.mode = MODES[(MODES.index(state.mode) + 1) % len(MODES)]
        self.ask_plan()

    def _copy_id(self) -> None:
        backup = self.view_state.backup
        if backup is None:
            self.show_message("copy: there is no backup")
        else:
            self.app.copy_to_clipboard(backup.manifest.id)
            self.show_message("copied", name=backup.manifest.id)

    # -- asking, feeding and painting ------------------------------------------------------

    def ask(self) -> None:
        """Ask for the backups, and for what the next one would do."""
        self.console.ask(BackupsQuery(self.view_state.key))
        self.ask_plan()

    def ask_plan(self) -> None:
        """Ask what the next backup would do; what was told before is of other choices."""
        self._asked_at = self.look.now
        state = self.view_state
        arguments = state.arguments()
        state.plan, state.plan_error = None, ""
        if arguments is not None:
            self.console.ask(BackupPlanQuery(state.key, arguments))

    def on_query_result(self, result: QueryResult) -> None:
        """Take the backups of this domain, and what the next one would do."""
        state = self.view_state
        if isinstance(result, BackupsResult) and result.query.key == state.key:
            state.why_not = result.why_not
            if result.error is None:
                before = state.arguments()
                state.take_backups(result.backups, result.unreadable)
                if before is None or state.arguments() != before:
                    self.ask_plan()
            elif state.backups is not None:
                self.show_message(result.error.message, bad=True)
        elif (
            isinstance(result, BackupPlanResult)
            and result.query.key == state.key
            and result.query.arguments == state.arguments()
        ):
            state.plan, state.plan_error = result.plan, result.why_not
        if self.is_current:
            self.paint()

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now; plan again when the plan is old, or no pool was known."""
        before = self.view_state.arguments()
        super().update_state(fleet_state)
        old = self.look.now - self._asked_at >= REREAD_EVERY
        if (before is None and self.view_state.arguments() is not None) or old:
            self.ask_plan()

    def on_task(self, task: Task) -> None:
        """Ask again when something was done to the backups, or to the domain."""
        super().on_task(task)
        verb = task.command.verb
        if task.state.ended and (
            verb in BACKUP_VERBS or task.command.target.key == self.view_state.key
        ):
            self.ask()
