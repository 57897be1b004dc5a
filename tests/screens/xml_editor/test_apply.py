"""From the text to what is stored: changes elsewhere, merges, the review, what comes of it."""

from __future__ import annotations

import pytest
from textual import events

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.xml_editor import NAME, RUNNING, SECRET, XML, Desk, retitled, workbench
from virttui.model.commands import ApplyWhen, DefineArguments, LiveOperation, Verb
from virttui.model.errors import ChangedElsewhere, SchemaError, TimedOut
from virttui.model.tasks import TaskState
from virttui.panes.xml_editor.frame import EditorTab

TITLE = "  <title>Shop, first</title>"


async def test_who_typed_nothing_follows_a_change_elsewhere() -> None:
    async with workbench() as queue:
        await queue.read_again(retitled())
        assert "Shop, second" in queue.editor.text
        assert "changed elsewhere; this is what is stored now" in queue.answer
        assert "as it is stored" in queue.made.text("top")
        await queue.made.press("f7")
        assert queue.leaf is EditorTab.STORED and "nobody else" in queue.answer


async def test_a_change_elsewhere_is_told_while_editing() -> None:
    async with workbench() as queue:
        await queue.retype("static", "auto")
        await queue.read_again(retitled())
        assert "changed elsewhere: title" in queue.answer
        queue.clock.moved += 10
        await queue.made.press("left")
        assert "someone else changed this definition 10 s ago (title)" in queue.answer
        assert "'auto'" in queue.editor.text and "Shop, first" in queue.editor.text
        await queue.made.press("f7")
        await queue.shows(EditorTab.ELSEWHERE)
        assert "Shop, second" in queue.made.text("page") and "auto" not in queue.made.text("page")
        await queue.made.press("escape")
        await queue.shows(EditorTab.STORED)
        await queue.read_again(XML)
        assert "someone else" not in queue.answer, "they took it back"


async def test_f2_says_when_there_is_nothing_to_review() -> None:
    async with workbench() as queue:
        await queue.made.press("f2")
        assert queue.leaf is EditorTab.STORED and "nothing was changed" in queue.answer


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_review_shows_all_before_anything_is_written(size: tuple[int, int]) -> None:
    async with workbench(size=size) as queue:
        await queue.retype("first", "mine")
        await queue.review()
        shown = queue.made.painted()
        assert "Shop, first" in shown and "Shop, mine" in shown
        if size[0] < 100:
            await queue.made.press("end")
            shown += queue.made.painted()
        for words in ("schema", "valid", "1 password kept", "keep the old one in history (1)",
                      "virsh -c", "web-01.xml", "nothing is written until you press a",
                      "Back to the editor", "+1 -1"):  # fmt: skip
            assert words in shown, words
        lines = queue.made.painted().split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await queue.made.press("enter")
        assert queue.leaf is EditorTab.STORED and queue.made.backend.commands == []
        assert "Shop, mine" in queue.editor.text


async def test_nothing_but_a_writes() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.review()
        before = queue.editor.text
        queue.made.app.post_message(events.Paste("pasted"))
        await queue.made.settle()
        await queue.made.press("A", "y", "w", "n", "N", "s", "s", "space", "j", "tab")
        await queue.made.press("shift+f3", "f3", "escape")
        assert queue.made.backend.commands == [] and queue.editor.text == before


async def test_a_submits_what_was_reviewed() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.review()
        await queue.made.press("a", "a")
        command = queue.command
        assert command.verb is Verb.DEFINE and command.target.key == fleet.key(NAME)
        definition = arguments_of(command, DefineArguments)
        assert definition.document == queue.screen.state.buffer.document
        assert definition.xml == retitled(title="Shop, mine") and definition.base == XML
        assert (
            definition.validate
            and definition.when is ApplyWhen.NEXT_BOOT
            and definition.steps == ()
        )
        assert "writing" in queue.answer


