"""Passwords: kept through everything, seen nowhere."""

from __future__ import annotations

import logging
import stat

import pytest

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.xml_editor import (
    RUNNING,
    SECRET,
    XML,
    OpenEditor,
    document,
    offered,
    retitled,
    workbench,
)
from virttui.libvirtxml.text.redaction import LOST_SECRET
from virttui.model.commands import DefineArguments, SettingChange
from virttui.model.documents import DocumentText
from virttui.model.tasks import TaskState
from virttui.panes.xml_editor.frame import EditorTab
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.screens.domains.pending_edit import preview
from virttui.settings import state_folder

NEW = "N3w-staple"


def state_files() -> str:
    """All that lies below the state folder."""
    return "\n".join(p.read_text() for p in state_folder().rglob("*") if p.is_file())


async def test_a_stored_password_is_nowhere_on_the_way_to_libvirt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = ""
    async with workbench(XML, RUNNING) as page:
        await page.retype("first", "mine")
        await page.studied()
        seen += page.ui.painted()
        await page.ui.press("f3")
        await page.shows(EditorTab.PENDING)
        seen += page.ui.painted()
        await page.ui.press("f3", "f3")
        await page.shows(EditorTab.LIVE)
        page.screen.state.running.editor.go_to(40)
        await page.studied()
        seen += page.ui.painted()
        await page.ui.press("escape")
        page.put_cursor("(hidden 1)")
        await page.ui.settle()
        assert "(hidden 1)" in page.ui.painted()
        await page.ui.wait_for(lambda: "draft saved" in page.ui.painted(), "the draft")
        assert SECRET not in state_files()
        await page.review()
        seen += page.ui.painted() + page.ui.screen_text()
        await page.ui.press("a")
        assert SECRET in arguments_of(page.command, DefineArguments).xml
        seen += repr(page.command) + repr(page.screen.state.buffer.definition)
        page.script(retitled(title="Shop, mine"), RUNNING)
        await page.ends(TaskState.DONE, "defined")
        await page.shows(EditorTab.STORED)
        seen += page.ui.painted() + repr(page.ui.backend.queries)
    assert SECRET not in seen and SECRET not in caplog.text


async def test_a_password_that_changed_elsewhere_is_told_without_it() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.read_again(XML.replace(SECRET, NEW))
        assert "changed elsewhere: graphics vnc" in page.answer
        await page.ui.press("f7")
        await page.shows(EditorTab.ELSEWHERE)
        text = page.ui.text("page")
        assert "(hidden 1)" in text and "(hidden 2)" in text and NEW not in text
        await page.ui.press("escape")
        await page.review()
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert NEW in definition.xml and SECRET not in definition.xml


async def type_password(page: OpenEditor) -> None:
    """Give the graphics another password."""
    page.put_cursor("(hidden 1)")
    await page.ui.press(*["backspace"] * len("(hidden 1)"))
    await page.ui.type(NEW)


async def test_a_new_password_is_dots_wherever_it_is_shown() -> None:
    seen = ""
    async with workbench() as page:
        await type_password(page)
        await page.studied()
        seen += page.ui.painted()
        assert f"passwd='{'*' * len(NEW)}'" in page.ui.painted()
        await page.ui.press("ctrl+f")
        await page.ui.press("escape")
        await page.review()
        seen += page.ui.painted() + page.ui.screen_text()
        await page.ui.press("s")
        seen += page.ui.painted()
        await page.ui.press("a")
        assert f"passwd='{NEW}'" in arguments_of(
            page.command, DefineArguments
        ).xml and NEW not in repr(page.command)
        page.script(XML.replace(SECRET, NEW))
        await page.ends(TaskState.DONE, "defined")
        await page.ui.wait_for(lambda: page.leaf is not EditorTab.REVIEW, "what came of it")
        await page.ui.settle()
        assert page.leaf is EditorTab.STORED, "libvirt took it as it was written"
        assert NEW not in page.editor.text and "(hidden 2)" in page.editor.text
        seen += page.ui.painted()
    assert NEW not in seen


