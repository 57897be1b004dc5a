"""A scripted backend, and a stand that runs the real app on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from tests.patience import PATIENCE
from tests.scenes import fleet
from tests.scenes.frames import only_at_rest, render_frame
from tests.scenes.results import result_of
from virttui.app import Clock, VirtTuiApp
from virttui.model.backend import HostSpec, Interest, Publish
from virttui.model.backup.arguments import BackupPlan
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.domains.consoles import ConsoleDevice, ConsoleRequest, Sink
from virttui.model.domains.delete_plan import DeletePlan
from virttui.model.domains.guest_screen import GuestDisplays, Screenshot
from virttui.model.domains.logs import HostLogRequest, LogRequest
from virttui.model.domains.snapshot_deletion import SnapshotFiles
from virttui.model.domains.snapshots import Snapshot
from virttui.model.errors import NotFound, OperationError
from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory
from virttui.model.messages import FleetMessage
from virttui.model.queries import (
    BackupPlanQuery,
    BackupPlanResult,
    BackupsQuery,
    BackupsResult,
    ConsolesQuery,
    ConsolesResult,
    DefinitionQuery,
    DefinitionResult,
    DeletePlanQuery,
    DeletePlanResult,
    DisplaysQuery,
    DisplaysResult,
    DocumentsQuery,
    DocumentsResult,
    HostValuesQuery,
    HostValuesResult,
    Query,
    QueryResult,
    ScreenshotQuery,
    ScreenshotResult,
    SnapshotComparisonQuery,
    SnapshotComparisonResult,
    SnapshotContextQuery,
    SnapshotContextResult,
    SnapshotFilesQuery,
    SnapshotFilesResult,
    SnapshotsQuery,
    SnapshotsResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.snapshots.changes import SnapshotComparison, SnapshotContext
from virttui.model.tasks import Task, TaskState
from virttui.panes.main.view_state import MainViewState
from virttui.screens.main.main_screen import MainScreen
from virttui.settings import Settings
from virttui.widgets.line_view import LineView

Q = TypeVar("Q", bound=Query)


@dataclass
class ScriptedBackend:
    """Remembers what it was asked, and tells what a test has it tell."""

    publish: Publish
    hosts: tuple[HostSpec, ...]
    commands: list[Command] = field(default_factory=list)
    paces: list[BatchPolicy] = field(default_factory=list)
    queries: list[Query] = field(default_factory=list)
    interests: list[Interest] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    consoles: dict[int, tuple[ConsoleRequest, Sink]] = field(default_factory=dict)
    devices: tuple[ConsoleDevice, ...] = ()
    displays: GuestDisplays | None = None
    screenshot: Screenshot | OperationError | None = None
    # Of domains that show something else than ``screenshot``.
    screenshots: dict[ObjectId, Screenshot | OperationError] = field(default_factory=dict)
    snapshots: tuple[Snapshot, ...] = ()
    backups: tuple[StoredBackup, ...] = ()
    backup_plan: BackupPlan | None = None
    snapshot_files: SnapshotFiles = field(default_factory=SnapshotFiles)
    snapshot_context: SnapshotContext | None = None
    comparison: SnapshotComparison = field(default_factory=lambda: SnapshotComparison(""))
    attached: list[tuple[int, bool]] = field(default_factory=list)
    written: list[tuple[int, bytes]] = field(default_factory=list)
    logs: dict[int, LogRequest | HostLogRequest] = field(default_factory=dict)
    older: list[tuple[int, str]] = field(default_factory=list)
    inspected: list[ObjectId | None] = field(default_factory=list)
    refreshed: int = 0
    stopped: bool = False
    volumes: tuple[Any, ...] = ()
    plan: DeletePlan = field(default_factory=DeletePlan)
    definitions: dict[Document, DocumentText | OperationError] = field(default_factory=dict)
    # Who hears the queries in place of what is scripted here.
    asked: Callable[[Query], None] | None = None
    documents: tuple[Document, ...] = ()
    knowledge: HostValues | None = None
    mute: bool = False
    numbers: int = 100

    def set_interest(self, interest: Interest) -> None:
        self.interests.append(interest)

    def watch_domain(self, key: ObjectId | None) -> None:
        self.inspected.append(key)

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        self.commands.extend(commands)
        self.paces.append(pace)
        first = self.numbers
        self.numbers += len(commands)
        return tuple(range(first, self.numbers))

    def ask(self, query: Query) -> None:
        if self.asked is not None:
            self.asked(query)
            return
        self.queries.append(query)
        if not self.mute:
            self.publish(self.answer(query))

    def queries_of(self, kind: type[Q]) -> list[Q]:
        """The queries of one kind that came so far."""
        return [one for one in self.queries if isinstance(one, kind)]

    def answer(self, query: Query) -> QueryResult:
        """What is scripted for a query now; of a document that nobody scripted: not found."""
        if isinstance(query, DefinitionQuery):
            missing = NotFound(f"{query.document.name} is not there any more")
            told = self.definitions.get(query.document, missing)
            if isinstance(told, OperationError):
                return DefinitionResult(query, error=told)
            return DefinitionResult(query, definition=told)
        if isinstance(query, HostValuesQuery):
            return HostValuesResult(query, host_values=self.knowledge)
        if isinstance(query, DocumentsQuery):
            return DocumentsResult(query, documents=self.documents)
        if isinstance(query, VolumesQuery):
            return VolumesResult(query, volumes=self.volumes)
        if isinstance(query, ConsolesQuery):
            return ConsolesResult(query, consoles=self.devices)
        if isinstance(query, DeletePlanQuery):
            return DeletePlanResult(query, plan=self.plan)
        return self._of_snapshots(query) or self._of_screen(query)

    def _of_snapshots(self, query: Query) -> QueryResult | None:
        """What is scripted of a domain's snapshots; None for other queries."""
        if isinstance(query, SnapshotsQuery):
            return SnapshotsResult(query, snapshots=self.snapshots)
        if isinstance(query, SnapshotFilesQuery):
            return SnapshotFilesResult(query, snapshots=self.snapshots, files=self.snapshot_files)
        if isinstance(query, SnapshotContextQuery):
            return SnapshotContextResult(query, context=self.snapshot_context)
        if isinstance(query, SnapshotComparisonQuery):
            compared = replace(self.comparison, name=query.name)
            return SnapshotComparisonResult(query, comparison=compared)
        return None

    def _of_screen(self, query: Query) -> QueryResult:
        """What is scripted of a guest's screen, and of backups."""
        if isinstance(query, BackupsQuery):
            return BackupsResult(query, backups=self.backups)
        if isinstance(query, BackupPlanQuery):
            return BackupPlanResult(query, plan=self.backup_plan)
        if isinstance(query, DisplaysQuery):
            return DisplaysResult(query, displays=self.displays)
        if isinstance(query, ScreenshotQuery):
            shown = self.screenshots.get(query.key, self.screenshot)
            if isinstance(shown, OperationError):
                return ScreenshotResult(query, error=shown)
            return ScreenshotResult(query, screenshot=shown)
        return result_of(query)

    def cancel(self, task: int) -> None:
        self.cancelled.append(task)

    def open_console(self, request: ConsoleRequest, sink: Sink) -> int:
        self.numbers += 1
        self.consoles[self.numbers] = (request, sink)
        return self.numbers

    def attach_console(self, console: int, *, force: bool = False) -> None:
        self.attached.append((console, force))

    def write_console(self, console: int, data: bytes) -> None:
        self.written.append((console, data))

    def close_console(self, console: int) -> None:
        del self.consoles[console]

    def open_logs(self, request: LogRequest | HostLogRequest) -> int:
        self.numbers += 1
        self.logs[self.numbers] = request
        return self.numbers

    def read_older(self, logs: int, source: str) -> None:
        self.older.append((logs, source))

    def close_logs(self, logs: int) -> None:
        del self.logs[logs]

    def refresh(self, host: str | None = None) -> None:
        self.refreshed += 1

    def stop(self, patience: float = 0.5) -> tuple[str, ...]:
        self.stopped = True
        return ()