async def test_when_is_chosen_for_a_running_domain() -> None:
    async with workbench(XML, RUNNING) as queue:
        await queue.retype("<source network='default", "<source network='lab")
        await queue.review()
        side = queue.made.text("side")
        assert "(•) next boot" in side and "( ) now, live" in side
        await queue.made.press("w")
        assert "(•) now, live" in queue.made.text("side")
        await queue.made.press("w")
        assert "(•) both" in queue.made.text("side") and "--live" in queue.made.text("side")
        await queue.made.press("a")
        assert arguments_of(queue.command, DefineArguments).when is ApplyWhen.BOTH
        assert [step.op for step in arguments_of(queue.command, DefineArguments).steps] == [
            LiveOperation.UPDATE
        ]
        assert "network='lab'" in arguments_of(queue.command, DefineArguments).steps[0].xml


async def test_what_cannot_be_done_live_says_so() -> None:
    async with workbench(XML, RUNNING) as queue:
        await queue.retype("q35-8.2", "q35-8.1")
        await queue.review()
        await queue.made.press("w")
        assert "no change can be applied to a running domain" in queue.made.painted()
        await queue.made.press("a")
        assert queue.made.backend.commands == [] and "no change can be applied" in queue.answer


async def written(queue: Desk, stored: str, words: str = "defined") -> None:
    """``a``, and what is read back."""
    await queue.made.press("a")
    queue.script(stored)
    await queue.ends(TaskState.DONE, words)
    await queue.made.wait_for(
        lambda: queue.leaf in (EditorTab.STORED, EditorTab.OUTCOME), "what came of it"
    )
    await queue.made.settle()


async def test_what_was_written_is_read_back() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.review()
        await written(queue, retitled(title="Shop, mine"), "web-01 is defined")
        assert queue.leaf is EditorTab.STORED
        assert "web-01 is defined" in queue.answer
        assert "as it is stored" in queue.made.text("top") and not queue.screen.state.buffer.parted
        await queue.retype("mine", "third")
        await queue.review()
        await queue.made.press("a")
        assert arguments_of(queue.made.backend.commands[-1], DefineArguments).base == retitled(
            title="Shop, mine"
        )


async def test_what_libvirt_made_of_it_is_told() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.retype("<boot dev='hd'/>", "<boot dev='hd'/><bootmenu enable='no'/>")
        await queue.review()
        await written(queue, retitled(title="Shop, mine"))
        outcome = queue.leaf
        assert outcome is EditorTab.OUTCOME
        assert "bootmenu" in queue.made.text("page") and "Shop" not in queue.made.text("page")
        await queue.made.press("escape")
        assert queue.leaf is EditorTab.STORED and "bootmenu" not in queue.editor.text
        assert "as it is stored" in queue.made.text("top")


async def test_an_answer_from_before_the_write_is_not_what_came_of_it() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.review()
        queue.made.backend.mute = True
        await queue.pass_time()
        early = queue.made.backend.queries[-1]
        old = queue.made.backend.answer(early)
        await queue.made.press("a")
        queue.script(retitled(title="Shop, mine"))
        await queue.ends(TaskState.DONE, "defined")
        late = queue.made.backend.queries[-1]
        assert late is not early
        await queue.made.publish(old)
        await queue.made.settle()
        assert queue.leaf is EditorTab.REVIEW, "it waits for what is asked after the write"
        await queue.made.publish(queue.made.backend.answer(late))
        await queue.shows(EditorTab.STORED)
        assert "Shop, mine" in queue.editor.text and not queue.screen.state.buffer.parted


async def test_what_libvirt_refuses_by_its_schema_can_be_defined_without() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.review()
        await queue.made.press("A")
        assert queue.made.backend.commands == [], "only after a refusal"
        await queue.made.press("a")
        refusal = SchemaError(
            "it breaks libvirt's schema", libvirt_message="XML document failed to validate"
        )
        await queue.ends(TaskState.FAILED, trouble=refusal)
        assert queue.leaf is EditorTab.REVIEW
        assert "it breaks libvirt's schema" in queue.answer
        assert "failed to validate" in queue.made.text("side").replace("\n", " ").replace("  ", " ")
        assert "without validation" in queue.made.text("keys")
        await queue.made.press("A")
        assert not arguments_of(queue.made.backend.commands[-1], DefineArguments).validate
        assert arguments_of(queue.made.backend.commands[-1], DefineArguments).xml == retitled(
            title="Shop, mine"
        )


