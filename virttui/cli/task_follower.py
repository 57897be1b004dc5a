"""Commands submitted and followed to their ends. A signal ends them as ``X`` does on the screen."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING

from virttui.cli.client import FleetClient, ended
from virttui.cli.output import discard_output, show_message, warn
from virttui.model.commands import Command
from virttui.model.errors import InvalidInput
from virttui.model.tasks import Task, TaskState

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.status = 128 + number
        """The exit status that a shell gives such an end."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Have ctrl+c, a polite kill and a closed terminal raise Interrupted; nohup goes on."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    signals = [number for number in _SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def carry_out(
    commands: Sequence[Command],
    client: FleetClient,
    fleet: Fleet,
    ended_tasks: list[Task] | None = None,
) -> int:
    """Have them done, and tell each one's end in a line; 0 when all of it was done.

    With ``ended_tasks`` nothing is told, and the tasks are added there. When a signal comes they
    are ended, and what they had begun is undone, before this returns.
    """
    ids = fleet.submit(commands)
    try:
        if ended_tasks is not None:
            ended_tasks += [_wait(id, client) for id in ids]
            return max([_status(task) for task in ended_tasks], default=0)
        return max([_followed(id, client) for id in ids], default=0)
    except Interrupted as why:
        try:
            _undone(ids, client, fleet)
        except Interrupted:
            warn("ended before everything was undone; :leftovers lists what is left")
        return why.status


def _undone(ids: Sequence[int], client: FleetClient, fleet: Fleet) -> None:
    for id in ids:
        fleet.cancel(id)
    for id in ids:
        _followed(id, client)


def _wait(id: int, client: FleetClient) -> Task:
    return client.wait(lambda: ended(client, id), None, f"task {id}")


def _status(task: Task) -> int:
    return int(task.state is not TaskState.DONE)


def _followed(id: int, client: FleetClient) -> int:
    """Wait for a task's end and tell it; where nobody can be told, the others still go on."""
    task = _wait(id, client)
    status = _status(task)
    try:
        show_message(f"{task.state.value}: {task.command.target.name} {task.words}", at_once=True)
    except (InvalidInput, BrokenPipeError) as error:
        warn(error.message if isinstance(error, InvalidInput) else "standard output was closed")
        discard_output()
        status = 1
    return status
