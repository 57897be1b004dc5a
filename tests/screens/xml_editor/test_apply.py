"""From the text to what is stored: changes elsewhere, merges, the review, what comes of it."""

from __future__ import annotations

import pytest
from textual import events

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.xml_editor import NAME, RUNNING, SECRET, XML, OpenEditor, retitled, workbench
from virttui.model.commands import ApplyWhen, DefineArguments, LiveOperation, Verb
from virttui.model.errors import ChangedElsewhere, SchemaError, TimedOut
from virttui.model.tasks import TaskState
from virttui.panes.xml_editor.frame import EditorTab

TITLE = "  <title>Shop, first</title>"


async def test_who_typed_nothing_follows_a_change_elsewhere() -> None:
    async with workbench() as page:
        await page.read_again(retitled())
        assert "Shop, second" in page.editor.text
        assert "changed elsewhere; this is what is stored now" in page.answer
        assert "as it is stored" in page.ui.text("top")
        await page.ui.press("f7")
        assert page.leaf is EditorTab.STORED and "nobody else" in page.answer


async def test_a_change_elsewhere_is_told_while_editing() -> None:
    async with workbench() as page:
        await page.retype("static", "auto")
        await page.read_again(retitled())
        assert "changed elsewhere: title" in page.answer
        page.clock.moved += 10
        await page.ui.press("left")
        assert "someone else changed this definition 10 s ago (title)" in page.answer
        assert "'auto'" in page.editor.text and "Shop, first" in page.editor.text
        await page.ui.press("f7")
        await page.shows(EditorTab.ELSEWHERE)
        assert "Shop, second" in page.ui.text("page") and "auto" not in page.ui.text("page")
        await page.ui.press("escape")
        await page.shows(EditorTab.STORED)
        await page.read_again(XML)
        assert "someone else" not in page.answer, "they took it back"


async def test_f2_says_when_there_is_nothing_to_review() -> None:
    async with workbench() as page:
        await page.ui.press("f2")
        assert page.leaf is EditorTab.STORED and "nothing was changed" in page.answer


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_review_shows_all_before_anything_is_written(size: tuple[int, int]) -> None:
    async with workbench(size=size) as page:
        await page.retype("first", "mine")
        await page.review()
        shown = page.ui.painted()
        assert "Shop, first" in shown and "Shop, mine" in shown
        if size[0] < 100:
            await page.ui.press("end")
            shown += page.ui.painted()
        for words in ("schema", "valid", "1 password kept", "keep the old one in history (1)",
                      "virsh -c", "web-01.xml", "nothing is written until you press a",
                      "Back to the editor", "+1 -1"):  # fmt: skip
            assert words in shown, words
        lines = page.ui.painted().split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await page.ui.press("enter")
        assert page.leaf is EditorTab.STORED and page.ui.backend.commands == []
        assert "Shop, mine" in page.editor.text


async def test_nothing_but_a_writes() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.review()
        before = page.editor.text
        page.ui.app.post_message(events.Paste("pasted"))
        await page.ui.settle()
        await page.ui.press("A", "y", "w", "n", "N", "s", "s", "space", "j", "tab")
        await page.ui.press("shift+f3", "f3", "escape")
        assert page.ui.backend.commands == [] and page.editor.text == before


async def test_a_submits_what_was_reviewed() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.review()
        await page.ui.press("a", "a")
        command = page.command
        assert command.verb is Verb.DEFINE and command.target.key == fleet.key(NAME)
        definition = arguments_of(command, DefineArguments)
        assert definition.document == page.screen.state.buffer.document
        assert definition.xml == retitled(title="Shop, mine") and definition.base == XML
        assert (
            definition.validate
            and definition.when is ApplyWhen.NEXT_BOOT
            and definition.steps == ()
        )
        assert "writing" in page.answer


