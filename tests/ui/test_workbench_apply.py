"""From the text to what is stored: changes elsewhere, merges, the review, what comes of it."""

from __future__ import annotations

import pytest
from textual import events

from tests.ui import scene
from tests.ui.workbench_scene import NAME, RUNNING, SECRET, XML, Desk, retitled, workbench
from virttui.model.commands import ApplyWhen, LiveOperation, Verb
from virttui.model.errors import ChangedElsewhere, SchemaError, TimedOut
from virttui.model.tasks import TaskState
from virttui.panes.xml_editor.frame import EditorTab

TITLE = "  <title>Shop, first</title>"


async def test_who_typed_nothing_follows_a_change_elsewhere() -> None:
    async with workbench() as desk:
        await desk.read_again(retitled())
        assert "Shop, second" in desk.editor.text
        assert "changed elsewhere; this is what is stored now" in desk.answer
        assert "as it is stored" in desk.made.text("top")
        await desk.made.press("f7")
        assert desk.leaf is EditorTab.STORED and "nobody else" in desk.answer


async def test_a_change_elsewhere_is_told_while_editing() -> None:
    async with workbench() as desk:
        await desk.retype("static", "auto")
        await desk.read_again(retitled())
        assert "changed elsewhere: title" in desk.answer
        desk.clock.moved += 10
        await desk.made.press("left")
        assert "someone else changed this definition 10 s ago (title)" in desk.answer
        assert "'auto'" in desk.editor.text and "Shop, first" in desk.editor.text
        await desk.made.press("f7")
        await desk.shows(EditorTab.ELSEWHERE)
        assert "Shop, second" in desk.made.text("page") and "auto" not in desk.made.text("page")
        await desk.made.press("escape")
        await desk.shows(EditorTab.STORED)
        await desk.read_again(XML)
        assert "someone else" not in desk.answer, "they took it back"


async def test_f2_says_when_there_is_nothing_to_review() -> None:
    async with workbench() as desk:
        await desk.made.press("f2")
        assert desk.leaf is EditorTab.STORED and "nothing was changed" in desk.answer


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_review_shows_all_before_anything_is_written(size: tuple[int, int]) -> None:
    async with workbench(size=size) as desk:
        await desk.retype("first", "mine")
        await desk.review()
        shown = desk.made.painted()
        assert "Shop, first" in shown and "Shop, mine" in shown
        if size[0] < 100:
            await desk.made.press("end")
            shown += desk.made.painted()
        for words in ("schema", "valid", "1 password kept", "keep the old one in history (1)",
                      "virsh -c", "web-01.xml", "nothing is written until you press a",
                      "Back to the editor", "+1 -1"):  # fmt: skip
            assert words in shown, words
        lines = desk.made.painted().split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await desk.made.press("enter")
        assert desk.leaf is EditorTab.STORED and desk.made.backend.commands == []
        assert "Shop, mine" in desk.editor.text


async def test_nothing_but_a_writes() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.review()
        before = desk.editor.text
        desk.made.app.post_message(events.Paste("pasted"))
        await desk.made.settle()
        await desk.made.press("A", "y", "w", "n", "N", "s", "s", "space", "j", "tab")
        await desk.made.press("shift+f3", "f3", "escape")
        assert desk.made.backend.commands == [] and desk.editor.text == before


async def test_a_submits_what_was_reviewed() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.review()
        await desk.made.press("a", "a")
        command = desk.command
        assert command.verb is Verb.DEFINE and command.target.key == scene.key(NAME)
        assert command.document == desk.screen.bench.document
        assert command.xml == retitled(title="Shop, mine") and command.base == XML
        assert command.validate and command.when is ApplyWhen.NEXT_BOOT and command.steps == ()
        assert "writing" in desk.answer


