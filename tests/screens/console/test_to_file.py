"""A console is kept in a file: a task that goes on when its page is left, until its end is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from tests.screens.console.test_page import NAME, SERIAL, STOP, Opened, opened
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import Verb
from virttui.model.domains.consoles import ConsolePhase, ConsoleState
from virttui.model.tasks import Task, TaskState
from virttui.screens.console.to_file import ConsoleRecording, console_recordings

CONSOLE = (fleet.key(NAME), SERIAL.alias)


async def keep(ui: RunningApp, path: Path) -> None:
    await ui.press("e", "ctrl+u")
    await ui.type(str(path))
    await ui.press("enter")


async def kept(ui: RunningApp, path: Path) -> Opened:
    """A console that is open, and kept in a file."""
    console = await opened(ui)
    await ui.press(STOP)
    await keep(ui, path)
    await ui.wait_for(lambda: found(ui) is not None, "the file")
    return console


def found(ui: RunningApp) -> ConsoleRecording | None:
    return console_recordings(ui.app, ui.app).find(CONSOLE)


def task(ui: RunningApp) -> Task:
    """The newest task that keeps a console."""
    ui.app._apply_messages()
    return next(one for one in ui.app.fleet_state().tasks if one.command.verb is Verb.KEEP_CONSOLE)


def told(ui: RunningApp, phase: ConsolePhase, reason: str = "") -> ConsoleState:
    ((number, (request, _)),) = ui.backend.consoles.items()
    return ConsoleState(number, request, phase, fleet.EPOCH, reason)


def says(ui: RunningApp, output: bytes) -> None:
    ((_, sink),) = ui.backend.consoles.values()
    sink(output)


async def test_a_file_has_the_lines_of_before_and_then_every_byte(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await console.says(b"before\r\n", "before")
        await ui.press(STOP)
        await keep(ui, path)
        await ui.wait_for(lambda: "kept in" in ui.text("answer"), "the file")
        await console.says(b"\x1b[1mafter\x1b[m\r\n", "after")
        assert str(path)[:20] in ui.text("side") and "end its file" in ui.text("side")
        await ui.press("e")
        await ui.wait_for(lambda: "kept no longer" in ui.text("answer"), "its end")
        await console.says(b"not in it", "not in it")
        await ui.wait_for(lambda: b"after" in path.read_bytes(), "all of it")
        kept = path.read_bytes()
        assert kept.startswith(b"before\n") and b"\x1b[1mafter\x1b[m\r\n" in kept
        assert b"not in it" not in kept and path.stat().st_mode & 0o777 == 0o600


async def test_leaving_the_page_leaves_it_attached_and_writing(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        await kept(ui, path)
        await ui.press("escape")
        await ui.wait_for(lambda: "stays attached" in ui.text("answer"), "the words")
        assert ui.top() is ui.console
        assert ui.backend.consoles, "it was let go of"
        says(ui, b"while nobody looks\r\n")
        await ui.wait_for(lambda: b"while nobody looks" in path.read_bytes(), "its output")
        at_work = task(ui)
        assert at_work.state is TaskState.RUNNING and at_work.command.target.name == NAME


async def test_the_row_shows_it_as_work_and_still_takes_other_actions(tmp_path: Path) -> None:
    async with running_app((160, 45)) as ui:
        await kept(ui, tmp_path / "it.txt")
        await ui.press("escape")
        await ui.publish()
        (row,) = [line for line in ui.painted().splitlines() if f" {NAME} " in line][:1]
        assert "» console" in row
        await ui.press("p")
        assert ui.backend.commands[-1].verb is Verb.PAUSE


async def test_coming_back_joins_it_with_every_line(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        console = await kept(ui, path)
        number = console.number
        await ui.press("escape")
        says(ui, b"while nobody looks\r\n")
        await ui.press("c")
        await ui.wait_for(lambda: "while nobody looks" in ui.painted(), "what came meanwhile")
        assert console.number == number and "─ let go " not in ui.painted()
        assert "you type into" in ui.text("rule") and "end its file" in ui.text("side")
        await console.says(b"seen at once\r\n", "seen at once")
        await ui.press("x", STOP, "e")
        assert console.typed.endswith(b"x") and task(ui).state is TaskState.DONE
        await ui.press("escape")
        assert not ui.backend.consoles


async def test_x_ends_it_in_the_list_of_tasks(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        await kept(ui, path)
        await ui.press("escape", "5")
        await ui.publish()
        assert "console" in ui.painted() and "it.txt" in ui.painted()
        await ui.press("X")
        await ui.publish()
        await ui.wait_for(lambda: not ui.backend.consoles and found(ui) is None, "its end")
        assert task(ui).state is TaskState.DONE and str(path) in task(ui).words
        await ui.press("1", "c")
        await ui.wait_for(lambda: ui.backend.consoles, "another one")


async def test_quitting_asks_and_then_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        await kept(ui, path)
        file = found(ui)
        assert file is not None
        await ui.press("escape", "q")
        assert isinstance(ui.top(), ConfirmDialog)
        assert f"The console of {NAME} is kept no longer" in ui.painted()
        await ui.press("y")
        file.file.wait_closed(5.0)
        assert not file.file._thread.is_alive() and path.exists()


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize(
    ("phase", "reason", "state", "said"),
    [
        (ConsolePhase.OFF, "it was forced off", TaskState.DONE, "went off at"),
        (ConsolePhase.HOST_LOST, "the connection broke", TaskState.FAILED, "its host was lost at"),
        (ConsolePhase.TAKEN_OVER, "", TaskState.FAILED, "somebody else took the console over"),
    ],
)
async def test_its_end_is_told(
    tmp_path: Path, phase: ConsolePhase, reason: str, state: TaskState, said: str, *, shown: bool
) -> None:
    async with running_app((120, 36)) as ui:
        await kept(ui, tmp_path / "it.txt")
        if not shown:
            await ui.press("escape")
        await ui.publish(told(ui, ConsolePhase.ATTACHING))
        assert task(ui).state is TaskState.RUNNING, "it is found out why it ended"
        await ui.publish(told(ui, phase, reason))
        ended = task(ui)
        message = ended.trouble.message if ended.trouble else ended.words
        assert ended.state is state and said in message and "it.txt" in message
        assert reason in message
        await ui.wait_for(lambda: said in ui.text("answer"), "the answer line")
        assert bool(ui.backend.consoles) is shown, "it is let go of where no page shows it"


async def test_lines_of_a_guest_that_is_off_are_kept_and_that_is_its_end(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        await console.says(b"its last words\r\n", "its last words")
        await ui.press(STOP)
        await console.tell(ConsolePhase.OFF, "it crashed")
        await keep(ui, path)
        await ui.wait_for(lambda: path.exists() and b"last words" in path.read_bytes(), "the lines")
        await ui.wait_for(lambda: ui.app.fleet_state().tasks, "its task")
        assert "it crashed" in ui.text("answer")
        assert task(ui).state is TaskState.DONE and "it crashed" in task(ui).words


async def test_no_file_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "it.txt"
    path.write_text("before")
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press(STOP)
        await keep(ui, path)
        await ui.wait_for(lambda: "nothing is kept" in ui.text("answer"), "a refusal")
        assert path.read_text() == "before" and not ui.app.fleet_state().tasks


async def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press(STOP)
        await keep(ui, Path("/dev/full"))
        await ui.wait_for(lambda: "nothing is kept" in ui.text("answer"), "no device is a file")
        await keep(ui, tmp_path / "it.txt")
        await ui.wait_for(lambda: found(ui) is not None, "the file")
        file = found(ui)
        assert file is not None
        file.file._on_failure("No space left on device")
        await ui.wait_for(lambda: "No space left on device" in ui.text("answer"), "the reason")
        assert "end its file" not in ui.text("side") and task(ui).state is TaskState.FAILED
