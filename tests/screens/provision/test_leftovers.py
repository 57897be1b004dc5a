"""What is left of machines that were not made: told at the start, taken away only when agreed."""

from __future__ import annotations

from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.results import result_of
from tests.scenes.running_app import RunningApp, ScriptedBackend, running_app
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.provision.leftovers import IncompleteDomainDialog
from virttui.modals.snapshots.delete import DeleteSnapshotsDialog
from virttui.model.commands import Verb
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, IncompleteDomain, ResourceKind
from virttui.model.queries import (
    IncompleteDomainsQuery,
    IncompleteDomainsResult,
    Query,
    SnapshotFilesQuery,
)
from virttui.persistence import provision_journal
from virttui.persistence.provision_journal import Journal

HOST = fleet.inventories()[0].host.id
DISK = CreatedResource(ResourceKind.VOLUME, "web-77.qcow2", "pool", "default")


def incomplete_domain(name: str) -> IncompleteDomain:
    """A machine that was cut off, noted as a run that was killed would have."""
    key = ObjectId(HOST, f"uuid-of-{name}")
    one = Journal(key, name)
    one.note(DISK)
    one.close(done=False)
    (found,) = [
        found for found in provision_journal.interrupted_journals(HOST) if found.name == name
    ]
    kept = ("web-78.qcow2 in nvme stays: nvme is off",)
    return IncompleteDomain(found.path.name, key, name, fleet.EPOCH - 180, (DISK,), kept)


def answer_with(backend: ScriptedBackend, *left: IncompleteDomain) -> None:
    def answer(query: Query) -> None:
        backend.queries.append(query)
        if isinstance(query, IncompleteDomainsQuery):
            mine = left if query.key.host == HOST else ()
            backend.publish(IncompleteDomainsResult(query, incomplete=mine))
        else:
            backend.publish(result_of(query))

    backend.asked = answer


async def listed(ui: RunningApp, *left: IncompleteDomain) -> None:
    answer_with(ui.backend, *left)
    await ui.type(":leftovers")
    await ui.press("enter")


async def test_what_was_cut_off_is_told_at_the_start_and_taken_away_when_agreed() -> None:
    left = incomplete_domain("web-77")
    async with running_app((80, 24)) as ui:
        await ui.wait_for(lambda: ui.backend.queries, "its host is asked")
        assert [type(one) for one in ui.backend.queries] == [IncompleteDomainsQuery]
        (asked,) = ui.backend.queries_of(IncompleteDomainsQuery)
        ui.backend.publish(IncompleteDomainsResult(asked, incomplete=(left,)))
        await ui.wait_for(lambda: "making web-77 was interrupted" in ui.text("answer"))
        await listed(ui, left)
        await ui.wait_for(lambda: isinstance(ui.app.screen, IncompleteDomainDialog), "it is listed")
        shown = ui.screen_text()
        assert "web-77.qcow2 in default" in shown and "stays: nvme is off" in shown
        assert "begun 3 min ago" in " ".join(shown.split())
        await ui.press("enter")
        assert ui.backend.commands == [], "Cancel is the default"
        await listed(ui, left)
        await ui.wait_for(lambda: isinstance(ui.app.screen, IncompleteDomainDialog), "again")
        await ui.press("y")
        (command,) = ui.backend.commands
        assert (
            command.verb is Verb.REMOVE_INCOMPLETE
            and arguments_of(command, IncompleteDomain) == left
        )


async def test_what_was_done_to_it_is_said() -> None:
    left = replace(incomplete_domain("image"), operation="uploading", key=ObjectId(HOST, ""))
    async with running_app((80, 24)) as ui:
        await ui.wait_for(lambda: ui.backend.queries, "its host is asked")
        (asked,) = ui.backend.queries_of(IncompleteDomainsQuery)
        ui.backend.publish(
            IncompleteDomainsResult(asked, incomplete=(left, incomplete_domain("web-77")))
        )
        await ui.wait_for(lambda: "uploading image and making web-77" in ui.text("answer"))
        await listed(ui, left)
        await ui.wait_for(lambda: isinstance(ui.app.screen, IncompleteDomainDialog), "it is listed")
        assert "Uploading image on" in ui.screen_text()


async def test_it_can_be_forgotten_and_several_are_chosen_from() -> None:
    one, other = incomplete_domain("web-77"), incomplete_domain("web-78")
    async with running_app((80, 24)) as ui:
        await listed(ui, one, other)
        await ui.wait_for(lambda: isinstance(ui.app.screen, PickerDialog), "both")
        assert "web-78" in ui.screen_text()
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, IncompleteDomainDialog), "the first")
        await ui.press("f")
        await ui.wait_for(lambda: "no longer listed" in ui.text("answer"))
        assert [cut.name for cut in provision_journal.interrupted_journals(HOST)] == ["web-78"]
        assert ui.backend.commands == []


async def test_where_nothing_is_left_that_is_said() -> None:
    async with running_app((80, 24)) as ui:
        assert ui.backend.queries == []
        await listed(ui)
        await ui.wait_for(lambda: "was left incomplete" in ui.text("answer"))


async def test_a_deletion_of_snapshots_is_finished_by_the_question_of_the_deletion() -> None:
    begun = replace(
        incomplete_domain("web-01"),
        resources=(),
        kept_reasons=(),
        operation="deleting snapshots of",
        snapshots=("one",),
    )
    async with running_app((80, 24)) as ui:
        await listed(ui, begun)
        await ui.wait_for(lambda: isinstance(ui.app.screen, IncompleteDomainDialog), "it is listed")
        shown = " ".join(ui.screen_text().split())
        assert "Deleting snapshots of web-01" in shown and "one is not whole any more" in shown
        await ui.press("y")
        await ui.wait_for(lambda: isinstance(ui.app.screen, DeleteSnapshotsDialog), "the question")
        assert ui.backend.queries_of(SnapshotFilesQuery)[0].key == begun.key
        await ui.press("escape")
        assert ui.backend.commands == []
