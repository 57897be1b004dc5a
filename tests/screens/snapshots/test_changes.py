"""Taking a snapshot, reverting to one and comparing one, in the running app."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.modals.snapshots.note import NoteDialog
from virttui.modals.snapshots.revert import RevertDialog
from virttui.modals.snapshots.take import TakeSnapshotDialog
from virttui.model.commands import DefineArguments, Verb
from virttui.model.documents import Document, DocumentText
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk, SnapshotKind
from virttui.model.identity import Kind
from virttui.model.snapshots.changes import (
    AfterRevert,
    DefinitionDifference,
    FilePool,
    RevertArguments,
    SnapshotComparison,
    SnapshotContext,
    SnapshotDiskFacts,
    TakeSnapshotArguments,
)
from virttui.persistence.snapshot_screenshots import save_screenshot
from virttui.screens.base.text_screen import TextScreen
from virttui.screens.snapshots.screen import SnapshotsScreen

NAME = "web-01"
GIB = 1 << 30
VDA = SnapshotDiskFacts("vda", "/p/web.qcow2", format="qcow2", pool="default")
VDB = SnapshotDiskFacts("vdb", "/p/data.raw", format="raw", pool="default")
OLD = SnapshotContext(
    NAME, "running", memory=2 * GIB, agent=True, has_display=True, disks=(VDA,),
    pools=(FilePool("default", "/p", 100 * GIB),), version=9_000_000,
)  # fmt: skip
NEW = replace(OLD, reverts_external=True, version=11_003_000, disks=(VDA, VDB))
INSIDE = Snapshot(
    "before", "", "the note", "running", fleet.EPOCH - 5000, "internal",
    disks=(SnapshotDisk("vda", "internal", "/p/web.qcow2"),), current=True,
)  # fmt: skip
CHANGED = SnapshotComparison(
    "", "<domain><memory unit='KiB'>1</memory></domain>",
    "<domain><memory unit='KiB'>2</memory></domain>",
    (DefinitionDifference("disk vdb", "", "qcow2"), DefinitionDifference("memory", "1", "2")),
)  # fmt: skip


async def opened(
    ui: RunningApp, context: SnapshotContext, snapshots: tuple[Snapshot, ...] = ()
) -> None:
    ui.backend.snapshot_context = replace(context, snapshots=snapshots)
    ui.backend.snapshots, ui.backend.comparison = snapshots, CHANGED
    ui.put_cursor(NAME)
    await ui.press("t")
    await ui.wait_for(lambda: isinstance(ui.top(), SnapshotsScreen), "the page")
    await ui.frame()


async def sheet(ui: RunningApp) -> None:
    await ui.press("n")
    await ui.wait_for(lambda: isinstance(ui.top(), TakeSnapshotDialog), "the sheet")
    await ui.wait_for(lambda: "kind" in ui.painted(), "its fields")


async def question(ui: RunningApp) -> None:
    await ui.press("g", "r")
    await ui.wait_for(lambda: isinstance(ui.top(), RevertDialog), "the question")
    await ui.wait_for(lambda: "asking" not in ui.painted(), "what is known")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_n_opens_the_sheet_and_enter_takes_what_it_shows(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await opened(ui, NEW)
        assert "n takes one" in ui.text("page")
        await sheet(ui)
        painted = ui.painted()
        assert "external" in painted and "hold writes" in painted
        assert "! vdb is not in it: a revert takes back vda alone" in painted
        await ui.press("enter")
        await ui.wait_for(lambda: bool(ui.backend.commands), "the command")
        (command,) = ui.backend.commands
        assert command.verb is Verb.SNAPSHOT
        wanted = command.arguments
        assert isinstance(wanted, TakeSnapshotArguments)
        assert wanted.kind is SnapshotKind.EXTERNAL and wanted.quiesce and wanted.screenshot
        assert [one.target for one in wanted.overlays] == ["vda"]


async def test_the_sheet_says_why_there_can_be_none_and_takes_nothing() -> None:
    shared = replace(NEW, disks=(replace(VDA, shareable=True),))
    async with running_app((80, 24)) as ui:
        await opened(ui, shared)
        await ui.press("n")
        await ui.wait_for(lambda: "no snapshot is possible" in ui.painted(), "why")
        await ui.press("enter")
        assert not ui.backend.commands


async def test_a_line_takes_one_of_the_marked_domains_under_one_name() -> None:
    async with running_app((120, 36)) as ui:
        ui.backend.snapshot_context = NEW
        await ui.press("colon")
        await ui.type("snapshot nightly on web-01 web-02")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), TakeSnapshotDialog), "the sheet")
        await ui.wait_for(lambda: "one name for all" in ui.painted(), "the fields")
        await ui.press("enter")
        await ui.wait_for(lambda: len(ui.backend.commands) == 2, "the commands")
        names = [one.arguments.name for one in ui.backend.commands
                 if isinstance(one.arguments, TakeSnapshotArguments)]  # fmt: skip
        assert names == ["nightly", "nightly"]


async def test_y_takes_a_snapshot_of_now_and_then_reverts() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, OLD, (INSIDE,))
        await question(ui)
        painted = ui.painted()
        assert f"Revert {NAME} on" in painted and "consoles and viewers are cut" in painted
        assert "! disk vdb was added since" in painted and "memory: 2 becomes 1" in painted
        assert "[x] take a snapshot of now first" in painted
        await ui.press("y")
        await ui.wait_for(lambda: bool(ui.backend.commands), "the command")
        wanted = ui.backend.commands[0].arguments
        assert isinstance(wanted, RevertArguments) and wanted.first is not None
        assert wanted.name == "before" and wanted.set_clock
        assert wanted.first.kind is SnapshotKind.INTERNAL and wanted.first.name != "before"


async def test_without_a_snapshot_of_now_the_name_has_to_be_typed() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, OLD, (INSIDE,))
        await question(ui)
        await ui.press("space")
        assert "Type the name to go on without a snapshot of now" in ui.painted()
        await ui.type("web-0")
        await ui.press("enter")
        assert not ui.backend.commands
        await ui.type("1")
        await ui.press("enter")
        await ui.wait_for(lambda: bool(ui.backend.commands), "the command")
        wanted = ui.backend.commands[0].arguments
        assert isinstance(wanted, RevertArguments) and wanted.first is None
        assert wanted.after is AfterRevert.AS_THEN


@pytest.mark.parametrize("key", ["enter", "escape", "n", "q"])
async def test_every_other_key_cancels(key: str) -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, OLD, (INSIDE,))
        await question(ui)
        await ui.press(key)
        await ui.wait_for(lambda: isinstance(ui.top(), SnapshotsScreen), "the page")
        assert not ui.backend.commands


async def test_a_refused_revert_says_why_before_any_key() -> None:
    beside = replace(
        INSIDE, memory="no", disks=(SnapshotDisk("vda", "external", "/p/a", "/p/web.qcow2"),)
    )
    async with running_app((80, 24)) as ui:
        await opened(ui, OLD, (beside,))
        await question(ui)
        said = " ".join(ui.painted().replace("│", " ").split())
        assert "cannot revert to an external one while the domain runs" in said
        await ui.press("y")
        assert isinstance(ui.top(), RevertDialog) and not ui.backend.commands


async def test_checkpoints_are_deleted_only_when_ticked() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, replace(OLD, checkpoints=("k1",)), (INSIDE,))
        await question(ui)
        await ui.press("y")
        assert not ui.backend.commands
        await ui.press("down", "down", "down", "space", "y")
        await ui.wait_for(lambda: bool(ui.backend.commands), "the command")
        wanted = ui.backend.commands[0].arguments
        assert isinstance(wanted, RevertArguments) and wanted.drop_checkpoints == ("k1",)


async def test_equals_shows_both_definitions() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui, OLD, (INSIDE,))
        await ui.press("equals_sign")
        assert "choose a snapshot" in ui.text("answer")
        await ui.press("g", "equals_sign")
        await ui.wait_for(lambda: isinstance(ui.top(), TextScreen), "the comparison")
        await ui.wait_for(lambda: "disk vdb was added since" in ui.painted(), "what differs")
        assert "- now   + after a revert" in ui.painted()


async def test_a_read_only_run_changes_nothing() -> None:
    async with running_app((80, 24), read_only=True) as ui:
        await opened(ui, OLD, (INSIDE,))
        for key in ("n", "r"):
            await ui.press("g", key)
            assert "read-only" in ui.text("answer") and isinstance(ui.top(), SnapshotsScreen)


async def test_e_changes_the_note_in_the_definition_as_it_is_now() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, OLD, (INSIDE,))
        key = fleet.key("web-01")
        document = Document(Kind.SNAPSHOT, key, "before", "before")
        text = "<domainsnapshot><name>before</name><description>the note</description><x/>"
        ui.backend.definitions[document] = DocumentText(document, f"{text}</domainsnapshot>")
        await ui.press("g", "e")
        await ui.wait_for(lambda: isinstance(ui.top(), NoteDialog), "the dialog")
        await ui.press("enter")
        assert isinstance(ui.top(), NoteDialog), "the same note is none"
        await ui.type(" <2>")
        await ui.press("enter")
        await ui.wait_for(lambda: bool(ui.backend.commands), "the command")
        (command,) = ui.backend.commands
        assert isinstance(command.arguments, DefineArguments) and command.verb is Verb.DEFINE
        assert "<description>the note &lt;2&gt;</description><x/>" in command.arguments.xml
        assert command.arguments.base == f"{text}</domainsnapshot>"


async def test_the_page_says_what_a_revert_would_do() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui, OLD, (INSIDE,))
        await ui.press("g")
        said = " ".join(ui.text("page").split())
        assert "if r revert What was written to vda since then goes. web-01 stops" in said


async def test_the_page_names_the_screenshot_of_that_moment() -> None:
    save_screenshot(fleet.key(NAME), "before", b"P6")
    async with running_app((120, 36)) as ui:
        await opened(ui, OLD, (INSIDE,))
        await ui.press("g")
        await ui.wait_for(lambda: "screen then" in ui.text("page"), "the path")