async def test_when_is_chosen_for_a_running_domain() -> None:
    async with workbench(XML, RUNNING) as desk:
        await desk.retype("<source network='default", "<source network='lab")
        await desk.review()
        side = desk.made.text("side")
        assert "(•) next boot" in side and "( ) now, live" in side
        await desk.made.press("w")
        assert "(•) now, live" in desk.made.text("side")
        await desk.made.press("w")
        assert "(•) both" in desk.made.text("side") and "--live" in desk.made.text("side")
        await desk.made.press("a")
        assert desk.command.when is ApplyWhen.BOTH
        assert [step.op for step in desk.command.steps] == [LiveOperation.UPDATE]
        assert "network='lab'" in desk.command.steps[0].xml


async def test_what_cannot_be_done_live_says_so() -> None:
    async with workbench(XML, RUNNING) as desk:
        await desk.retype("q35-8.2", "q35-8.1")
        await desk.review()
        await desk.made.press("w")
        assert "none of the changes can be made to a running domain" in desk.made.painted()
        await desk.made.press("a")
        assert desk.made.backend.commands == [] and "none of the changes" in desk.answer


async def written(desk: Desk, stored: str, words: str = "defined") -> None:
    """``a``, and what is read back."""
    await desk.made.press("a")
    desk.script(stored)
    await desk.ends(TaskState.DONE, words)
    await desk.made.wait_for(
        lambda: desk.leaf in (EditorTab.STORED, EditorTab.OUTCOME), "what came of it"
    )
    await desk.made.settle()


async def test_what_was_written_is_read_back() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.review()
        await written(desk, retitled(title="Shop, mine"), "web-01 is defined")
        assert desk.leaf is EditorTab.STORED
        assert "web-01 is defined" in desk.answer
        assert "as it is stored" in desk.made.text("top") and not desk.screen.bench.parted
        await desk.retype("mine", "third")
        await desk.review()
        await desk.made.press("a")
        assert desk.made.backend.commands[-1].base == retitled(title="Shop, mine")


async def test_what_libvirt_made_of_it_is_told() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.retype("<boot dev='hd'/>", "<boot dev='hd'/><bootmenu enable='no'/>")
        await desk.review()
        await written(desk, retitled(title="Shop, mine"))
        outcome = desk.leaf
        assert outcome is EditorTab.OUTCOME
        assert "bootmenu" in desk.made.text("page") and "Shop" not in desk.made.text("page")
        await desk.made.press("escape")
        assert desk.leaf is EditorTab.STORED and "bootmenu" not in desk.editor.text
        assert "as it is stored" in desk.made.text("top")


async def test_an_answer_from_before_the_write_is_not_what_came_of_it() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.review()
        desk.made.backend.mute = True
        await desk.pass_time()
        early = desk.made.backend.questions[-1]
        old = desk.made.backend.answer(early)
        await desk.made.press("a")
        desk.script(retitled(title="Shop, mine"))
        await desk.ends(TaskState.DONE, "defined")
        late = desk.made.backend.questions[-1]
        assert late is not early
        await desk.made.publish(old)
        await desk.made.settle()
        assert desk.leaf is EditorTab.REVIEW, "it waits for what is asked after the write"
        await desk.made.publish(desk.made.backend.answer(late))
        await desk.shows(EditorTab.STORED)
        assert "Shop, mine" in desk.editor.text and not desk.screen.bench.parted


async def test_what_libvirt_refuses_by_its_schema_can_be_defined_without() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.review()
        await desk.made.press("A")
        assert desk.made.backend.commands == [], "only after a refusal"
        await desk.made.press("a")
        refusal = SchemaError("it breaks libvirt's schema", said="XML document failed to validate")
        await desk.ends(TaskState.FAILED, trouble=refusal)
        assert desk.leaf is EditorTab.REVIEW
        assert "it breaks libvirt's schema" in desk.answer
        assert "failed to validate" in desk.made.text("side").replace("\n", " ").replace("  ", " ")
        assert "without validation" in desk.made.text("keys")
        await desk.made.press("A")
        assert not desk.made.backend.commands[-1].validate
        assert desk.made.backend.commands[-1].xml == retitled(title="Shop, mine")


