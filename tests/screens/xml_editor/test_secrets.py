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
    Desk,
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


def files() -> str:
    """All that lies below the state folder."""
    return "\n".join(p.read_text() for p in state_folder().rglob("*") if p.is_file())


async def test_a_stored_password_is_nowhere_on_the_way_to_libvirt(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = ""
    async with workbench(XML, RUNNING) as queue:
        await queue.retype("first", "mine")
        await queue.studied()
        seen += queue.made.painted()
        await queue.made.press("f3")
        await queue.shows(EditorTab.PENDING)
        seen += queue.made.painted()
        await queue.made.press("f3", "f3")
        await queue.shows(EditorTab.LIVE)
        queue.screen.state.running.editor.go_to(40)
        await queue.studied()
        seen += queue.made.painted()
        await queue.made.press("escape")
        queue.put_cursor("(hidden 1)")
        await queue.made.settle()
        assert "(hidden 1)" in queue.made.painted()
        await queue.made.wait_for(lambda: "draft saved" in queue.made.painted(), "the draft")
        assert SECRET not in files()
        await queue.review()
        seen += queue.made.painted() + queue.made.screen_text()
        await queue.made.press("a")
        assert SECRET in arguments_of(queue.command, DefineArguments).xml
        seen += repr(queue.command) + repr(queue.screen.state.buffer.definition)
        queue.script(retitled(title="Shop, mine"), RUNNING)
        await queue.ends(TaskState.DONE, "defined")
        await queue.shows(EditorTab.STORED)
        seen += queue.made.painted() + repr(queue.made.backend.queries)
    assert SECRET not in seen and SECRET not in caplog.text


async def test_a_password_that_changed_elsewhere_is_told_without_it() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.read_again(XML.replace(SECRET, NEW))
        assert "changed elsewhere: graphics vnc" in queue.answer
        await queue.made.press("f7")
        await queue.shows(EditorTab.ELSEWHERE)
        page = queue.made.text("page")
        assert "(hidden 1)" in page and "(hidden 2)" in page and NEW not in page
        await queue.made.press("escape")
        await queue.review()
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert NEW in definition.xml and SECRET not in definition.xml


async def typed(queue: Desk) -> None:
    """Give the graphics another password."""
    queue.put_cursor("(hidden 1)")
    await queue.made.press(*["backspace"] * len("(hidden 1)"))
    await queue.made.type(NEW)


async def test_a_new_password_is_dots_wherever_it_is_shown() -> None:
    seen = ""
    async with workbench() as queue:
        await typed(queue)
        await queue.studied()
        seen += queue.made.painted()
        assert f"passwd='{'*' * len(NEW)}'" in queue.made.painted()
        await queue.made.press("ctrl+f")
        await queue.made.press("escape")
        await queue.review()
        seen += queue.made.painted() + queue.made.screen_text()
        await queue.made.press("s")
        seen += queue.made.painted()
        await queue.made.press("a")
        assert f"passwd='{NEW}'" in arguments_of(
            queue.command, DefineArguments
        ).xml and NEW not in repr(queue.command)
        queue.script(XML.replace(SECRET, NEW))
        await queue.ends(TaskState.DONE, "defined")
        await queue.made.wait_for(lambda: queue.leaf is not EditorTab.REVIEW, "what came of it")
        await queue.made.settle()
        assert queue.leaf is EditorTab.STORED, "libvirt took it as it was written"
        assert NEW not in queue.editor.text and "(hidden 2)" in queue.editor.text
        seen += queue.made.painted()
    assert NEW not in seen


async def test_a_new_password_is_dots_in_a_merge() -> None:
    async with workbench() as queue:
        await typed(queue)
        await queue.read_again(XML.replace("autoport='yes'", "autoport='no'"))
        await queue.made.press("f2")
        await queue.shows(EditorTab.MERGE)
        assert "passwd" in queue.made.painted() and NEW not in queue.made.painted()
        await queue.made.press("m", "enter")
        await queue.shows(EditorTab.REVIEW)
        await queue.made.press("a")
        assert NEW in arguments_of(queue.command, DefineArguments).xml


async def test_a_new_password_that_breaks_the_schema_is_not_quoted() -> None:
    async with workbench() as queue:
        queue.put_cursor("<emulator>", after=False)
        await queue.made.type(f"<graphics passwd='{NEW}' type='nonsense' port='{NEW}x'/>")
        await queue.made.press("backspace")
        await queue.studied()
        assert f"passwd='{NEW}'" not in queue.made.painted()


async def test_a_stand_in_that_stands_for_nothing_is_not_written() -> None:
    async with workbench() as queue:
        await queue.retype("(hidden 1)", "(hidden 7)")
        await queue.review()
        assert "is a placeholder for" in queue.made.painted().replace("\n", " ") or (
            "(hidden 7)" in queue.made.text("side")
        )
        await queue.made.press("a")
        assert queue.made.backend.commands == []


async def test_the_draft_holds_a_stand_in_and_finds_its_password_again() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.pass_time()
        await queue.made.wait_for(
            lambda: xml_drafts.load(queue.screen.state.buffer.document), "the draft"
        )
        draft = xml_drafts.load(queue.screen.state.buffer.document)
        assert draft is not None and "(hidden 1)" in draft.text and SECRET not in files()
        (path,) = (state_folder() / "drafts").rglob("*.json")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def drafted(queue: Desk) -> str:
    """Let time go on until what is typed is kept; the text of the draft."""
    await queue.pass_time()
    await queue.made.wait_for(lambda: queue.screen.state.draft_saved_epoch, "the draft")
    draft = xml_drafts.load(queue.screen.state.buffer.document)
    assert draft is not None
    return draft.text


async def test_a_new_password_is_in_no_draft_and_is_asked_for_again() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await typed(queue)
        assert LOST_SECRET in await drafted(queue)
        assert NEW not in files() and SECRET not in files()
        await queue.made.press("escape", "x")
        await offered(queue.made)
        await queue.made.press("g")
        assert "drafts hold no passwords" in queue.answer
        assert queue.editor.cursor_location == queue.editor.at(queue.editor.text.index(LOST_SECRET))
        await queue.review()
        await queue.made.press("a")
        assert queue.made.backend.commands == [], "a stand-in is not a password"
        await queue.made.press("escape")
        await queue.retype(LOST_SECRET, NEW)
        await queue.review()
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert f"passwd='{NEW}'" in definition.xml and "mine" in definition.xml
    assert NEW not in files()


async def test_a_new_password_that_was_reviewed_is_in_no_draft() -> None:
    async with workbench() as queue:
        await typed(queue)
        await queue.review()
        await queue.made.press("escape")
        assert "(hidden 2)" in queue.editor.text
        assert LOST_SECRET in await drafted(queue) and NEW not in files()


async def test_a_half_typed_password_is_in_no_draft() -> None:
    async with workbench() as queue:
        queue.put_cursor("<emulator>", after=False)
        await queue.made.type(f"<graphics passwd='{NEW}")
        await drafted(queue)
        assert NEW not in files()


async def test_a_password_in_a_draft_of_before_is_taken_out_of_its_file() -> None:
    hidden = XML.replace(SECRET, "(hidden 1)")
    xml_drafts.save(Draft(document(), hidden, XML.replace(SECRET, NEW), 3, 9, fleet.EPOCH - 60))
    async with workbench(wait=False) as queue:
        await offered(queue.made)
        await queue.made.press("g")
        await queue.pass_time()
        await queue.made.wait_for(lambda: NEW not in files(), "the draft to be written anew")
        await queue.review()
        await queue.made.press("a")
        assert NEW in arguments_of(queue.command, DefineArguments).xml, "this once it is known"


def test_a_quick_edit_shows_no_password() -> None:
    shown = preview(DocumentText(document(), XML, RUNNING), SettingChange("remove", "vnc"))
    assert SECRET not in repr(shown)
