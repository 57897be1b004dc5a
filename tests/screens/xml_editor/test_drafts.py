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
    async with running_app() as made:
        await made.wait_for(lambda: "half-done" in made.text("answer"), "it is told")
        assert "other" not in made.text("answer")
        await made.type(":drafts")
        await made.press("enter")
        await made.wait_for(lambda: "domains half-done" in made.screen_text(), "it is listed")
        await made.press("enter")
        await made.wait_for(
            lambda: "Continue with the draft" in made.screen_text(), "it is offered"
        )
        await made.press("g")
        assert made.app.screen.name == "workbench" and "half-done" in made.text("top")
        assert "not on the host" in made.text("top"), "it is gone, and the draft is not"


async def test_without_one_nothing_is_said() -> None:
    async with running_app() as made:
        await made.type(":drafts")
        await made.press("enter")
        await made.wait_for(lambda: "no unfinished edit" in made.text("answer"))
