"""The clone form: names, target host, and the clone mode of each disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from textual import events

from virttui.modals.base.form import FormState
from virttui.modals.base.full_page_form import FullPageForm
from virttui.modals.base.modal import button, row
from virttui.model.commands import Verb
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.identity import ObjectId
from virttui.model.provision.clone import ClonePreview, CloneSource, CloneTargetHost
from virttui.model.queries import (
    CloneSourceQuery,
    CloneSourceResult,
    QueryResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.tasks import Task
from virttui.panes.provision.clone_page import ClonePageInput, columns, page
from virttui.planning.clone.fields import form_fields
from virttui.planning.clone.plan import preview
from virttui.render.chrome import KeyHint
from virttui.render.form_page import FormPageLines
from virttui.render.line import BLANK, Line
from virttui.store.clone_targets import clone_targets
from virttui.store.context_parts import no_writable_host

TargetHosts = Sequence[CloneTargetHost]


class CloneFormResult(Struct, frozen=True):
    """A completed form: its values, the source, and the possible target hosts."""

    entered: dict[str, str]
    source: CloneSource
    sites: TargetHosts


class CloneDomainDialog(FullPageForm[CloneFormResult]):
    """The clone form, a whole page. Returns the form values, or None."""

    def __init__(
        self, key: ObjectId, name: str, entered: Mapping[str, str], snapshot: str = ""
    ) -> None:
        called = f"{snapshot} of {name}" if snapshot else name
        super().__init__(f"Clone {called}", "Next", "review", "asking its host for its disks")
        self._called, self._snapshot = called, snapshot
        self._outline: ClonePreview | None = None
        self._key = key
        self._entered = dict(entered)
        self._target_hosts: TargetHosts = ()
        self._source: CloneSource | None = None
        self._error = ""
        self._asked: set[ObjectId] = set()

    def on_mount(self) -> None:
        """Query the disks of the source."""
        super().on_mount()
        self._target_hosts = clone_targets(self.console.fleet_state(), self._key)
        self.console.ask(CloneSourceQuery(self._key, self._snapshot))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply the source, or evaluate again once a pool of another host is known."""
        query = result.query
        if isinstance(result, CloneSourceResult) and query.key == self._key:
            self._source = result.source
            self._error = result.why_not
        elif not isinstance(result, VolumesResult):
            return
        self._target_hosts = clone_targets(self.console.fleet_state(), self._key)
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[CloneFormResult] | None:
        """The fields and the preview."""
        if self._error:
            return FormState(error=self._error)
        if self._source is None:
            return None
        if not self._target_hosts:
            return FormState(error=no_writable_host(self.console.fleet_state()))
        wanted = form_fields(entered, self._source, self._target_hosts)
        self._query_volumes(wanted)
        self._outline = None
        try:
            self._outline = preview(entered, self._source, self._target_hosts)
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        return FormState(wanted, CloneFormResult(dict(entered), self._source, self._target_hosts))

    def _query_volumes(self, wanted: Sequence[FormField]) -> None:
        """Query the volumes of the chosen other host, whose names are taken."""
        chosen = next((one.value for one in wanted if one.name == "host"), "")
        for site in self._target_hosts:
            if site.name != chosen or site.host == self._key.host:
                continue
            for pool in site.pools:
                if pool.key not in self._asked:
                    self._asked.add(pool.key)
                    self.console.ask(VolumesQuery(pool.key))

    # -- drawing ---------------------------------------------------------------------------

    @property
    def width(self) -> int:
        """The width of the line of options."""
        return columns(self.app.size.width)[0] - 4

    def frame(self, width: int, lines: int) -> FormPageLines:
        """The lines of the page."""
        fleet_state, now = self.console.fleet_state(), self._now
        count = len(self._outline.names) if self._outline is not None else 1
        act = f"Review {count} clones" if count > 1 else "Review"
        shown = ClonePageInput(
            host=fleet_state.host_name(self._key.host),
            source=self._called,
            fields=self._form_fields,
            place=self._place,
            outline=self._outline,
            error=self._form.error,
            note=self._said,
            choices=self._choices(now) if now is not None else BLANK,
            rate=_rate(fleet_state.tasks),
            running=fleet_state.running_tasks,
            badge=self.badge(),
        )
        buttons = row(button("esc", "Cancel"), button("enter", act, possible=self._possible))
        return page(shown, self._buttons(buttons), self.look, width, lines)

    def _buttons(self, buttons: Line) -> Line:
        return buttons if self._form_fields else row(button("esc", "Close", focused=True))

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("enter f2", "review", self._possible) if hint.key == "enter" else hint
            for hint in super().hints()
        ]

    def take_key(self, event: events.Key) -> bool:
        """Handle a key; ``f2`` opens the review, as ``enter`` does."""
        if event.key == "f2" and self._now is not None:
            self._next()
            return True
        return super().take_key(event)


def _rate(tasks: Sequence[Task]) -> float | None:
    """The bytes a second of the last finished copy, None if there was none."""
    ended = (task for task in tasks if task.state.ended and task.command.verb is Verb.PROVISION)
    told = (task.progress.rate for task in ended if task.progress is not None)
    return next((rate for rate in told if rate), None)