async def test_when_is_chosen_for_a_running_domain() -> None:
    async with workbench(XML, RUNNING) as page:
        await page.retype("<source network='default", "<source network='lab")
        await page.review()
        side = page.ui.text("side")
        assert "(•) next boot" in side and "( ) now, live" in side
        await page.ui.press("w")
        assert "(•) now, live" in page.ui.text("side")
        await page.ui.press("w")
        assert "(•) both" in page.ui.text("side") and "--live" in page.ui.text("side")
        await page.ui.press("a")
        assert arguments_of(page.command, DefineArguments).when is ApplyWhen.BOTH
        assert [step.op for step in arguments_of(page.command, DefineArguments).steps] == [
            LiveOperation.UPDATE
        ]
        assert "network='lab'" in arguments_of(page.command, DefineArguments).steps[0].xml


async def test_what_cannot_be_done_live_says_so() -> None:
    async with workbench(XML, RUNNING) as page:
        await page.retype("q35-8.2", "q35-8.1")
        await page.review()
        await page.ui.press("w")
        assert "no change can be applied to a running domain" in page.ui.painted()
        await page.ui.press("a")
        assert page.ui.backend.commands == [] and "no change can be applied" in page.answer


async def apply_and_read_back(page: OpenEditor, stored: str, words: str = "defined") -> None:
    """``a``, and what is read back."""
    await page.ui.press("a")
    page.script(stored)
    await page.ends(TaskState.DONE, words)
    await page.ui.wait_for(
        lambda: page.leaf in (EditorTab.STORED, EditorTab.OUTCOME), "what came of it"
    )
    await page.ui.settle()


async def test_what_was_written_is_read_back() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.review()
        await apply_and_read_back(page, retitled(title="Shop, mine"), "web-01 is defined")
        assert page.leaf is EditorTab.STORED
        assert "web-01 is defined" in page.answer
        assert "as it is stored" in page.ui.text("top") and not page.screen.state.buffer.parted
        await page.retype("mine", "third")
        await page.review()
        await page.ui.press("a")
        assert arguments_of(page.ui.backend.commands[-1], DefineArguments).base == retitled(
            title="Shop, mine"
        )


async def test_what_libvirt_made_of_it_is_told() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.retype("<boot dev='hd'/>", "<boot dev='hd'/><bootmenu enable='no'/>")
        await page.review()
        await apply_and_read_back(page, retitled(title="Shop, mine"))
        outcome = page.leaf
        assert outcome is EditorTab.OUTCOME
        assert "bootmenu" in page.ui.text("page") and "Shop" not in page.ui.text("page")
        await page.ui.press("escape")
        assert page.leaf is EditorTab.STORED and "bootmenu" not in page.editor.text
        assert "as it is stored" in page.ui.text("top")


async def test_an_answer_from_before_the_write_is_not_what_came_of_it() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.review()
        page.ui.backend.mute = True
        await page.pass_time()
        early = page.ui.backend.queries[-1]
        old = page.ui.backend.answer(early)
        await page.ui.press("a")
        page.script(retitled(title="Shop, mine"))
        await page.ends(TaskState.DONE, "defined")
        late = page.ui.backend.queries[-1]
        assert late is not early
        await page.ui.publish(old)
        await page.ui.settle()
        assert page.leaf is EditorTab.REVIEW, "it waits for what is asked after the write"
        await page.ui.publish(page.ui.backend.answer(late))
        await page.shows(EditorTab.STORED)
        assert "Shop, mine" in page.editor.text and not page.screen.state.buffer.parted


async def test_what_libvirt_refuses_by_its_schema_can_be_defined_without() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.review()
        await page.ui.press("A")
        assert page.ui.backend.commands == [], "only after a refusal"
        await page.ui.press("a")
        refusal = SchemaError(
            "it breaks libvirt's schema", libvirt_message="XML document failed to validate"
        )
        await page.ends(TaskState.FAILED, trouble=refusal)
        assert page.leaf is EditorTab.REVIEW
        assert "it breaks libvirt's schema" in page.answer
        assert "failed to validate" in page.ui.text("side").replace("\n", " ").replace("  ", " ")
        assert "without validation" in page.ui.text("keys")
        await page.ui.press("A")
        assert not arguments_of(page.ui.backend.commands[-1], DefineArguments).validate
        assert arguments_of(page.ui.backend.commands[-1], DefineArguments).xml == retitled(
            title="Shop, mine"
        )


