"""The application: it opens the backend, takes its messages, and feeds the screen on top.

Messages may come from any thread and in any number. The newest inventory of a host replaces the one
before while it still waits; one message wakes the app for all that came.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.app import App
from textual.geometry import Size
from textual.message import Message
from textual.timer import Timer

from virttui.model.backend import Backend, Consoles, HostSpec, Interest, Logs, OpenBackend
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command
from virttui.model.domains.consoles import ConsoleState
from virttui.model.domains.details import DomainDetails
from virttui.model.domains.logs import LogUpdate
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Inventory
from virttui.model.messages import FleetMessage, HostEvent
from virttui.model.queries import Query, QueryResult
from virttui.model.tasks import Task
from virttui.panes.main.view_state import MainViewState
from virttui.render.glyphs import ASCII, UNICODE, Glyphs, RenderContext
from virttui.render.grid import fits
from virttui.screens.main.main_screen import MainScreen
from virttui.settings import Settings, plain_locale, styles_folder
from virttui.store.fleet_state import FleetState, FleetStore
from virttui.store.local_tasks import LocalTasks
from virttui.store.mailbox import Mailbox
from virttui.widgets.base_screen import flows_advanced
from virttui.widgets.closed_widgets import keep_no_closed_widget
from virttui.widgets.field import KeyHandler
from virttui.widgets.live_screen import LiveScreen
from virttui.widgets.paint_schedule import PaintSchedule
from virttui.widgets.terminal_input import take_any_bytes
from virttui.widgets.themes import resolve_theme, theme

PATIENCE = 0.5
"""Seconds the backend gets to let go of its hosts."""


class Clock(Struct, frozen=True):
    """Where the time comes from, so that tests own it."""

    monotonic: Callable[[], float] = time.monotonic
    epoch: Callable[[], float] = time.time


SYSTEM_CLOCK = Clock()


class MailboxReady(Message):
    """There is something in the mailbox."""


class VirtTuiApp(App[None], inherit_bindings=False):
    """VirtTUI on the terminal."""

    ENABLE_COMMAND_PALETTE = False
    TITLE = "VirtTUI"

    def __init__(
        self,
        settings: Settings,
        open_backend: OpenBackend,
        hosts: Sequence[HostSpec],
        demo_hosts: Callable[[], Sequence[HostSpec]],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        take_any_bytes()
        keep_no_closed_widget()
        wanted = resolve_theme(settings.theme, settings.environment, "truecolor")
        super().__init__(
            css_path=[styles_folder() / f"{name}.tcss" for name in STYLES],
            ansi_color=True if wanted in ("ansi", "none") else None,
        )
        self.settings = settings
        self.clock = clock
        self.store = FleetStore(hosts, clock.monotonic(), settings.limits)
        self._open_backend = open_backend
        self._hosts = tuple(hosts)
        self._demo_hosts = demo_hosts
        self._backend: Backend | None = None
        self._generation = 0
        self._mailbox = Mailbox()
        self._serials = itertools.count(1_000_000)
        self.local_tasks = LocalTasks(self._post, clock.monotonic, clock.epoch)
        self._console_listeners: list[Callable[[ConsoleState], None]] = []
        self._glyphs = glyphs_for(settings)
        self._bars = not settings.slow
        self._paint_schedule = PaintSchedule(settings.interval)
        self._wake: Timer | None = None
        self._wake_at = 0.0
        self._leaving = threading.Event()
        self._stopping: threading.Thread | None = None
        self._main: MainScreen | None = None
        self._demo = settings.demo
        self._choose_theme()

    # -- looks -----------------------------------------------------------------------------

    @property
    def look(self) -> RenderContext:
        """How things are drawn at this moment."""
        now, epoch = self.clock.monotonic(), self.clock.epoch()
        return RenderContext(self._glyphs, self._bars, now, epoch, self.settings.limits)

    def _choose_theme(self) -> None:
        colours = self.console.color_system
        name = resolve_theme(self.settings.theme, self.settings.environment, colours)
        if self.settings.slow and self.settings.theme == "auto" and name == "dark":
            name = "ansi"
        self.register_theme(theme(name))
        self.theme = f"virttui-{name}"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The style sheets are read before a theme is set, and name its colours."""
        return theme("dark").variables

    # -- life ------------------------------------------------------------------------------

    def get_default_screen(self) -> MainScreen:
        """The console is the screen everything else lies on."""
        view_state = MainViewState(
            read_only=self.settings.read_only, attention_first=self.settings.attention_first
        )
        self._main = MainScreen(view_state)
        return self._main

    def on_mount(self) -> None:
        """First the first frame, then the backend."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            # Otherwise the terminal would be left on the alternate screen.
            asyncio.get_running_loop().add_signal_handler(number, self.leave)
        self.update_screen()
        self.set_interval(1.0, self._tick)
        self.call_after_refresh(self._open, self._hosts)

    def _open(self, hosts: Sequence[HostSpec]) -> None:
        """Open a backend on a thread of its own: importing libvirt alone takes a while."""
        self._generation += 1
        generation = self._generation

        def publish(message: FleetMessage) -> None:
            if generation == self._generation:
                self._post(message)

        def work() -> None:
            backend = self._open_backend(hosts, publish)
            if self._leaving.is_set() or generation != self._generation:
                backend.stop(PATIENCE)
                return
            self._backend = backend
            self._post(None)

        threading.Thread(target=work, name="open backend", daemon=True).start()

    def _post(self, message: FleetMessage | None) -> None:
        """Take a message from any thread; the app is woken once for all that wait."""
        if message is not None and not self._mailbox.push(message):
            return
        try:
            self.post_message(MailboxReady())
        except RuntimeError:
            # The event loop has ended: nobody is left to be told.
            self._leaving.set()

    def watch_domain(self, key: ObjectId | None) -> None:
        """Have one domain told in full, or none."""
        if self._backend is not None:
            self._backend.watch_domain(key)

    def reopen(self, hosts: Sequence[HostSpec]) -> None:
        """Let go of all hosts and open others."""
        self._stop_backend()
        self._hosts = tuple(hosts)
        self._mailbox = Mailbox()
        self.store = FleetStore(hosts, self.clock.monotonic(), self.settings.limits)
        if self._main is not None:
            self._main.forget_interest()
        self._open(self._hosts)
        self.update_screen()

    def open_demo(self) -> None:
        """Go on with the demo scene."""
        self._demo = True
        self.reopen(self._demo_hosts())

    def leave(self) -> None:
        """Quit now; what still hangs in a call is left to its daemon thread."""
        self._leaving.set()
        self._stop_backend()
        self.exit()

    def _stop_backend(self) -> None:
        self.local_tasks.end_all()
        backend, self._backend = self._backend, None
        if backend is not None:
            self._stopping = threading.Thread(
                target=backend.stop, args=(PATIENCE,), name="stop backend", daemon=True
            )
            self._stopping.start()

    def on_unmount(self) -> None:
        """Let the backend say goodbye, as long as that takes no longer than it may."""
        self.local_tasks.end_all()
        if self._stopping is not None:
            self._stopping.join(PATIENCE)

    async def on_event(self, event: events.Event) -> None:
        """Give each key to the screen on top, and look at the next when it was dealt with."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            screen = self.screen
            if isinstance(screen, KeyHandler) and screen.take_key(event):
                await flows_advanced()
                return
        await super().on_event(event)

    # -- messages ------------------------------------------------------------------------------

    def on_mailbox_ready(self) -> None:
        """Apply all messages that came, then paint, but not more often than is affordable.

        Figures of several hosts are gathered over one interval: each of 50 tells its own at its own
        moment. They stay in the mailbox till then, so that the next ones need not wake the app.
        """
        news = self._mailbox.news
        if news or len(self._hosts) == 1:
            self._apply_messages()
            news = True
        now = time.monotonic()
        wait = self._paint_schedule.wait(now, gather=not news)
        if not wait:
            self._woken()
        elif self._wake is None or now + wait < self._wake_at:
            self._stop_waking()
            self._wake_at = now + wait
            self._wake = self.set_timer(wait, self._woken)

    def _woken(self) -> None:
        self._stop_waking()
        self._apply_messages()
        self.update_screen()

    def _stop_waking(self) -> None:
        if self._wake is not None:
            self._wake.stop()
            self._wake = None

    def _apply_messages(self) -> None:
        for message in self._mailbox.take():
            self._apply(message)

    def _apply(self, message: FleetMessage) -> None:
        if isinstance(message, Inventory):
            self.store.apply_inventory(message)
        elif isinstance(message, DomainDetails):
            if isinstance(self.screen, LiveScreen):
                self.screen.take_details(message)
        elif isinstance(message, Task):
            self.store.apply_task(message)
            for screen in self._live_screens():
                screen.on_task(message)
        elif isinstance(message, ConsoleState | LogUpdate):
            self._apply_stream(message)
        elif isinstance(message, HostEvent):
            self.store.apply_event(message)
            if self._main is not None:
                self._main.on_host_event(message)
        else:
            self._on_query_result(message)

    def _apply_stream(self, message: ConsoleState | LogUpdate) -> None:
        """Give what an open console or open logs tell to every open screen, and to listeners."""
        for screen in self._live_screens():
            screen.on_stream(message)
        if isinstance(message, ConsoleState):
            for listener in self._console_listeners:
                listener(message)

    def _live_screens(self) -> list[LiveScreen]:
        """Every open screen that is kept up to date."""
        return [screen for screen in self.screen_stack if isinstance(screen, LiveScreen)]

    def _on_query_result(self, result: QueryResult) -> None:
        """Give a result to the store and to the screen on top; a late one is dropped there."""
        self.store.apply_query_result(result)
        screen = self.screen
        if isinstance(screen, LiveScreen):
            screen.on_query_result(result)

    def _tick(self) -> None:
        """Ages grow though no message comes; a screen fed a moment ago is left alone."""
        self.local_tasks.tick()
        if self._wake is None and self._paint_schedule.age(time.monotonic()) > 1.3:
            self.update_screen()

    def update_screen(self) -> None:
        """Give what is known to the screen on top."""
        if self._leaving.is_set() or not self.screen_stack:
            return
        begun = time.thread_time()
        self._choose_screen()
        screen = self.screen
        if isinstance(screen, LiveScreen) and screen.is_running:
            screen.update_state(self.fleet_state())
        self._paint_schedule.painted(time.monotonic(), time.thread_time() - begun)

    def fleet_state(self) -> FleetState:
        """What is known now."""
        return self.store.fleet_state(self.clock.monotonic(), self.clock.epoch())

    # -- which screen ----------------------------------------------------------------------

    def _choose_screen(self) -> None:
        """Nothing reachable and no ``-c``: the first-run page, until something answers."""
        if self._main is None or not self.screen.is_running:
            return
        wanted = self._nobody_answers()
        shown = len(self.screen_stack) > 1 and self.screen.name == "first-run"
        if wanted and self.screen is self._main:
            from virttui.screens.main.first_run import FirstRunScreen

            self.push_screen(FirstRunScreen())
        elif shown and not wanted:
            self.pop_screen()

    def _nobody_answers(self) -> bool:
        if self.settings.explicit or self._demo or not fits(*self.size):
            return False
        hosts = self.store.hosts
        return bool(hosts) and all(
            host.phase in (ConnectionState.LOST, ConnectionState.DENIED)
            and host.answered_at is None
            for host in hosts
        )

    def on_resize(self, event: events.Resize) -> None:
        """Under 40x10 nothing can be drawn; the page that says so takes over, and goes again."""
        if not self.is_headless and event.size != (now := Size(*shutil.get_terminal_size())):
            # Two signals may be handled one inside the other, and the outer one then tells a size
            # that the terminal had before: the last word is the terminal's.
            event.prevent_default()
            self.post_message(events.Resize(now, now))
            return
        from virttui.screens.base.too_small import SmallScreen

        small = isinstance(self.screen, SmallScreen)
        if not fits(*event.size) and not small:
            self.push_screen(SmallScreen())
        elif fits(*event.size) and small:
            self.pop_screen()

    # -- what the screens ask for ----------------------------------------------------------

    def submit(
        self, commands: Sequence[Command], pace: BatchPolicy = IN_PARALLEL
    ) -> tuple[int, ...]:
        """Put commands to work; returns their task ids, none while nobody takes them."""
        if self._backend is None or self.settings.read_only:
            return ()
        return self._backend.submit(commands, pace)

    @property
    def consoles(self) -> Consoles | None:
        """Who opens consoles; None while there is no backend, and in a run that only reads."""
        return None if self.settings.read_only else self._backend

    @property
    def logs(self) -> Logs | None:
        """Who reads logs, which a run that only reads does too; None while there is no backend."""
        return self._backend

    def follow_consoles(self, listener: Callable[[ConsoleState], None]) -> None:
        """Have a listener take the states of open consoles, after the pages did."""
        self._console_listeners.append(listener)

    def ask(self, query: Query) -> None:
        """Put a query to its host. One without a serial number gets one."""
        if self._backend is not None:
            numbered = query if query.serial else replace(query, serial=next(self._serials))
            self._backend.ask(numbered)

    def cancel(self, task: int) -> None:
        """Drop a task that still waits, or end one."""
        if not self.local_tasks.cancel(task) and self._backend is not None:
            self._backend.cancel(task)

    def refresh_now(self) -> None:
        """Read everything again; lost hosts are tried at once."""
        if self._backend is not None:
            self._backend.refresh()

    def set_interest(self, interest: Interest) -> bool:
        """Say which rows are in view; false while nobody is there to hear it."""
        if self._backend is None:
            return False
        self._backend.set_interest(interest)
        return True


STYLES = ("base", "tables", "modals", "screens")


def glyphs_for(settings: Settings) -> Glyphs:
    """The glyphs for the settings, the terminal and the locale."""
    terminal = settings.environment.get("TERM", os.environ.get("TERM", ""))
    plain = terminal == "linux" or plain_locale(settings.environment)
    if settings.glyphs == "ascii" or (settings.glyphs == "auto" and plain):
        return ASCII
    return UNICODE if settings.graphs == "auto" else replace(UNICODE, graph=settings.graphs)
