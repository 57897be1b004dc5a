"""``:virsh …``: any virsh command on the selected row's host, its output on a page of its own."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import shlex
import signal
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.commandline.virsh import (
    EDITS,
    CheckedVirshLine,
    VirshCommand,
    argument_list,
    catalogue,
)
from virttui.screens.base.text_screen import TextScreen

if TYPE_CHECKING:
    from virttui.model.identity import ObjectId
    from virttui.model.inventory import HostState
    from virttui.screens.base.screen_protocol import ActionScreen

MOST_BYTES = 10 * 1000 * 1000
MOST_LINES = 200_000
_CHUNK = 1 << 16
_HELP_SECONDS = 5.0
_GONE_SECONDS = 2.0
_RISKS = {
    True: "It may lose work or data, or write over a file",
    False: "It may change something, write a file or show a password",
}
"""What is said before a line runs, by whether it surely may lose something."""
_NOT_KEPT = " What it replaces is in no history."
MISSING = "virsh is not installed here: libvirt-clients has it"


class VirshRun:
    """One virsh at work for a page: no shell, no terminal, no input, a process group of its own."""

    def __init__(self, line: Sequence[str], ended: Callable[[], None]) -> None:
        self._line = line
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._stopped = False

    async def fill(self, page: TextScreen) -> None:
        """Start it, take what it says, and tell how it ended."""
        began = time.monotonic()
        page.status(lambda: f"running, {formatting.span(time.monotonic() - began)}")
        try:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._line,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                # A host reached by ssh must not ask on somebody's desktop either.
                env={**os.environ, "SSH_ASKPASS_REQUIRE": "never"},
            )
        except FileNotFoundError:
            page.status(lambda: "not started")
            page.show_message(MISSING, bad=True)
            return
        except OSError as error:
            page.status(lambda: "not started")
            page.show_message(f"virsh cannot be started: {error.strerror}", bad=True)
            return
        if self._stopped:
            # The page was closed while the process came to life.
            self.stop()
        cut = ""
        try:
            cut = await self._take(process, page)
        finally:  # also when the page was closed
            if self._stopped:
                await _gone(process)
        status = -signal.SIGKILL if cut else await process.wait()
        self._ended()
        took = time.monotonic() - began
        ended = f"ended by signal {-status}" if status < 0 else f"exit {status}"
        ended = cut or f"{ended} after {took:.1f} s"
        page.status(lambda: ended)
        if cut:
            page.show_message(f"{cut}; the rest is not shown and virsh was ended", bad=True)

    async def _take(self, process: asyncio.subprocess.Process, page: TextScreen) -> str:
        """Add what the process says; returns in words where it was cut, or ""."""
        stream = process.stdout
        assert stream is not None
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        taken, rest = 0, ""
        while chunk := await stream.read(_CHUNK):
            taken += len(chunk)
            *lines, rest = (rest + decode(chunk)).split("\n")
            page.add(lines)
            if taken >= MOST_BYTES or len(page.page.lines) >= MOST_LINES:
                self.stop()
                if taken < MOST_BYTES:
                    return f"cut after {formatting.counted(len(page.page.lines), 'line')}"
                return f"cut after {taken / 1e6:.1f} MB"
            # A process that never pauses must leave the screen its turns.
            await asyncio.sleep(0)
        rest += decode(b"", True)
        if rest:
            page.add([rest])
        return ""

    def stop(self) -> None:
        """End the process and whatever it started."""
        self._stopped = True
        if self._process is not None:
            _end(self._process)


def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a process with its group, unless it has ended."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _gone(process: asyncio.subprocess.Process) -> None:
    """Return when a process that was killed is gone, and with it its descriptors here.

    What it still said is read away: Python before 3.12.5 tells nobody of the end of a process
    whose pipe is too full to be read, and keeps that pipe. One that a grandchild of another group
    keeps open is not waited for.
    """
    stream = process.stdout
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GONE_SECONDS):
            while stream is not None and await stream.read(_CHUNK):
                pass
            await process.wait()


class VirshRunner:
    """Runs what is typed after ``virsh``, and knows what the installed one has."""

    def __init__(self, screen: ActionScreen, learned: Callable[[], None]) -> None:
        """``learned`` is called when the commands of the installed virsh are known."""
        self._screen = screen
        self._learned = learned
        self._learning: asyncio.Task[None] | None = None
        self.known: tuple[VirshCommand, ...] = ()

    @property
    def host(self) -> str | None:
        """The id of the host that a line is for: the selected row's, else the only one."""
        view_state = self._screen.view_state
        row = view_state.view.row
        if row is not None:
            key: ObjectId = row.key
            return key.host
        hosts = list(view_state.fleet_state.inventories)
        return hosts[0] if len(hosts) == 1 else None

    def learn(self) -> None:
        """Ask virsh once what it has."""
        if self._learning is None:
            self._learning = asyncio.create_task(self._learn())

    async def _learn(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                "virsh", "help",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        except OSError:
            # Told when a line is run; until then there is nothing to complete.
            return
        try:
            told, _ = await asyncio.wait_for(process.communicate(), _HELP_SECONDS)
        except TimeoutError:
            return
        finally:  # also when the app ends meanwhile
            if process.returncode is None:
                _end(process)
                await _gone(process)
        self.known = catalogue(told.decode(errors="replace"))
        self._learned()

    def run(self, call: CheckedVirshLine) -> None:
        """Run a checked line on the selected row's host; what does more than read asks first."""
        host = self._screen.view_state.fleet_state.host(self.host or "")
        cursor = self._screen.view_state.view.cursor
        if cursor.row_vanished:
            # The line may have been meant for the host of the row that went a moment ago.
            cursor.row_vanished = False
            where = host.name if host is not None else "no host"
            self._screen.show_message(
                f"virsh: the selected row disappeared; the cursor is on {where} now. Run it again"
            )
        elif host is None:
            self._screen.show_message(
                "virsh: no row is selected, and there are several hosts", bad=True
            )
        elif (call.asks or call.terminal) and (self._screen.view_state.read_only or host.read_only):
            self._screen.show_message(f"virsh {call.arguments[0]}: this run is read-only")
        elif call.asks:
            self._screen.run_flow(self._ask(call, host))
        else:
            self._open(call, host)

    async def _ask(self, call: CheckedVirshLine, host: HostState) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        question = Confirmation(
            f"virsh {call.arguments[0]}",
            f"Run virsh {shlex.join(call.arguments)} on {host.name}?",
            "Run",
            consequence=f"{_RISKS[call.consequence]}, and virttui does not check it."
            + (_NOT_KEPT if EDITS.get(call.arguments[0], call) is None else ""),
            danger=call.consequence,
        )
        if await self._screen.show_dialog(ConfirmDialog(question)) is not None:
            self._open(call, host)

    def _open(self, call: CheckedVirshLine, host: HostState) -> None:
        read_only = self._screen.view_state.read_only or host.read_only
        line = argument_list(host.uri, call.arguments, read_only=read_only)
        if call.terminal:
            self._open_terminal(call, host, line)
            return
        run = VirshRun(line, self._screen.console.refresh_now)
        title = f"virsh {shlex.join(call.arguments)} on {host.name}"
        self._screen.app.push_screen(TextScreen(title, run))

    def _open_terminal(self, call: CheckedVirshLine, host: HostState, line: Sequence[str]) -> None:
        """Run what wants a terminal on a page with one; what an editor replaces is kept."""
        from virttui.screens.terminal.screen import TerminalProgramScreen
        from virttui.screens.terminal.virsh_edit import VirshEditScreen

        title = f"virsh {shlex.join(call.arguments)} on {host.name}"
        kind = call.kept
        if kind is None:
            self._screen.app.push_screen(TerminalProgramScreen(title, line))
            return
        fleet_state = self._screen.view_state.fleet_state
        page = VirshEditScreen(title, line, kind, call.arguments[1:], host.id, fleet_state)
        self._screen.app.push_screen(page)
