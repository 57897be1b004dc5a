"""Passwords: kept through everything, seen nowhere."""

from __future__ import annotations

import logging
import stat

import pytest

from tests.ui import scene
from tests.ui.workbench_scene import (
    RUNNING,
    SECRET,
    XML,
    Desk,
    document,
    offered,
    retitled,
    workbench,
)
from virttui.libvirtxml.text.redaction import NOT_KEPT
from virttui.model.commands import SettingChange
from virttui.model.documents import DocumentText
from virttui.model.tasks import TaskState
from virttui.panes.xml_editor.frame import EditorTab
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.screens.domains.edit_settings import preview
from virttui.settings import state_folder

NEW = "N3w-staple"


def files() -> str:
    """All that lies below the state folder."""
    return "\n".join(p.read_text() for p in state_folder().rglob("*") if p.is_file())


async def test_a_stored_password_is_nowhere_on_the_way_to_libvirt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = ""
    async with workbench(XML, RUNNING) as desk:
        await desk.retype("first", "mine")
        await desk.studied()
        seen += desk.made.painted()
        await desk.made.press("f3")
        await desk.shows(EditorTab.PENDING)
        seen += desk.made.painted()
        await desk.made.press("f3", "f3")
        await desk.shows(EditorTab.LIVE)
        desk.screen.running.editor.go_to(40)
        await desk.studied()
        seen += desk.made.painted()
        await desk.made.press("escape")
        desk.put_cursor("(hidden 1)")
        await desk.made.settle()
        assert "(hidden 1)" in desk.made.painted()
        await desk.made.wait_for(lambda: "draft kept" in desk.made.painted(), "the draft")
        assert SECRET not in files()
        await desk.review()
        seen += desk.made.painted() + desk.made.screen_text()
        await desk.made.press("a")
        assert SECRET in desk.command.xml
        seen += repr(desk.command) + repr(desk.screen.bench.definition)
        desk.script(retitled(title="Shop, mine"), RUNNING)
        await desk.ends(TaskState.DONE, "defined")
        await desk.shows(EditorTab.STORED)
        seen += desk.made.painted() + repr(desk.made.backend.questions)
    assert SECRET not in seen and SECRET not in caplog.text


async def test_a_password_that_changed_elsewhere_is_told_without_it() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.read_again(XML.replace(SECRET, NEW))
        assert "changed elsewhere: graphics vnc" in desk.answer
        await desk.made.press("f7")
        await desk.shows(EditorTab.ELSEWHERE)
        page = desk.made.text("page")
        assert "(hidden 1)" in page and "(hidden 2)" in page and NEW not in page
        await desk.made.press("escape")
        await desk.review()
        await desk.made.press("a")
        assert NEW in desk.command.xml and SECRET not in desk.command.xml


async def typed(desk: Desk) -> None:
    """Give the graphics another password."""
    desk.put_cursor("(hidden 1)")
    await desk.made.press(*["backspace"] * len("(hidden 1)"))
    await desk.made.type(NEW)


async def test_a_new_password_is_dots_wherever_it_is_shown() -> None:
    seen = ""
    async with workbench() as desk:
        await typed(desk)
        await desk.studied()
        seen += desk.made.painted()
        assert f"passwd='{'*' * len(NEW)}'" in desk.made.painted()
        await desk.made.press("ctrl+f")
        await desk.made.press("escape")
        await desk.review()
        seen += desk.made.painted() + desk.made.screen_text()
        await desk.made.press("s")
        seen += desk.made.painted()
        await desk.made.press("a")
        assert f"passwd='{NEW}'" in desk.command.xml and NEW not in repr(desk.command)
        desk.script(XML.replace(SECRET, NEW))
        await desk.ends(TaskState.DONE, "defined")
        await desk.made.wait_for(lambda: desk.leaf is not EditorTab.REVIEW, "what came of it")
        await desk.made.settle()
        assert desk.leaf is EditorTab.STORED, "libvirt took it as it was written"
        assert NEW not in desk.editor.text and "(hidden 2)" in desk.editor.text
        seen += desk.made.painted()
    assert NEW not in seen


