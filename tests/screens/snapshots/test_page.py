"""The page of a domain's snapshots in the running app."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.modals.provision.clone_form import CloneDomainDialog
from virttui.modals.snapshots.delete import DeleteSnapshotsDialog
from virttui.model.commands import Verb
from virttui.model.domains.disk_jobs import BackingChain, ChainLayer
from virttui.model.domains.snapshot_deletion import (
    SnapshotDeletion,
    SnapshotFile,
    SnapshotFiles,
)
from virttui.model.domains.snapshots import Snapshot, SnapshotDisk
from virttui.model.errors import HostLost
from virttui.model.queries import CloneSourceQuery, SnapshotsQuery, SnapshotsResult
from virttui.screens.base.text_screen import TextScreen
from virttui.screens.snapshots.screen import REREAD_EVERY, SnapshotsScreen
from virttui.screens.xml_editor.screen import XmlEditorScreen

NAME = "web-01"
DAY = 86400.0
DISK = SnapshotDisk("vda", "external", "/p/web.qcow2", "/p/web.before", 2_362_232_012)
LEFT = SnapshotDisk("vdb", "no", "/p/data.raw")
TREE = (
    Snapshot("fresh-install", "", "from packages", "shutoff", fleet.EPOCH - 119 * DAY,
             disks=(DISK,)),
    Snapshot("failed", "fresh-install", "", "running", fleet.EPOCH - 15 * DAY, "internal",
             disks=(SnapshotDisk("vda", "internal", "/p/web.qcow2"),)),
    Snapshot("before-17.4", "fresh-install", "before the upgrade", "disk-snapshot",
             fleet.EPOCH - DAY, disks=(DISK, LEFT), current=True),
)  # fmt: skip


async def opened(ui: RunningApp, snapshots: tuple[Snapshot, ...] = TREE) -> SnapshotsScreen:
    ui.backend.snapshots = snapshots
    ui.put_cursor(NAME)
    await ui.press("t")
    await ui.wait_for(lambda: isinstance(ui.top(), SnapshotsScreen), "the page")
    page = ui.top()
    assert isinstance(page, SnapshotsScreen)
    await ui.frame()
    return page


def chosen(ui: RunningApp) -> str:
    (line,) = [one for one in ui.text("page").splitlines() if one.startswith("▌")]
    return line


async def test_the_tree_is_shown_with_now_in_it() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        lines = ui.text("page").splitlines()
        assert lines[0].startswith("━━ snapshots 3 ") and "mixed, oldest first" in lines[0]
        assert [line[2:24].rstrip() for line in lines[2:6]] == [
            "▼ fresh-install", "├ ► failed", "└ ▼ before-17.4", "  └ ● now",
        ]  # fmt: skip
        assert "external" in lines[2] and "disks, off" in lines[2] and "119d" in lines[2]
        assert "internal" in lines[3] and "disks, memory" in lines[3] and "–" in lines[3]
        assert "disks alone" in lines[4] and "2.2G" in lines[4] and "before the upg" in lines[4]
        assert f"› domains › {NAME}" in ui.text("top")


async def test_what_is_known_of_the_one_under_the_cursor_is_said() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press("g", "j", "j")
        assert "before-17.4" in chosen(ui)
        page = ui.text("page")
        assert "as it was: /p/web.qcow2; what came after: /p/web.before, 2.2G" in page
        assert "vdb: stays as it is when the domain is reverted" in page
        assert "before-17.4  external: disks alone; without vdb" in ui.text("answer")
        await ui.press("G")
        assert "it comes after before-17.4; 2.2G were written since" in ui.text("page")
        assert "internal and external snapshots" in ui.text("page")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_it_fills_every_size(size: tuple[int, int]) -> None:
    many = tuple(
        Snapshot(f"s{place:03}", f"s{place - 1:03}" if place else "", "x" * 300,
                 "running", fleet.EPOCH - 1000 + place, disks=(DISK,), current=place == 199)
        for place in range(200)
    )  # fmt: skip
    async with running_app(size) as ui:
        await opened(ui, many)
        for key in ("G", "g", "pagedown", "ctrl+u", "end"):
            await ui.press(key)
            painted = ui.painted().splitlines()
            assert len(painted) == size[1] and {len(line) for line in painted} == {size[0]}
            assert chosen(ui)
        assert "now" in chosen(ui)


async def test_hostile_names_and_notes_are_made_visible() -> None:
    hostile = Snapshot("a\x1b[31m\u202eb", note="n\x07\nm", state="running", taken=fleet.EPOCH)
    async with running_app((80, 24)) as ui:
        await opened(ui, (hostile,))
        await ui.press("g")
        assert "\x1b" not in ui.painted() and "\u202e" not in ui.painted()
        assert "\\x1b" in ui.text("page")


async def test_none_and_an_error_are_said() -> None:
    async with running_app((80, 24)) as ui:
        page = await opened(ui, ())
        assert f"{NAME} has no snapshot" in ui.text("page")
        error = HostLost("kvm01 does not answer now")
        query = SnapshotsQuery(page.view_state.key)
        await ui.publish(SnapshotsResult(query, error=error))
        assert "kvm01 does not answer now" in ui.text("page")


async def test_they_are_asked_for_again_and_the_cursor_stays() -> None:
    clock = FixedClock()
    async with running_app((120, 36), clock=clock) as ui:
        await opened(ui)
        await ui.press("g", "j")
        before = len(ui.backend.queries_of(SnapshotsQuery))
        ui.backend.snapshots = (
            *TREE, Snapshot("a-new-one", "fresh-install", taken=fleet.EPOCH - 100 * DAY),
        )  # fmt: skip
        clock.moved = REREAD_EVERY
        ui.app.update_screen()
        await ui.wait_for(lambda: "a-new-one" in ui.text("page"), "the new snapshot")
        assert len(ui.backend.queries_of(SnapshotsQuery)) == before + 1
        assert "failed" in chosen(ui)


async def test_enter_opens_its_xml_and_esc_comes_back() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await ui.press("enter")
        assert "now is no snapshot" in ui.text("answer")
        await ui.press("g", "enter")
        await ui.wait_for(lambda: isinstance(ui.top(), XmlEditorScreen), "the editor")
        await ui.press("escape")
        await ui.wait_for(lambda: isinstance(ui.top(), SnapshotsScreen), "the page")
        await ui.press("question_mark")
        assert isinstance(ui.top(), TextScreen)
        await ui.press("escape", "escape")
        assert ui.top() is ui.console


async def test_a_line_opens_it_by_name() -> None:
    async with running_app((120, 36)) as ui:
        ui.backend.snapshots = tuple(replace(one) for one in TREE)
        await ui.press("colon")
        await ui.type(f"snapshots {NAME}")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), SnapshotsScreen), "the page")
        await ui.wait_for(lambda: "before-17.4" in ui.text("page"), "the tree")


# -- deleting ------------------------------------------------------------------------------------

CHAINED = (
    Snapshot("one", "", "", "disk-snapshot", fleet.EPOCH - 2 * DAY,
             disks=(SnapshotDisk("vda", "external", "/p/base", "/p/a", 1024**3),)),
    Snapshot("two", "one", "", "disk-snapshot", fleet.EPOCH - DAY,
             disks=(SnapshotDisk("vda", "external", "/p/a", "/p/b", 1024**3),), current=True),
)  # fmt: skip


def files_of(*chain: str) -> SnapshotFiles:
    layers = tuple(ChainLayer(f"/p/{one}", "qcow2") for one in chain)
    known = tuple(
        SnapshotFile(f"/p/{one}", internal=0, bytes=1024**3) for one in ("a", "b", "base")
    )
    return SnapshotFiles(True, 9_000_000, (BackingChain("vda", layers),), known)


async def test_deleting_says_what_becomes_of_each_file_and_cancel_has_the_focus() -> None:
    async with running_app((80, 24)) as ui:
        ui.backend.snapshot_files = files_of("b", "a", "base")
        await opened(ui, CHAINED)
        await ui.press("g", "U")
        await ui.wait_for(lambda: isinstance(ui.top(), DeleteSnapshotsDialog), "the question")
        await ui.wait_for(lambda: "merged" in ui.text("body"), "the files")
        body = ui.text("body")
        assert f"Delete one of {NAME} on" in body
        assert "merged   a" in body and "grows    base" in body and "to 2.0G at most" in body
        assert "There is no way back to" in body
        assert "Cancel" in ui.text("foot") and "Delete, merge 1.0G" in ui.text("foot")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), SnapshotsScreen), "the page again")
        assert not ui.backend.commands
        await ui.press("U")
        await ui.wait_for(lambda: "merged" in ui.text("body"), "the files")
        await ui.press("y")
        await ui.wait_for(lambda: ui.backend.commands, "the command")
        (command,) = ui.backend.commands
        assert command.verb is Verb.DELETE_SNAPSHOTS
        assert command.arguments == SnapshotDeletion(("one",))


async def test_marked_ones_go_leaf_first() -> None:
    async with running_app((80, 24)) as ui:
        ui.backend.snapshot_files = files_of("b", "a", "base")
        await opened(ui, CHAINED)
        await ui.press("g", "space", "space", "U")
        await ui.wait_for(lambda: isinstance(ui.top(), DeleteSnapshotsDialog), "the question")
        await ui.wait_for(lambda: "merged" in ui.text("body"), "the files")
        assert "in this order: two, one?" in " ".join(ui.text("body").split())


async def test_a_branch_goes_only_when_its_name_was_typed() -> None:
    async with running_app((80, 24)) as ui:
        ui.backend.snapshot_files = files_of("n", "base")
        stem = replace(CHAINED[0], current=True)
        await opened(ui, (stem, replace(CHAINED[1], current=False)))
        await ui.press("g", "j", "U")
        await ui.wait_for(lambda: isinstance(ui.top(), DeleteSnapshotsDialog), "the question")
        await ui.wait_for(lambda: "gone" in ui.text("body"), "the files")
        assert "2.0G of data will be gone for good." in ui.text("body")
        await ui.press("enter", "y", "enter", "backspace")
        assert not ui.backend.commands and "Delete with 2.0G" in ui.text("foot")
        await ui.press(*"two", "enter")
        await ui.wait_for(lambda: ui.backend.commands, "the command")
        assert ui.backend.commands[0].arguments == SnapshotDeletion(("two",), ("/p/b", "/p/a"))


async def test_what_cannot_be_deleted_is_said_before_any_key() -> None:
    async with running_app((80, 24)) as ui:
        known = files_of("b", "a", "base")
        ui.backend.snapshot_files = replace(known, busy=("vda",))
        await opened(ui, CHAINED)
        await ui.press("g", "U")
        await ui.wait_for(lambda: isinstance(ui.top(), DeleteSnapshotsDialog), "the question")
        await ui.wait_for(lambda: "block job" in ui.text("body"), "the reason")
        await ui.press("y")
        assert not ui.backend.commands and "Back" in ui.text("foot")


async def test_c_opens_the_form_of_a_clone_of_that_moment() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, CHAINED)
        await ui.press("G", "C")
        assert "now is no snapshot" in ui.text("answer")
        await ui.press("g", "C")
        await ui.wait_for(lambda: isinstance(ui.top(), CloneDomainDialog), "the form")
        (query,) = ui.backend.queries_of(CloneSourceQuery)
        assert query.snapshot == "one"


async def test_an_internal_one_says_why_it_cannot_be_cloned() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui)
        await ui.press("g", "j", "C")
        assert "lies inside the images" in ui.text("answer")
        assert isinstance(ui.top(), SnapshotsScreen)