async def test_what_changed_at_the_last_moment_goes_back_to_the_text() -> None:
    async with workbench() as desk:
        await desk.retype("static", "auto")
        await desk.review()
        await desk.made.press("a")
        desk.script(retitled())
        await desk.ends(TaskState.FAILED, trouble=ChangedElsewhere("it was changed meanwhile"))
        assert desk.leaf is EditorTab.STORED and "'auto'" in desk.editor.text
        assert "nothing was written" in desk.answer or "changed elsewhere" in desk.answer
        await desk.review()
        assert "title merged" in desk.made.text("side")
        await desk.made.press("a")
        command = desk.made.backend.commands[-1]
        assert command.base == retitled()
        assert "'auto'" in command.xml and "Shop, second" in command.xml


async def test_a_host_that_goes_away_in_the_write_keeps_the_text() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.review()
        await desk.made.press("a")
        await desk.ends(TaskState.FAILED, trouble=TimedOut("kvm01 does not answer"))
        assert "kvm01 does not answer" in desk.answer
        await desk.made.press("escape")
        assert "Shop, mine" in desk.editor.text and "edited" in desk.made.text("top")


async def test_changes_of_two_in_different_places_are_merged() -> None:
    async with workbench() as desk:
        await desk.retype("static", "auto")
        await desk.read_again(retitled())
        await desk.review()
        assert "title merged" in desk.made.text("side")
        assert "Shop" not in desk.made.text("page"), "theirs is stored already"
        await desk.made.press("a")
        assert "'auto'" in desk.command.xml and "Shop, second" in desk.command.xml
        assert desk.command.base == retitled()


PICKS = {
    "m": "Shop, mine",
    "t": "Shop, second",
    "b": "Shop, mine</title>\n  <title>Shop, second",
    "o": "Shop, first",
}


@pytest.mark.parametrize("key", PICKS)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_where_both_changed_it_asks(key: str, size: tuple[int, int]) -> None:
    async with workbench(size=size) as desk:
        await desk.retype("first", "mine")
        await desk.retype("static", "auto")
        await desk.read_again(retitled())
        await desk.made.press("f2")
        await desk.shows(EditorTab.MERGE)
        page = desk.made.text("page")
        assert "Shop, first" in page and "Shop, mine" in page and "Shop, second" in page
        assert "not chosen yet" in page
        await desk.made.press("enter")
        assert desk.leaf is EditorTab.MERGE and "1 to choose first" in desk.answer
        await desk.made.press(key)
        assert "not chosen yet" not in desk.made.text("page")
        await desk.made.press("enter")
        await desk.shows(EditorTab.REVIEW)
        await desk.made.press("a")
        assert f"<title>{PICKS[key]}</title>" in desk.command.xml
        assert "'auto'" in desk.command.xml


async def test_conflicts_are_chosen_one_by_one_and_escape_loses_nothing() -> None:
    theirs = retitled().replace("'hd'", "'network'")
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.retype("<boot dev='hd", "<boot dev='cdrom")
        await desk.read_again(theirs)
        await desk.made.press("f2")
        await desk.shows(EditorTab.MERGE)
        assert "2 to choose" in desk.made.text("rule")
        await desk.made.press("m", "t")
        assert "0 to choose" in desk.made.text("rule")
        await desk.made.press("escape")
        assert desk.leaf is EditorTab.STORED and "Shop, mine" in desk.editor.text
        await desk.made.press("f2")
        await desk.shows(EditorTab.MERGE)
        await desk.made.press("n", "t", "m", "enter")
        await desk.shows(EditorTab.REVIEW)
        await desk.made.press("a")
        assert "Shop, mine" in desk.command.xml and "dev='network'" in desk.command.xml


async def test_this_run_may_be_read_only() -> None:
    async with workbench(read_only=True, definition={"why_not": "this run is read-only"}) as desk:
        await desk.made.press("f2")
        assert desk.leaf is EditorTab.STORED and "read-only" in desk.answer


async def test_a_password_survives_the_round_trip_unseen() -> None:
    async with workbench(XML, RUNNING) as desk:
        assert "(hidden 1)" in desk.editor.text
        await desk.retype("first", "mine")
        await desk.review()
        await desk.made.press("w", "w", "a")
        assert f"passwd='{SECRET}'" in desk.command.xml
        assert SECRET not in repr(desk.command)
