"""What outlives a workbench: drafts, kept definitions, and the text in another editor."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, running_app
from tests.scenes.xml_editor import (
    SECRET,
    XML,
    Desk,
    document,
    offered,
    opened,
    retitled,
    workbench,
)
from virttui.model.commands import DefineArguments
from virttui.model.documents import Document, DocumentText
from virttui.model.identity import Kind, ObjectId
from virttui.model.tasks import TaskState
from virttui.panes.xml_editor.frame import EditorTab
from virttui.persistence import definition_history, xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.settings import runtime_folder
from virttui.widgets.line_view import LineView

HIDDEN = XML.replace(SECRET, "(hidden 1)")


def leave_draft(base: str | None = HIDDEN, title: str = "Shop, mine") -> None:
    xml_drafts.save(Draft(document(), base, retitled(HIDDEN, title), 3, 9, fleet.EPOCH - 60))


async def gone(queue: Desk) -> None:
    await queue.made.wait_for(lambda: xml_drafts.load(document()) is None, "the draft to go")


# -- drafts ----------------------------------------------------------------------------------


async def test_what_is_typed_is_kept_within_a_second_and_forgotten_when_it_is_undone() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.pass_time(1.0)
        await queue.made.wait_for(lambda: xml_drafts.load(document()), "the draft")
        draft = xml_drafts.load(document())
        assert draft is not None and "Shop, mine" in draft.text and draft.base == HIDDEN
        assert (draft.line, draft.column) == queue.editor.cursor_location
        await queue.made.wait_for(lambda: queue.screen.state.draft_saved_epoch, "that it is known")
        await queue.pass_time(3.0)
        assert "edited, draft saved" in queue.made.text("top")
        while queue.editor.text != HIDDEN:
            await queue.made.press("ctrl+z")
        await queue.pass_time()
        await gone(queue)
        assert "as it is stored" in queue.made.text("top")


async def test_leaving_keeps_what_was_typed_last_and_it_is_offered_again() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.made.press("escape")
        assert queue.made.app.screen is queue.made.console
        draft = xml_drafts.load(document())
        assert draft is not None and "Shop, mine" in draft.text
        await queue.made.press("x")
        sheet = await offered(queue.made)
        assert "typed 0 s ago" in sheet.query_one("#body", LineView).text
        await queue.made.press("g")
        assert "Shop, mine" in queue.editor.text and "edited" in queue.made.text("top")


async def test_a_draft_goes_on_where_it_was() -> None:
    leave_draft()
    async with workbench(wait=False) as queue:
        await offered(queue.made)
        await queue.made.press("enter")
        assert queue.editor.cursor_location == (3, 9)
        assert "Shop, mine" in queue.editor.text
        await queue.review()
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert definition.xml == retitled(title="Shop, mine") and definition.base == XML


async def test_a_draft_is_dropped_when_that_is_chosen() -> None:
    leave_draft()
    async with workbench(wait=False) as queue:
        await offered(queue.made)
        await queue.made.press("d")
        assert queue.editor.text == HIDDEN
        await gone(queue)


async def test_escape_leaves_the_draft_where_it_is() -> None:
    leave_draft()
    async with workbench(wait=False) as queue:
        await offered(queue.made)
        await queue.made.press("escape")
        assert queue.made.app.screen is queue.made.console
        await queue.made.settle()
        assert xml_drafts.load(document()) is not None


async def test_what_changed_since_the_draft_is_told_and_merged() -> None:
    leave_draft()
    async with workbench(XML.replace("static", "auto"), wait=False) as queue:
        await offered(queue.made)
        await queue.made.press("g")
        assert "meanwhile changed elsewhere: vcpu" in queue.answer
        await queue.review()
        assert "vcpu merged" in queue.made.text("side")
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert "auto" in definition.xml and "Shop, mine" in definition.xml


async def test_what_was_applied_is_no_draft_any_more() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.pass_time(1.0)
        await queue.made.wait_for(lambda: xml_drafts.load(document()), "the draft")
        await queue.review()
        await queue.made.press("a")
        queue.script(retitled(title="Shop, mine"))
        await queue.ends(TaskState.DONE, "defined")
        await queue.shows(EditorTab.STORED)
        await queue.pass_time()
        await gone(queue)


async def test_a_draft_that_was_applied_elsewhere_is_not_offered() -> None:
    leave_draft()
    async with workbench(retitled(title="Shop, mine")) as queue:
        await queue.pass_time()
        assert queue.made.app.screen is queue.screen
        await gone(queue)


async def test_a_folder_that_takes_no_draft_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(draft: Draft) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xml_drafts, "save", full)
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.pass_time(1.0)
        await queue.made.wait_for(lambda: "cannot be saved" in queue.answer, "that it is told")


# -- history ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_what_was_replaced_is_listed_compared_and_put_back(size: tuple[int, int]) -> None:
    definition_history.save_version(document(), "edit", retitled(title="Shop, oldest"))
    definition_history.save_version(document(), "edit", retitled(title="Shop, older"))
    async with workbench(size=size) as queue:
        await queue.made.wait_for(lambda: "history 2" in queue.made.text("top"), "the number")
        await queue.made.press("f3")
        await queue.shows(EditorTab.HISTORY)
        await queue.made.wait_for(lambda: "Shop, older" in queue.made.text("page"), "the newest")
        assert "Shop, first" in queue.made.text("page") and SECRET not in queue.made.painted()
        assert "before edit" in queue.answer
        await queue.made.press("down")
        await queue.made.wait_for(
            lambda: "Shop, oldest" in queue.made.text("page"), "the one before"
        )
        lines = queue.made.painted().split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await queue.made.press("r")
        await queue.shows(EditorTab.REVIEW)
        assert queue.made.backend.commands == []
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert definition.xml == retitled(title="Shop, oldest") and definition.base == XML


async def test_nothing_kept_nothing_restored() -> None:
    async with workbench() as queue:
        await queue.made.press("f3", "r")
        assert "no earlier versions yet" in queue.answer
        assert queue.leaf is EditorTab.HISTORY


async def test_a_deleted_object_is_put_back_from_its_host() -> None:
    lost = Document(Kind.DOMAIN, ObjectId("kvm01", "0-dead"), "lost-one")
    xml = XML.replace("web-01", "lost-one").replace(document().key.uuid, "0-dead")
    definition_history.save_version(lost, "delete", xml)
    clock = FixedClock()
    async with running_app(clock=clock) as made:
        await made.press("4", "x")
        await made.wait_for(lambda: "deleted domain 0 s ago" in made.screen_text(), "it is listed")
        await made.type("lost")
        await made.press("enter")
        queue = Desk(made, clock)
        await made.wait_for(lambda: "lost-one" in queue.editor.text, "its text")
        await made.settle()
        assert "not on the host" in made.text("top") and SECRET not in made.painted()
        await queue.review()
        assert "Define it" in made.text("below")
        await made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert definition.base is None and definition.xml == xml
        made.backend.definitions[lost] = DocumentText(lost, xml)
        await queue.ends(TaskState.DONE, "defined")
        await queue.shows(EditorTab.STORED)
        assert "as it is stored" in made.text("top")


# -- another editor --------------------------------------------------------------------------


def editor(folder: Path, program: str) -> str:
    """An $EDITOR made of Python: it has ``path`` and ``text``."""
    script = folder / "editor.py"
    script.write_text(
        "import os, stat, sys\nfrom pathlib import Path\n"
        "path = Path(sys.argv[1])\ntext = path.read_text()\n" + program
    )
    return f"{sys.executable} {script}"


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A terminal that can be lent to an editor, and a folder for its files."""
    from contextlib import nullcontext

    from virttui.app import VirtTuiApp

    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setattr(VirtTuiApp, "suspend", lambda app: nullcontext())
    return tmp_path


