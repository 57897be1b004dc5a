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
    OpenEditor,
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


async def wait_for_no_draft(page: OpenEditor) -> None:
    await page.ui.wait_for(lambda: xml_drafts.load(document()) is None, "the draft to go")


# -- drafts ----------------------------------------------------------------------------------


async def test_what_is_typed_is_kept_within_a_second_and_forgotten_when_it_is_undone() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.pass_time(1.0)
        await page.ui.wait_for(lambda: xml_drafts.load(document()), "the draft")
        draft = xml_drafts.load(document())
        assert draft is not None and "Shop, mine" in draft.text and draft.base == HIDDEN
        assert (draft.line, draft.column) == page.editor.cursor_location
        await page.ui.wait_for(lambda: page.screen.state.draft_saved_epoch, "that it is known")
        await page.pass_time(3.0)
        assert "edited, draft saved" in page.ui.text("top")
        while page.editor.text != HIDDEN:
            await page.ui.press("ctrl+z")
        await page.pass_time()
        await wait_for_no_draft(page)
        assert "as it is stored" in page.ui.text("top")


async def test_leaving_keeps_what_was_typed_last_and_it_is_offered_again() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.ui.press("escape")
        assert page.ui.app.screen is page.ui.console
        draft = xml_drafts.load(document())
        assert draft is not None and "Shop, mine" in draft.text
        await page.ui.press("x")
        sheet = await offered(page.ui)
        assert "typed 0 s ago" in sheet.query_one("#body", LineView).text
        await page.ui.press("g")
        assert "Shop, mine" in page.editor.text and "edited" in page.ui.text("top")


async def test_a_draft_goes_on_where_it_was() -> None:
    leave_draft()
    async with workbench(wait=False) as page:
        await offered(page.ui)
        await page.ui.press("enter")
        assert page.editor.cursor_location == (3, 9)
        assert "Shop, mine" in page.editor.text
        await page.review()
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert definition.xml == retitled(title="Shop, mine") and definition.base == XML


async def test_a_draft_is_dropped_when_that_is_chosen() -> None:
    leave_draft()
    async with workbench(wait=False) as page:
        await offered(page.ui)
        await page.ui.press("d")
        assert page.editor.text == HIDDEN
        await wait_for_no_draft(page)


async def test_escape_leaves_the_draft_where_it_is() -> None:
    leave_draft()
    async with workbench(wait=False) as page:
        await offered(page.ui)
        await page.ui.press("escape")
        assert page.ui.app.screen is page.ui.console
        await page.ui.settle()
        assert xml_drafts.load(document()) is not None


async def test_what_changed_since_the_draft_is_told_and_merged() -> None:
    leave_draft()
    async with workbench(XML.replace("static", "auto"), wait=False) as page:
        await offered(page.ui)
        await page.ui.press("g")
        assert "meanwhile changed elsewhere: vcpu" in page.answer
        await page.review()
        assert "vcpu merged" in page.ui.text("side")
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert "auto" in definition.xml and "Shop, mine" in definition.xml


async def test_what_was_applied_is_no_draft_any_more() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.pass_time(1.0)
        await page.ui.wait_for(lambda: xml_drafts.load(document()), "the draft")
        await page.review()
        await page.ui.press("a")
        page.script(retitled(title="Shop, mine"))
        await page.ends(TaskState.DONE, "defined")
        await page.shows(EditorTab.STORED)
        await page.pass_time()
        await wait_for_no_draft(page)


async def test_a_draft_that_was_applied_elsewhere_is_not_offered() -> None:
    leave_draft()
    async with workbench(retitled(title="Shop, mine")) as page:
        await page.pass_time()
        assert page.ui.app.screen is page.screen
        await wait_for_no_draft(page)


async def test_a_folder_that_takes_no_draft_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(draft: Draft) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xml_drafts, "save", full)
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.pass_time(1.0)
        await page.ui.wait_for(lambda: "cannot be saved" in page.answer, "that it is told")


# -- history ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_what_was_replaced_is_listed_compared_and_put_back(size: tuple[int, int]) -> None:
    definition_history.save_version(document(), "edit", retitled(title="Shop, oldest"))
    definition_history.save_version(document(), "edit", retitled(title="Shop, older"))
    async with workbench(size=size) as page:
        await page.ui.wait_for(lambda: "history 2" in page.ui.text("top"), "the number")
        await page.ui.press("f3")
        await page.shows(EditorTab.HISTORY)
        await page.ui.wait_for(lambda: "Shop, older" in page.ui.text("page"), "the newest")
        assert "Shop, first" in page.ui.text("page") and SECRET not in page.ui.painted()
        assert "before edit" in page.answer
        await page.ui.press("down")
        await page.ui.wait_for(lambda: "Shop, oldest" in page.ui.text("page"), "the one before")
        lines = page.ui.painted().split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await page.ui.press("r")
        await page.shows(EditorTab.REVIEW)
        assert page.ui.backend.commands == []
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert definition.xml == retitled(title="Shop, oldest") and definition.base == XML