async def test_what_changed_at_the_last_moment_goes_back_to_the_text() -> None:
    async with workbench() as page:
        await page.retype("static", "auto")
        await page.review()
        await page.ui.press("a")
        page.script(retitled())
        await page.ends(TaskState.FAILED, trouble=ChangedElsewhere("it was changed meanwhile"))
        assert page.leaf is EditorTab.STORED and "'auto'" in page.editor.text
        assert "nothing was written" in page.answer or "changed elsewhere" in page.answer
        await page.review()
        assert "title merged" in page.ui.text("side")
        await page.ui.press("a")
        command = page.ui.backend.commands[-1]
        definition = arguments_of(command, DefineArguments)
        assert definition.base == retitled()
        assert "'auto'" in definition.xml and "Shop, second" in definition.xml


async def test_a_host_that_goes_away_in_the_write_keeps_the_text() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.review()
        await page.ui.press("a")
        await page.ends(TaskState.FAILED, trouble=TimedOut("kvm01 does not answer"))
        assert "kvm01 does not answer" in page.answer
        await page.ui.press("escape")
        assert "Shop, mine" in page.editor.text and "edited" in page.ui.text("top")


async def test_changes_of_two_in_different_places_are_merged() -> None:
    async with workbench() as page:
        await page.retype("static", "auto")
        await page.read_again(retitled())
        await page.review()
        assert "title merged" in page.ui.text("side")
        assert "Shop" not in page.ui.text("page"), "theirs is stored already"
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert "'auto'" in definition.xml and "Shop, second" in definition.xml
        assert definition.base == retitled()


PICKS = {
    "m": "Shop, mine",
    "t": "Shop, second",
    "b": "Shop, mine</title>\n  <title>Shop, second",
    "o": "Shop, first",
}


@pytest.mark.parametrize("key", PICKS)
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_where_both_changed_it_asks(key: str, size: tuple[int, int]) -> None:
    async with workbench(size=size) as page:
        await page.retype("first", "mine")
        await page.retype("static", "auto")
        await page.read_again(retitled())
        await page.ui.press("f2")
        await page.shows(EditorTab.MERGE)
        text = page.ui.text("page")
        assert "Shop, first" in text and "Shop, mine" in text and "Shop, second" in text
        assert "not chosen yet" in text
        await page.ui.press("enter")
        assert page.leaf is EditorTab.MERGE and "1 to choose first" in page.answer
        await page.ui.press(key)
        assert "not chosen yet" not in page.ui.text("page")
        await page.ui.press("enter")
        await page.shows(EditorTab.REVIEW)
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert f"<title>{PICKS[key]}</title>" in definition.xml
        assert "'auto'" in definition.xml


async def test_conflicts_are_chosen_one_by_one_and_escape_loses_nothing() -> None:
    theirs = retitled().replace("'hd'", "'network'")
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.retype("<boot dev='hd", "<boot dev='cdrom")
        await page.read_again(theirs)
        await page.ui.press("f2")
        await page.shows(EditorTab.MERGE)
        assert "2 to choose" in page.ui.text("rule")
        await page.ui.press("m", "t")
        assert "0 to choose" in page.ui.text("rule")
        await page.ui.press("escape")
        assert page.leaf is EditorTab.STORED and "Shop, mine" in page.editor.text
        await page.ui.press("f2")
        await page.shows(EditorTab.MERGE)
        await page.ui.press("n", "t", "m", "enter")
        await page.shows(EditorTab.REVIEW)
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert "Shop, mine" in definition.xml and "dev='network'" in definition.xml


async def test_this_run_may_be_read_only() -> None:
    async with workbench(read_only=True, definition={"why_not": "this run is read-only"}) as page:
        await page.ui.press("f2")
        assert page.leaf is EditorTab.STORED and "read-only" in page.answer


async def test_a_password_survives_the_round_trip_unseen() -> None:
    async with workbench(XML, RUNNING) as page:
        assert "(hidden 1)" in page.editor.text
        await page.retype("first", "mine")
        await page.review()
        await page.ui.press("w", "w", "a")
        assert f"passwd='{SECRET}'" in arguments_of(page.command, DefineArguments).xml
        assert SECRET not in repr(page.command)
