"""The state of the page of several domains' logs: the lines of those in view."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.domains.logs import LogLine, LogSource, LogUpdate
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.model.severity import Severity
from virttui.panes.logs.app_lines import AppLines
from virttui.panes.logs.line_buffer import LineBuffer
from virttui.panes.logs.line_text import without_time
from virttui.panes.tiles.view_state import TilesViewState
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean
from virttui.store.fleet_state import FleetState


class _Log:
    """The lines of one domain, and the sources they are of."""

    def __init__(self, key: ObjectId) -> None:
        self.kept = LineBuffer()
        self.told = AppLines(key)
        self.sources: tuple[LogSource, ...] = ()
        self._lines: list[LogLine] = []
        self._version = -1

    @property
    def lines(self) -> list[LogLine]:
        """All that are kept, in order of time."""
        if self._version != self.kept.version:
            self._version = self.kept.version
            self._lines = self.kept.merged(lambda line: True)
        return self._lines


class LogTilesViewState(TilesViewState):
    """Only the logs of domains in view are open; the others' lines are let go."""

    title = "logs"

    def __init__(self, domains: Sequence[Domain], *, read_only: bool = False) -> None:
        super().__init__(domains, read_only=read_only)
        self._logs: dict[ObjectId, _Log] = {}

    def open_log(self, key: ObjectId) -> None:
        """Begin with no lines."""
        self._logs[key] = _Log(key)

    def close_log(self, key: ObjectId) -> None:
        """Let the lines go."""
        self._logs.pop(key, None)

    def take_logs(self, key: ObjectId, update: LogUpdate) -> None:
        """Take what was read of a domain that is in view."""
        log = self._logs.get(key)
        if log is not None:
            log.sources = update.sources
            log.kept.take(update)

    def update(self, fleet_state: FleetState) -> None:
        """Take what is known now; events and tasks are lines as well."""
        super().update(fleet_state)
        for log in self._logs.values():
            log.kept.add(log.told.new(fleet_state))

    def lines_of(self, key: ObjectId) -> Sequence[LogLine]:
        """The lines of a domain in view, oldest first."""
        return self._logs[key].lines if key in self._logs else ()

    def sources_of(self, key: ObjectId) -> Sequence[LogSource]:
        """The sources of a domain in view."""
        return self._logs[key].sources if key in self._logs else ()

    def status_text(self, look: RenderContext) -> Line:
        """The last line of the chosen domain that sounds like trouble, else its last."""
        lines = self.lines_of(self.chosen)
        name = Run(clean(self._last[self.chosen].name) or "(no name)", Role.STRONG)
        bad = next((one for one in reversed(lines) if one.level is Severity.ERROR), None)
        if bad is not None:
            return name, Run(f"  {bad.source}: {clean(without_time(bad))}", Role.WARN)
        return name, Run(f"  {formatting.counted(len(lines), 'line')}; none sounds like trouble")

    def hints(self) -> tuple[list[KeyHint], str]:
        """The keys of the page."""
        return [
            KeyHint("enter", "its logs"),
            KeyHint("c", "console"),
            KeyHint("v", "screen"),
            KeyHint("pgdn", "more", self.pages > 1),
            KeyHint("esc", "back", keep=True),
            KeyHint("?", "keys", keep=True),
        ], ""
