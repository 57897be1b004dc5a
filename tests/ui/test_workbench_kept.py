"""What outlives a workbench: drafts, kept definitions, and the text in another editor."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from tests.ui import scene
from tests.ui.stand import FixedClock, stand
from tests.ui.workbench_scene import (
    SECRET,
    XML,
    Desk,
    document,
    offered,
    opened,
    retitled,
    workbench,
)
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
    xml_drafts.save(Draft(document(), base, retitled(HIDDEN, title), 3, 9, scene.EPOCH - 60))


async def gone(desk: Desk) -> None:
    await desk.made.wait_for(lambda: xml_drafts.load(document()) is None, "the draft to go")


# -- drafts ----------------------------------------------------------------------------------


async def test_what_is_typed_is_kept_within_a_second_and_forgotten_when_it_is_undone() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.pass_time(1.0)
        await desk.made.wait_for(lambda: xml_drafts.load(document()), "the draft")
        draft = xml_drafts.load(document())
        assert draft is not None and "Shop, mine" in draft.text and draft.base == HIDDEN
        assert (draft.line, draft.column) == desk.editor.cursor_location
        await desk.made.wait_for(lambda: desk.screen.drafting.kept_epoch, "that it is known")
        await desk.pass_time(3.0)
        assert "edited, draft kept" in desk.made.text("top")
        while desk.editor.text != HIDDEN:
            await desk.made.press("ctrl+z")
        await desk.pass_time()
        await gone(desk)
        assert "as it is stored" in desk.made.text("top")


async def test_leaving_keeps_what_was_typed_last_and_it_is_offered_again() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.made.press("escape")
        assert desk.made.app.screen is desk.made.console
        draft = xml_drafts.load(document())
        assert draft is not None and "Shop, mine" in draft.text
        await desk.made.press("x")
        sheet = await offered(desk.made)
        assert "typed 0 s ago" in sheet.query_one("#body", LineView).text
        await desk.made.press("g")
        assert "Shop, mine" in desk.editor.text and "edited" in desk.made.text("top")


async def test_a_draft_goes_on_where_it_was() -> None:
    leave_draft()
    async with workbench(wait=False) as desk:
        await offered(desk.made)
        await desk.made.press("enter")
        assert desk.editor.cursor_location == (3, 9)
        assert "Shop, mine" in desk.editor.text
        await desk.review()
        await desk.made.press("a")
        assert desk.command.xml == retitled(title="Shop, mine") and desk.command.base == XML


async def test_a_draft_is_dropped_when_that_is_chosen() -> None:
    leave_draft()
    async with workbench(wait=False) as desk:
        await offered(desk.made)
        await desk.made.press("d")
        assert desk.editor.text == HIDDEN
        await gone(desk)


async def test_escape_leaves_the_draft_where_it_is() -> None:
    leave_draft()
    async with workbench(wait=False) as desk:
        await offered(desk.made)
        await desk.made.press("escape")
        assert desk.made.app.screen is desk.made.console
        await desk.made.settle()
        assert xml_drafts.load(document()) is not None


async def test_what_changed_since_the_draft_is_told_and_merged() -> None:
    leave_draft()
    async with workbench(XML.replace("static", "auto"), wait=False) as desk:
        await offered(desk.made)
        await desk.made.press("g")
        assert "meanwhile changed elsewhere: vcpu" in desk.answer
        await desk.review()
        assert "vcpu merged" in desk.made.text("side")
        await desk.made.press("a")
        assert "auto" in desk.command.xml and "Shop, mine" in desk.command.xml


async def test_what_was_applied_is_no_draft_any_more() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.pass_time(1.0)
        await desk.made.wait_for(lambda: xml_drafts.load(document()), "the draft")
        await desk.review()
        await desk.made.press("a")
        desk.script(retitled(title="Shop, mine"))
        await desk.ends(TaskState.DONE, "defined")
        await desk.shows(EditorTab.STORED)
        await desk.pass_time()
        await gone(desk)


async def test_a_draft_that_was_applied_elsewhere_is_not_offered() -> None:
    leave_draft()
    async with workbench(retitled(title="Shop, mine")) as desk:
        await desk.pass_time()
        assert desk.made.app.screen is desk.screen
        await gone(desk)


async def test_a_folder_that_takes_no_draft_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(draft: Draft) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xml_drafts, "save", full)
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.pass_time(1.0)
        await desk.made.wait_for(lambda: "cannot be kept" in desk.answer, "that it is told")


# -- history ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_what_was_replaced_is_listed_compared_and_put_back(size: tuple[int, int]) -> None:
    definition_history.keep(document(), "edit", retitled(title="Shop, oldest"))
    definition_history.keep(document(), "edit", retitled(title="Shop, older"))
    async with workbench(size=size) as desk:
        await desk.made.wait_for(lambda: "history 2" in desk.made.text("top"), "the number")
        await desk.made.press("f3")
        await desk.shows(EditorTab.HISTORY)
        await desk.made.wait_for(lambda: "Shop, older" in desk.made.text("page"), "the newest")
        assert "Shop, first" in desk.made.text("page") and SECRET not in desk.made.painted()
        assert "before edit" in desk.answer
        await desk.made.press("down")
        await desk.made.wait_for(lambda: "Shop, oldest" in desk.made.text("page"), "the one before")
        lines = desk.made.painted().split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await desk.made.press("r")
        await desk.shows(EditorTab.REVIEW)
        assert desk.made.backend.commands == []
        await desk.made.press("a")
        assert desk.command.xml == retitled(title="Shop, oldest") and desk.command.base == XML


async def test_nothing_kept_nothing_restored() -> None:
    async with workbench() as desk:
        await desk.made.press("f3", "r")
        assert "nothing was kept here yet" in desk.answer
        assert desk.leaf is EditorTab.HISTORY


async def test_a_deleted_object_is_put_back_from_its_host() -> None:
    lost = Document(Kind.DOMAIN, ObjectId("kvm01", "0-dead"), "lost-one")
    xml = XML.replace("web-01", "lost-one").replace(document().key.uuid, "0-dead")
    definition_history.keep(lost, "delete", xml)
    clock = FixedClock()
    async with stand(clock=clock) as made:
        await made.press("4", "x")
        await made.wait_for(lambda: "deleted domain 0 s ago" in made.screen_text(), "it is listed")
        await made.type("lost")
        await made.press("enter")
        desk = Desk(made, clock)
        await made.wait_for(lambda: "lost-one" in desk.editor.text, "its text")
        await made.settle()
        assert "not on the host" in made.text("top") and SECRET not in made.painted()
        await desk.review()
        assert "Define it" in made.text("below")
        await made.press("a")
        assert desk.command.base is None and desk.command.xml == xml
        made.backend.definitions[lost] = DocumentText(lost, xml)
        await desk.ends(TaskState.DONE, "defined")
        await desk.shows(EditorTab.STORED)
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
    async with workbench(environment={"EDITOR": line}) as desk:
        desk.put_cursor("(hidden 1)")
        await desk.made.press("backspace")
        await desk.made.type(")")
        await desk.made.press("f4")
        assert "Shop, by hand" in desk.editor.text and "taken over" in desk.answer
        assert SECRET not in (lent / "seen").read_text()
        assert (lent / "mode").read_text() == "0o600"
        assert [p for p in runtime_folder().rglob("*") if p.is_file()] == []
        await desk.made.press("ctrl+z")
        assert "Shop, first" in desk.editor.text, "it is one change that can be undone"


async def test_a_new_password_is_not_in_the_editors_file(lent: Path) -> None:
    line = editor(lent, f"Path({str(lent)!r}, 'seen').write_text(text)\n")
    async with workbench(environment={"EDITOR": line}) as desk:
        await desk.retype("(hidden 1)", "N3w-staple")
        await desk.made.press("f4")
        assert "(hidden 2)" in (lent / "seen").read_text()
        assert "as it was" in desk.answer
        await desk.review()
        await desk.made.press("a")
        assert "passwd='N3w-staple'" in desk.command.xml


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
    async with workbench(environment={"EDITOR": editor(lent, program)}) as desk:
        await desk.made.press("f4")
        assert said in desk.answer and desk.answer.strip() and "\n" not in desk.answer
        assert desk.editor.text == HIDDEN
        assert [p for p in runtime_folder().rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/no/such/editor", "/no/such/editor is not there"),
        ("/etc/passwd", "/etc/passwd cannot be started"),
        ("'unclosed", "$EDITOR makes no sense"),
        (" ", "$EDITOR is blank"),
    ],
)
async def test_an_editor_that_is_not_there_is_told(lent: Path, line: str, said: str) -> None:
    async with workbench(environment={"EDITOR": line}) as desk:
        await desk.made.press("f4")
        assert said in desk.answer and desk.editor.text == HIDDEN


async def test_a_view_is_not_lent(lent: Path) -> None:
    line = editor(lent, f"Path({str(lent)!r}, 'seen').touch()\n")
    told = {"why_not": "the connection is read-only"}
    async with workbench(environment={"EDITOR": line}, definition=told) as desk:
        await desk.made.press("f4")
        assert "this is a view" in desk.answer and not (lent / "seen").exists()


async def test_the_folder_of_its_file_is_private(lent: Path) -> None:
    line = editor(
        lent,
        f"Path({str(lent)!r}, 'mode').write_text(oct(stat.S_IMODE(path.parent.stat().st_mode)))\n",
    )
    async with workbench(environment={"EDITOR": line}) as desk:
        await desk.made.press("f4")
        assert (lent / "mode").read_text() == "0o700"
        assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


async def test_the_workbench_opened_twice_has_one_draft() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        await desk.made.press("escape")
        again = await opened(desk.made, desk.clock, wait=False)
        await offered(desk.made)
        await desk.made.press("g")
        assert "Shop, mine" in again.editor.text


async def test_a_draft_that_was_applied_after_all_is_not_offered() -> None:
    # The page was left while libvirt still wrote; what is stored only reads a little differently.
    leave_draft()
    async with workbench(
        retitled(title="Shop, mine").replace("    <target", "      <target")
    ) as desk:
        await gone(desk)
        assert "Go on with the draft" not in desk.made.screen_text()