@dataclass
class RunningApp:
    """The running app, its pilot and its backend, with words for what tests do."""

    app: VirtTuiApp
    pilot: Pilot[None]
    backends: list[ScriptedBackend]

    @property
    def backend(self) -> ScriptedBackend:
        return self.backends[-1]

    @property
    def console(self) -> MainScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def view_state(self) -> MainViewState:
        return self.console.view_state

    def top(self) -> Screen[Any]:
        """The screen on top now. A call, since mypy takes it for the same after a key, else."""
        return self.app.screen

    async def press(self, *keys: str) -> None:
        """Press keys one after the other, each when the one before has been dealt with."""
        for key in keys:
            self._post(key)
            await self.settle()

    async def type(self, text: str) -> None:
        """Type text, faster than the app draws: keys must not be lost, nor change places."""
        for char in text:
            self._post(_KEYS.get(char, char))
        await self.settle()

    def _post(self, key: str) -> None:
        character = key if len(key) == 1 else _CHARACTERS.get(key)
        self.app.post_message(events.Key(key, character))

    async def settle(self) -> None:
        """Wait until no message waits anywhere: each may cause more."""
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        quiet = 0
        end = time.monotonic() + PATIENCE
        while quiet < 40 or self._has_messages():
            await asyncio.sleep(0)
            # While this runs, what is ready is what everybody else wants to do next.
            quiet = 0 if ready else quiet + 1
            assert time.monotonic() < end, "the app does not come to rest"
        render_frame(self.app.screen)

    async def frame(self) -> None:
        """Come to rest, and have the frame that is due: Textual waits a sixtieth of a second.

        A pilot's pause also sleeps until the process is idle, which takes 20 ms and more.
        """
        await self.settle()
        self.app.screen._on_timer_update()
        render_frame(self.app.screen)

    def _has_messages(self) -> bool:
        stack = self.app.screen_stack
        pumps = [self.app, *stack, *(node for screen in stack for node in screen.walk_children())]
        return any(pump._message_queue.qsize() or pump._next_callbacks for pump in pumps)

    async def wait_for(self, holds: Callable[[], object], what: str = "") -> None:
        """Wait until a condition holds, or fail with ``what`` after a deadline."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"waited for {what or holds}\n{self.screen_text()}"
            await asyncio.sleep(0.005)
            await self.frame()

    async def publish(self, *messages: FleetMessage) -> None:
        """Publish messages to the app and wait until it is painted."""
        for one in messages:
            self.backend.publish(one)
        await self.settle()
        self.app._apply_messages()  # also those that may wait for the next figures
        self.app.update_screen()
        await self.frame()

    def text(self, id: str) -> str:
        """What a part of the screen on top says."""
        return self.app.screen.query_one(f"#{id}", LineView).text

    def screen_text(self) -> str:
        """What all parts of the screen on top say."""
        return "\n".join(lines.text for lines in self.app.screen.query(LineView) if lines.display)

    def painted(self) -> str:
        """The screen on top as the terminal shows it, cell by cell."""
        # What was shown or hidden a moment ago is laid out with the next frame, else.
        self.app.screen._refresh_layout()
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def end(self, trouble: OperationError | None = None, *, ago: float = 60.0) -> None:
        """Tell that the last command has ended, some time ago: nobody waits for its row then."""
        state = TaskState.DONE if trouble is None else TaskState.FAILED
        command, id = self.backend.commands[-1], self.backend.numbers - 1
        now = fleet.NOW - ago
        task = Task(id, command, state, now - 1, fleet.EPOCH, ended_at=now, trouble=trouble)
        await self.publish(task)
        await self.settle()

    def cursor(self) -> str:
        """The name of the row under the cursor."""
        row = self.view_state.view.row
        return str(row.domain.name) if hasattr(row, "domain") else str(row)

    def put_cursor(self, name: str) -> None:
        """Put the cursor on a domain."""
        cursor = self.view_state.views["domains"].cursor
        assert cursor.jump(fleet.key(name), self.view_state.height), name
        self.console.paint()

    def names(self) -> list[str]:
        """The names of the domains listed, in order."""
        return [row.domain.name for row in self.view_state.views["domains"].listing.rows]


_KEYS = {
    "/": "slash", ":": "colon", "*": "asterisk", " ": "space", "-": "minus", ".": "full_stop",
    ">": "greater_than_sign", "<": "less_than_sign", "%": "percent_sign",
}  # fmt: skip
_CHARACTERS = {name: char for char, name in _KEYS.items()} | {
    "colon": ":", "slash": "/", "question_mark": "?", "plus": "+", "underscore": "_",
    "left_square_bracket": "[", "right_square_bracket": "]",
}  # fmt: skip


def settings(**changes: Any) -> Settings:
    """Settings that do not depend on the machine."""
    base = Settings(hosts=fleet.SPECS, theme="dark", glyphs="unicode", environment={})
    return replace(base, **changes)


class FixedClock:
    """A clock that stands at the scene's moment until a test moves it."""

    def __init__(self) -> None:
        self.moved = 0.0

    def clock(self) -> Clock:
        return Clock(lambda: fleet.NOW + self.moved, lambda: fleet.EPOCH + self.moved)