async def test_nothing_kept_nothing_restored() -> None:
    async with workbench() as page:
        await page.ui.press("f3", "r")
        assert "no earlier versions yet" in page.answer
        assert page.leaf is EditorTab.HISTORY


async def test_a_deleted_object_is_put_back_from_its_host() -> None:
    lost = Document(Kind.DOMAIN, ObjectId("kvm01", "0-dead"), "lost-one")
    xml = XML.replace("web-01", "lost-one").replace(document().key.uuid, "0-dead")
    definition_history.save_version(lost, "delete", xml)
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        await ui.press("4", "x")
        await ui.wait_for(lambda: "deleted domain 0 s ago" in ui.screen_text(), "it is listed")
        await ui.type("lost")
        await ui.press("enter")
        page = OpenEditor(ui, clock)
        await ui.wait_for(lambda: "lost-one" in page.editor.text, "its text")
        await ui.settle()
        assert "not on the host" in ui.text("top") and SECRET not in ui.painted()
        await page.review()
        assert "Define it" in ui.text("below")
        await ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert definition.base is None and definition.xml == xml
        ui.backend.definitions[lost] = DocumentText(lost, xml)
        await page.ends(TaskState.DONE, "defined")
        await page.shows(EditorTab.STORED)
        assert "as it is stored" in ui.text("top")


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
    async with workbench(environment={"EDITOR": line}) as page:
        page.put_cursor("(hidden 1)")
        await page.ui.press("backspace")
        await page.ui.type(")")
        await page.ui.press("f4")
        assert "Shop, by hand" in page.editor.text and "taken over" in page.answer
        assert SECRET not in (lent / "seen").read_text()
        assert (lent / "mode").read_text() == "0o600"
        assert [p for p in runtime_folder().rglob("*") if p.is_file()] == []
        await page.ui.press("ctrl+z")
        assert "Shop, first" in page.editor.text, "it is one change that can be undone"


async def test_a_new_password_is_not_in_the_editors_file(lent: Path) -> None:
    line = editor(lent, f"Path({str(lent)!r}, 'seen').write_text(text)\n")
    async with workbench(environment={"EDITOR": line}) as page:
        await page.retype("(hidden 1)", "N3w-staple")
        await page.ui.press("f4")
        assert "(hidden 2)" in (lent / "seen").read_text()
        assert "as it was" in page.answer
        await page.review()
        await page.ui.press("a")
        assert "passwd='N3w-staple'" in arguments_of(page.command, DefineArguments).xml


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
    async with workbench(environment={"EDITOR": editor(lent, program)}) as page:
        await page.ui.press("f4")
        assert said in page.answer and page.answer.strip() and "\n" not in page.answer
        assert page.editor.text == HIDDEN
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
    async with workbench(environment={"EDITOR": line}) as page:
        await page.ui.press("f4")
        assert said in page.answer and page.editor.text == HIDDEN


async def test_a_view_is_not_lent(lent: Path) -> None:
    line = editor(lent, f"Path({str(lent)!r}, 'seen').touch()\n")
    told = {"why_not": "the connection is read-only"}
    async with workbench(environment={"EDITOR": line}, definition=told) as page:
        await page.ui.press("f4")
        assert "this is a view" in page.answer and not (lent / "seen").exists()


async def test_the_folder_of_its_file_is_private(lent: Path) -> None:
    line = editor(
        lent,
        f"Path({str(lent)!r}, 'mode').write_text(oct(stat.S_IMODE(path.parent.stat().st_mode)))\n",
    )
    async with workbench(environment={"EDITOR": line}) as page:
        await page.ui.press("f4")
        assert (lent / "mode").read_text() == "0o700"
        assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


async def test_the_workbench_opened_twice_has_one_draft() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        await page.ui.press("escape")
        again = await opened(page.ui, page.clock, wait=False)
        await offered(page.ui)
        await page.ui.press("g")
        assert "Shop, mine" in again.editor.text


async def test_a_draft_that_was_applied_after_all_is_not_offered() -> None:
    # The page was left while libvirt still wrote; what is stored only reads a little differently.
    leave_draft()
    async with workbench(
        retitled(title="Shop, mine").replace("    <target", "      <target")
    ) as page:
        await wait_for_no_draft(page)
        assert "Continue with the draft" not in page.ui.screen_text()
