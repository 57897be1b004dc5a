"""The warning before quitting: the fate of the running tasks, in words."""

from __future__ import annotations

from collections.abc import Iterable

from virttui import formatting
from virttui.model.commands import Verb
from virttui.model.tasks import Task, TaskState


def quit_words(tasks: Iterable[Task]) -> str:
    """The sentences: tasks that end, that continue and that are dropped."""
    running, waiting = [], 0
    for task in tasks:
        if task.state is TaskState.WAITING:
            waiting += 1
        elif not task.state.ended:
            running.append(task)
    ends = [f"{one.command.verb.label} {one.command.target.name}" for one in running
            if one.command.verb.ends_with_program]  # fmt: skip
    parts = []
    typing = [one.command.target.name for one in running if one.command.verb is Verb.SEND_KEYS]
    if typing:
        parts.append(f"Keys for {formatting.listed(typing)} that were not sent yet are dropped.")
    if ends:
        more = [f"{len(ends) - 3} more"] if len(ends) > 4 else []
        named = formatting.listed([*ends[: 3 if more else 4], *more])
        created = "what it has created" if len(ends) == 1 else "what they have created"
        parts.append(f"Ended: {named}; {created} so far is removed.")
    held = [one.command.target.name for one in running if one.command.verb is Verb.FREEZE]
    if held:
        parts.append(f"The writes of {formatting.listed(held)} go on, within a minute at most.")
    kept = [one.command.target.name for one in running if one.command.verb.watches]
    if kept:
        several = len(kept) > 1
        consoles = "Consoles" if several else "The console"
        parts.append(
            f"{consoles} of {formatting.listed(kept)} {'are' if several else 'is'} kept no longer; "
            f"{'the files stay' if several else 'its file stays'}."
        )
    if len(running) > len(ends) + len(held) + len(typing) + len(kept):
        parts.append("What libvirt has started continues.")
    if waiting:
        parts.append("Queued commands are dropped.")
    return " ".join(parts)
