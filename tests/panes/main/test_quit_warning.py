"""What is said before the program ends under its tasks is what comes of them."""

from __future__ import annotations

import pytest

from tests.scenes import fleet
from virttui.model.commands import Command, Target, Verb
from virttui.model.identity import Kind
from virttui.model.tasks import Task, TaskState
from virttui.panes.main.quit_warning import quit_words

W, R = TaskState.WAITING, TaskState.RUNNING
GOES_ON = "What libvirt has started continues."
WAITS = "Queued commands are dropped."


def tasks(*told: tuple[Verb, TaskState]) -> list[Task]:
    return [
        Task(number, Command(verb, Target(Kind.DOMAIN, fleet.key("web-01"), f"web-0{number}")),
             state, fleet.NOW, fleet.EPOCH)
        for number, (verb, state) in enumerate(told, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "verb", [Verb.ARCHIVE, Verb.PROVISION, Verb.UPLOAD, Verb.DOWNLOAD, Verb.COPY_TO_HOST]
)
def test_what_goes_through_this_program_ends_with_it(verb: Verb) -> None:
    words = quit_words(tasks((verb, R)))
    assert words == f"Ended: {verb.label} web-01; what it has created so far is removed."


@pytest.mark.parametrize(
    "verb", [Verb.SAVE, Verb.START, Verb.SHUTDOWN, Verb.BLOCK_COPY, Verb.BLOCK_COMMIT]
)
def test_what_libvirt_does_goes_on(verb: Verb) -> None:
    assert quit_words(tasks((verb, R))) == GOES_ON


def test_each_kind_is_said() -> None:
    words = quit_words(tasks((Verb.ARCHIVE, R), (Verb.UPLOAD, R), (Verb.SAVE, R), (Verb.START, W)))
    ended = "Ended: archive web-01 and upload web-02; what they have created so far is removed."
    assert words == f"{ended} {GOES_ON} {WAITS}"
    assert quit_words(tasks((Verb.ARCHIVE, W))) == WAITS
    assert "web-03 and 3 more; what" in quit_words(tasks(*[(Verb.PROVISION, R)] * 6))


def test_consoles_that_are_kept_end_and_their_files_stay() -> None:
    keep = (Verb.KEEP_CONSOLE, R)
    one = "The console of web-01 is kept no longer; its file stays."
    assert quit_words(tasks(keep)) == one
    assert quit_words(tasks(keep, keep)) == (
        "Consoles of web-01 and web-02 are kept no longer; the files stay."
    )
    assert quit_words(tasks(keep, (Verb.SAVE, R))) == f"{one} {GOES_ON}"