async def test_a_new_password_is_dots_in_a_merge() -> None:
    async with workbench() as page:
        await type_password(page)
        await page.read_again(XML.replace("autoport='yes'", "autoport='no'"))
        await page.ui.press("f2")
        await page.shows(EditorTab.MERGE)
        assert "passwd" in page.ui.painted() and NEW not in page.ui.painted()
        await page.ui.press("m", "enter")
        await page.shows(EditorTab.REVIEW)
        await page.ui.press("a")
        assert NEW in arguments_of(page.command, DefineArguments).xml


async def test_a_new_password_that_breaks_the_schema_is_not_quoted() -> None:
    async with workbench() as page:
        page.put_cursor("<emulator>", after=False)
        await page.ui.type(f"<graphics passwd='{NEW}' type='nonsense' port='{NEW}x'/>")
        await page.ui.press("backspace")
        await page.studied()
        assert f"passwd='{NEW}'" not in page.ui.painted()


async def test_a_stand_in_that_stands_for_nothing_is_not_written() -> None:
    async with workbench() as page:
        await page.retype("(hidden 1)", "(hidden 7)")
        await page.review()
        assert "is a placeholder for" in page.ui.painted().replace("\n", " ") or (
            "(hidden 7)" in page.ui.text("side")
        )
        await page.ui.press("a")
        assert page.ui.backend.commands == []


async def test_the_draft_holds_a_stand_in_and_finds_its_password_again() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.pass_time()
        await page.ui.wait_for(
            lambda: xml_drafts.load(page.screen.state.buffer.document), "the draft"
        )
        draft = xml_drafts.load(page.screen.state.buffer.document)
        assert draft is not None and "(hidden 1)" in draft.text and SECRET not in state_files()
        (path,) = (state_folder() / "drafts").rglob("*.json")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def wait_for_draft(page: OpenEditor, words: str) -> None:
    """Let time go on until these words are kept: a slow machine keeps a draft before them, too."""

    def kept() -> bool:
        draft = xml_drafts.load(page.screen.state.buffer.document)
        return draft is not None and words in draft.text

    await page.pass_time()
    await page.ui.wait_for(kept, f"a draft with {words}")


async def test_a_new_password_is_in_no_draft_and_is_asked_for_again() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await type_password(page)
        await wait_for_draft(page, LOST_SECRET)
        assert NEW not in state_files() and SECRET not in state_files()
        await page.ui.press("escape", "x")
        await offered(page.ui)
        await page.ui.press("g")
        assert "drafts hold no passwords" in page.answer
        assert page.editor.cursor_location == page.editor.at(page.editor.text.index(LOST_SECRET))
        await page.review()
        await page.ui.press("a")
        assert page.ui.backend.commands == [], "a stand-in is not a password"
        await page.ui.press("escape")
        await page.retype(LOST_SECRET, NEW)
        await page.review()
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert f"passwd='{NEW}'" in definition.xml and "mine" in definition.xml
    assert NEW not in state_files()


async def test_a_new_password_that_was_reviewed_is_in_no_draft() -> None:
    async with workbench() as page:
        await type_password(page)
        await page.review()
        await page.ui.press("escape")
        assert "(hidden 2)" in page.editor.text
        await wait_for_draft(page, LOST_SECRET)
        assert NEW not in state_files()


async def test_a_half_typed_password_is_in_no_draft() -> None:
    async with workbench() as page:
        page.put_cursor("<emulator>", after=False)
        await page.ui.type(f"<graphics passwd='{NEW}")
        await wait_for_draft(page, "<graphics")
        assert NEW not in state_files()


async def test_a_password_in_a_draft_of_before_is_taken_out_of_its_file() -> None:
    hidden = XML.replace(SECRET, "(hidden 1)")
    xml_drafts.save(Draft(document(), hidden, XML.replace(SECRET, NEW), 3, 9, fleet.EPOCH - 60))
    async with workbench(wait=False) as page:
        await offered(page.ui)
        await page.ui.press("g")
        await page.pass_time()
        await page.ui.wait_for(lambda: NEW not in state_files(), "the draft to be written anew")
        await page.review()
        await page.ui.press("a")
        assert NEW in arguments_of(page.command, DefineArguments).xml, "this once it is known"


def test_a_quick_edit_shows_no_password() -> None:
    shown = preview(DocumentText(document(), XML, RUNNING), SettingChange("remove", "vnc"))
    assert SECRET not in repr(shown)
