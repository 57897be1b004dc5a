"""Tasks name their verbs in libvirt's terms; a filter also takes the words that records have."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.model.commands import Verb
from virttui.model.tasks import TaskState
from virttui.panes.main.tasks import LANGUAGE, TaskRow, done_words, rows, status_text
from virttui.render.filter import Filter
from virttui.render.glyphs import RenderContext
from virttui.render.line import plain
from virttui.store.fleet_state import FleetState, FleetStore

LOOK = RenderContext(now=fleet.NOW, epoch=fleet.EPOCH)
LABELS = [
    (Verb.PROVISION, "create"),
    (Verb.REMOVE_INCOMPLETE, "clean up"),
    (Verb.REATTACH_NICS, "reattach NICs"),
    (Verb.DELETE_POOL_TARGET, "delete target"),
    (Verb.DELETE_RECORD, "delete record"),
    (Verb.FORCE_OFF, "force off"),
]


def state_with(verb: Verb) -> FleetState:
    task = fleet.task(7, verb, "web-01", TaskState.DONE, 1)
    return replace(
        FleetStore(fleet.SPECS, fleet.NOW).fleet_state(fleet.NOW, fleet.EPOCH), tasks=(task,)
    )


def row_of(verb: Verb) -> TaskRow:
    return rows(state_with(verb))[0]


@pytest.mark.parametrize(("verb", "label"), LABELS)
def test_a_task_is_named_by_the_label_of_its_verb(verb: Verb, label: str) -> None:
    row = row_of(verb)
    assert plain(status_text(row, state_with(verb), LOOK)).startswith(f"{label} web-01")
    assert done_words(replace(row.tasks[0], words="")).startswith(f"{label}: done")


@pytest.mark.parametrize("verb", [Verb.PROVISION, Verb.REATTACH_NICS])
def test_a_filter_takes_the_label_and_the_word_of_the_records(verb: Verb) -> None:
    row = row_of(verb)
    for word in (verb.label, verb.value):
        first = word.split()[0]
        found = LANGUAGE.parse(f"task:{first}*")
        assert isinstance(found, Filter) and found.narrow([row]) == [row]
    other = LANGUAGE.parse("task:start")
    assert isinstance(other, Filter) and other.narrow([row]) == []
