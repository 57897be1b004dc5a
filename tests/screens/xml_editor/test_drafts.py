"""Unfinished edits are told at the start and opened where they are."""

from __future__ import annotations

from tests.scenes.running_app import running_app
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft


async def test_an_unfinished_edit_is_told_and_opened() -> None:
    document = Document(Kind.DOMAIN, ObjectId("kvm01", "0-0"), "half-done")
    elsewhere = Document(Kind.DOMAIN, ObjectId("not-open-here", "1-1"), "other")
    for one in (document, elsewhere):
        xml_drafts.save(Draft(one, "<domain/>", "<domain><title/></domain>", 0, 0, 1.0))
    async with running_app() as ui:
        await ui.wait_for(lambda: "half-done" in ui.text("answer"), "it is told")
        assert "other" not in ui.text("answer")
        await ui.type(":drafts")
        await ui.press("enter")
        await ui.wait_for(lambda: "domains half-done" in ui.screen_text(), "it is listed")
        await ui.press("enter")
        await ui.wait_for(lambda: "Continue with the draft" in ui.screen_text(), "it is offered")
        await ui.press("g")
        assert ui.app.screen.name == "workbench" and "half-done" in ui.text("top")
        assert "not on the host" in ui.text("top"), "it is gone, and the draft is not"


async def test_without_one_nothing_is_said() -> None:
    async with running_app() as ui:
        await ui.type(":drafts")
        await ui.press("enter")
        await ui.wait_for(lambda: "no unfinished edit" in ui.text("answer"))
