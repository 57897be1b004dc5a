"""What is taken away again when a machine could not be made, and what is said to be left."""

from __future__ import annotations

import pytest

from virttui.hypervisor.provision.steps import RollbackLog
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence.provision_journal import Journal

FIRST = CreatedResource(ResourceKind.VOLUME, "one.raw", "uuid", "default")
SECOND = CreatedResource(ResourceKind.VOLUME, "two.raw", "uuid", "default")


@pytest.mark.parametrize(
    ("alive", "left"), [(True, []), (False, ["two.raw in default, if it is there"])]
)
def test_what_got_no_answer_may_be_there(alive: bool, left: list[str]) -> None:
    """libvirt makes a volume before it answers, and its host may go in between."""
    taken: list[str] = []
    undo = RollbackLog(Journal(ObjectId("host", "uuid"), "web-02"))
    undo.begins(FIRST)
    undo.created(FIRST, lambda: taken.append("one.raw"))
    undo.begins(SECOND)
    assert undo.all(alive=alive) == left
    assert taken == ["one.raw"]