async def test_the_text_goes_to_the_editor_of_the_user_and_back(lent: Path) -> None:
    line = editor(
        lent,
        f"Path({str(lent)!r}, 'seen').write_text(text)\n"
        f"Path({str(lent)!r}, 'mode').write_text(oct(stat.S_IMODE(path.stat().st_mode)))\n"
        "path.write_text(text.replace('first', 'by hand'))\n",
    )
    async with workbench(environment={"EDITOR": line}) as queue:
        queue.put_cursor("(hidden 1)")
        await queue.made.press("backspace")
        await queue.made.type(")")
        await queue.made.press("f4")
        assert "Shop, by hand" in queue.editor.text and "taken over" in queue.answer
        assert SECRET not in (lent / "seen").read_text()
        assert (lent / "mode").read_text() == "0o600"
        assert [p for p in runtime_folder().rglob("*") if p.is_file()] == []
        await queue.made.press("ctrl+z")
        assert "Shop, first" in queue.editor.text, "it is one change that can be undone"


async def test_a_new_password_is_not_in_the_editors_file(lent: Path) -> None:
    line = editor(lent, f"Path({str(lent)!r}, 'seen').write_text(text)\n")
    async with workbench(environment={"EDITOR": line}) as queue:
        await queue.retype("(hidden 1)", "N3w-staple")
        await queue.made.press("f4")
        assert "(hidden 2)" in (lent / "seen").read_text()
        assert "as it was" in queue.answer
        await queue.review()
        await queue.made.press("a")
        assert "passwd='N3w-staple'" in arguments_of(queue.command, DefineArguments).xml


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("path.write_text('lost'); sys.exit(3)\n", "ended with status 3; its text is not taken"),
        ("path.unlink()\n", "left no file"),
        ("path.write_bytes(b'\\xff\\xfe')\n", "not UTF-8"),
        ("path.write_text('x' * (9 << 20))\n", "larger than any definition"),
        ("os.kill(os.getpid(), 9)\n", "its text is not taken"),
    ],
)
async def test_an_editor_that_fails_changes_nothing(lent: Path, program: str, said: str) -> None:
    async with workbench(environment={"EDITOR": editor(lent, program)}) as queue:
        await queue.made.press("f4")
        assert said in queue.answer and queue.answer.strip() and "\n" not in queue.answer
        assert queue.editor.text == HIDDEN
        assert [p for p in runtime_folder().rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/no/such/editor", "/no/such/editor is not there"),
        ("/etc/passwd", "/etc/passwd cannot be started"),
        ("'unclosed", "$EDITOR cannot be parsed"),
        (" ", "$EDITOR is blank"),
    ],
)
async def test_an_editor_that_is_not_there_is_told(lent: Path, line: str, said: str) -> None:
    async with workbench(environment={"EDITOR": line}) as queue:
        await queue.made.press("f4")
        assert said in queue.answer and queue.editor.text == HIDDEN