async def test_what_changed_at_the_last_moment_goes_back_to_the_text() -> None:
    async with workbench() as queue:
        await queue.retype("static", "auto")
        await queue.review()
        await queue.made.press("a")
        queue.script(retitled())
        await queue.ends(TaskState.FAILED, trouble=ChangedElsewhere("it was changed meanwhile"))
        assert queue.leaf is EditorTab.STORED and "'auto'" in queue.editor.text
        assert "nothing was written" in queue.answer or "changed elsewhere" in queue.answer
        await queue.review()
        assert "title merged" in queue.made.text("side")
        await queue.made.press("a")
        command = queue.made.backend.commands[-1]
        definition = arguments_of(command, DefineArguments)
        assert definition.base == retitled()
        assert "'auto'" in definition.xml and "Shop, second" in definition.xml


async def test_a_host_that_goes_away_in_the_write_keeps_the_text() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.review()
        await queue.made.press("a")
        await queue.ends(TaskState.FAILED, trouble=TimedOut("kvm01 does not answer"))
        assert "kvm01 does not answer" in queue.answer
        await queue.made.press("escape")
        assert "Shop, mine" in queue.editor.text and "edited" in queue.made.text("top")


async def test_changes_of_two_in_different_places_are_merged() -> None:
    async with workbench() as queue:
        await queue.retype("static", "auto")
        await queue.read_again(retitled())
        await queue.review()
        assert "title merged" in queue.made.text("side")
        assert "Shop" not in queue.made.text("page"), "theirs is stored already"
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
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
    async with workbench(size=size) as queue:
        await queue.retype("first", "mine")
        await queue.retype("static", "auto")
        await queue.read_again(retitled())
        await queue.made.press("f2")
        await queue.shows(EditorTab.MERGE)
        page = queue.made.text("page")
        assert "Shop, first" in page and "Shop, mine" in page and "Shop, second" in page
        assert "not chosen yet" in page
        await queue.made.press("enter")
        assert queue.leaf is EditorTab.MERGE and "1 to choose first" in queue.answer
        await queue.made.press(key)
        assert "not chosen yet" not in queue.made.text("page")
        await queue.made.press("enter")
        await queue.shows(EditorTab.REVIEW)
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert f"<title>{PICKS[key]}</title>" in definition.xml
        assert "'auto'" in definition.xml


async def test_conflicts_are_chosen_one_by_one_and_escape_loses_nothing() -> None:
    theirs = retitled().replace("'hd'", "'network'")
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.retype("<boot dev='hd", "<boot dev='cdrom")
        await queue.read_again(theirs)
        await queue.made.press("f2")
        await queue.shows(EditorTab.MERGE)
        assert "2 to choose" in queue.made.text("rule")
        await queue.made.press("m", "t")
        assert "0 to choose" in queue.made.text("rule")
        await queue.made.press("escape")
        assert queue.leaf is EditorTab.STORED and "Shop, mine" in queue.editor.text
        await queue.made.press("f2")
        await queue.shows(EditorTab.MERGE)
        await queue.made.press("n", "t", "m", "enter")
        await queue.shows(EditorTab.REVIEW)
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert "Shop, mine" in definition.xml and "dev='network'" in definition.xml


async def test_this_run_may_be_read_only() -> None:
    async with workbench(read_only=True, definition={"why_not": "this run is read-only"}) as queue:
        await queue.made.press("f2")
        assert queue.leaf is EditorTab.STORED and "read-only" in queue.answer


async def test_a_password_survives_the_round_trip_unseen() -> None:
    async with workbench(XML, RUNNING) as queue:
        assert "(hidden 1)" in queue.editor.text
        await queue.retype("first", "mine")
        await queue.review()
        await queue.made.press("w", "w", "a")
        assert f"passwd='{SECRET}'" in arguments_of(queue.command, DefineArguments).xml
        assert SECRET not in repr(queue.command)