def console_app(
    backends: list[ScriptedBackend],
    chosen: Settings,
    hosts: Sequence[HostSpec] = fleet.SPECS,
    clock: FixedClock | None = None,
) -> VirtTuiApp:
    """The app on a scripted backend that says nothing by itself."""

    def open_backend(specs: Sequence[HostSpec], publish: Publish) -> ScriptedBackend:
        backend = ScriptedBackend(publish, tuple(specs))
        backends.append(backend)
        return backend

    def demo_hosts() -> Sequence[HostSpec]:
        return (HostSpec("demo", "test:///demo", "demo"),)

    return VirtTuiApp(chosen, open_backend, hosts, demo_hosts, (clock or FixedClock()).clock())


@asynccontextmanager
async def running_app(
    size: tuple[int, int] = (120, 36),
    messages: Sequence[FleetMessage] | None = None,
    hosts: Sequence[HostSpec] = fleet.SPECS,
    clock: FixedClock | None = None,
    **changes: Any,
) -> AsyncIterator[RunningApp]:
    """Run the app at a size, with the scene's hosts unless other messages are given."""
    backends: list[ScriptedBackend] = []
    app = console_app(backends, settings(**changes), hosts, clock)
    with only_at_rest():
        async with app.run_test(size=size) as pilot:
            ui = RunningApp(app, pilot, backends)
            await ui.wait_for(lambda: backends, "a backend")
            told: Sequence[FleetMessage] = fleet.inventories() if messages is None else messages
            if told:
                await ui.publish(*told)
                inventories = [one for one in told if isinstance(one, Inventory)]
                await ui.wait_for(
                    lambda: all(
                        app.fleet_state().inventories[one.host.id] is one for one in inventories
                    ),
                    "the messages",
                )  # fmt: skip
            yield ui
            if app.is_running:
                await ui.frame()