async def test_a_view_is_not_lent(lent: Path) -> None:
    line = editor(lent, f"Path({str(lent)!r}, 'seen').touch()\n")
    told = {"why_not": "the connection is read-only"}
    async with workbench(environment={"EDITOR": line}, definition=told) as queue:
        await queue.made.press("f4")
        assert "this is a view" in queue.answer and not (lent / "seen").exists()


async def test_the_folder_of_its_file_is_private(lent: Path) -> None:
    line = editor(
        lent,
        f"Path({str(lent)!r}, 'mode').write_text(oct(stat.S_IMODE(path.parent.stat().st_mode)))\n",
    )
    async with workbench(environment={"EDITOR": line}) as queue:
        await queue.made.press("f4")
        assert (lent / "mode").read_text() == "0o700"
        assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


async def test_the_workbench_opened_twice_has_one_draft() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        await queue.made.press("escape")
        again = await opened(queue.made, queue.clock, wait=False)
        await offered(queue.made)
        await queue.made.press("g")
        assert "Shop, mine" in again.editor.text


async def test_a_draft_that_was_applied_after_all_is_not_offered() -> None:
    # The page was left while libvirt still wrote; what is stored only reads a little differently.
    leave_draft()
    async with workbench(
        retitled(title="Shop, mine").replace("    <target", "      <target")
    ) as queue:
        await gone(queue)
        assert "Continue with the draft" not in queue.made.screen_text()