async def test_a_new_password_is_dots_in_a_merge() -> None:
    async with workbench() as desk:
        await typed(desk)
        await desk.read_again(XML.replace("autoport='yes'", "autoport='no'"))
        await desk.made.press("f2")
        await desk.shows(EditorTab.MERGE)
        assert "passwd" in desk.made.painted() and NEW not in desk.made.painted()
        await desk.made.press("m", "enter")
        await desk.shows(EditorTab.REVIEW)
        await desk.made.press("a")
        assert NEW in desk.command.xml


async def test_a_new_password_that_breaks_the_schema_is_not_quoted() -> None:
    async with workbench() as desk:
        desk.put_cursor("<emulator>", after=False)
        await desk.made.type(f"<graphics passwd='{NEW}' type='nonsense' port='{NEW}x'/>")
        await desk.made.press("backspace")
        await desk.studied()
        assert f"passwd='{NEW}'" not in desk.made.painted()


async def test_a_stand_in_that_stands_for_nothing_is_not_written() -> None:
    async with workbench() as desk:
        await desk.retype("(hidden 1)", "(hidden 7)")
        await desk.review()
        assert "stands for no password" in desk.made.painted().replace("\n", " ") or (
            "(hidden 7)" in desk.made.text("side")
        )
        await desk.made.press("a")
        assert desk.made.backend.commands == []


async def test_the_draft_holds_a_stand_in_and_finds_its_password_again() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.pass_time()
        await desk.made.wait_for(lambda: xml_drafts.load(desk.screen.bench.document), "the draft")
        draft = xml_drafts.load(desk.screen.bench.document)
        assert draft is not None and "(hidden 1)" in draft.text and SECRET not in files()
        (path,) = (state_folder() / "drafts").rglob("*.json")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def drafted(desk: Desk) -> str:
    """Let time go on until what is typed is kept; the text of the draft."""
    await desk.pass_time()
    await desk.made.wait_for(lambda: desk.screen.drafting.kept_epoch, "the draft")
    draft = xml_drafts.load(desk.screen.bench.document)
    assert draft is not None
    return draft.text


async def test_a_new_password_is_in_no_draft_and_is_asked_for_again() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await typed(desk)
        assert NOT_KEPT in await drafted(desk)
        assert NEW not in files() and SECRET not in files()
        await desk.made.press("escape", "x")
        await offered(desk.made)
        await desk.made.press("g")
        assert "no draft keeps a password" in desk.answer
        assert desk.editor.cursor_location == desk.editor.at(desk.editor.text.index(NOT_KEPT))
        await desk.review()
        await desk.made.press("a")
        assert desk.made.backend.commands == [], "a stand-in is no password"
        await desk.made.press("escape")
        await desk.retype(NOT_KEPT, NEW)
        await desk.review()
        await desk.made.press("a")
        assert f"passwd='{NEW}'" in desk.command.xml and "mine" in desk.command.xml
    assert NEW not in files()


async def test_a_new_password_that_was_reviewed_is_in_no_draft() -> None:
    async with workbench() as desk:
        await typed(desk)
        await desk.review()
        await desk.made.press("escape")
        assert "(hidden 2)" in desk.editor.text
        assert NOT_KEPT in await drafted(desk) and NEW not in files()


async def test_a_half_typed_password_is_in_no_draft() -> None:
    async with workbench() as desk:
        desk.put_cursor("<emulator>", after=False)
        await desk.made.type(f"<graphics passwd='{NEW}")
        await drafted(desk)
        assert NEW not in files()


async def test_a_password_in_a_draft_of_before_is_taken_out_of_its_file() -> None:
    hidden = XML.replace(SECRET, "(hidden 1)")
    xml_drafts.save(Draft(document(), hidden, XML.replace(SECRET, NEW), 3, 9, scene.EPOCH - 60))
    async with workbench(wait=False) as desk:
        await offered(desk.made)
        await desk.made.press("g")
        await desk.pass_time()
        await desk.made.wait_for(lambda: NEW not in files(), "the draft to be written anew")
        await desk.review()
        await desk.made.press("a")
        assert NEW in desk.command.xml, "this once it is known"


def test_a_quick_edit_shows_no_password() -> None:
    shown = preview(DocumentText(document(), XML, RUNNING), SettingChange("remove", "vnc"))
    assert SECRET not in repr(shown)
