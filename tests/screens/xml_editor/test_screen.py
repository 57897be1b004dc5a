"""The workbench: opening, typing, being told what is wrong, finding one's way."""

from __future__ import annotations

import pytest
from textual import events

from tests.arguments import arguments_of
from tests.scenes.xml_editor import OFF, RUNNING, XML, opened, retitled, workbench
from virttui.model.commands import DefineArguments
from virttui.model.documents import Document, DocumentText
from virttui.model.errors import HostLost, NotFound
from virttui.model.identity import Kind, ObjectId
from virttui.panes.xml_editor.frame import EditorTab
from virttui.screens.base.text_screen import TextScreen

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_on_what_is_stored(size: tuple[int, int]) -> None:
    async with workbench(size=size) as page:
        await page.studied()
        painted = page.ui.painted()
        assert "kvm01 › domains › web-01 › XML" in painted or "web-01 › XML" in painted
        assert "1 <domain type='kvm'>" in painted.replace("    ", " ").replace("  ", " ")
        assert "as it is stored" in painted
        assert f"line 1 of {XML.count(chr(10)) + 1}" in painted
        assert (" outline " in painted) == (size[0] >= 100)
        lines = painted.split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await page.ui.press("escape")
        assert page.ui.top() is page.ui.console


async def test_it_says_that_it_is_reading_and_why_it_cannot() -> None:
    async with workbench(wait=False, knowledge=None) as page:
        await page.ui.settle()
    async with workbench(HostLost("kvm01 does not answer now"), wait=False) as page:
        await page.ui.settle()
        assert "kvm01 does not answer now" in page.answer
        await page.read_again(XML)
        await page.ui.wait_for(lambda: page.editor.text, "the text")
        assert "does not answer" not in page.answer


async def test_while_nothing_came_it_says_since_when() -> None:
    async with workbench() as page:
        await page.ui.press("escape")
        page.ui.backend.mute = True
        page = await opened(page.ui, page.clock, "web-02", wait=False)
        assert "asking kvm02 for it, 0 s" in page.answer
        page.clock.moved += 1
        page.ui.app.update_screen()
        await page.ui.settle()
        assert "asking kvm02 for it, 1 s" in page.answer


async def test_what_is_typed_is_marked_and_can_be_taken_back() -> None:
    async with workbench() as page:
        await page.retype("first", "zz")
        assert "Shop, zz" in page.editor.text
        await page.studied()
        assert "edited" in page.ui.text("top")
        assert "┃" in next(line for line in page.ui.painted().split("\n") if "Shop, zz" in line)
        for _ in range(20):
            await page.ui.press("ctrl+z")
        hidden = page.screen.state.buffer.base
        assert page.editor.text == hidden
        await page.studied()
        assert "as it is stored" in page.ui.text("top") and "┃" not in page.ui.painted()
        await page.ui.press("ctrl+y")
        assert page.editor.text != hidden


async def test_lines_that_are_pasted_are_one_change() -> None:
    async with workbench() as page:
        page.put_cursor("<clock offset='utc'/>")
        page.ui.app.post_message(events.Paste("\n  <one/>\n  <two/>\n  <three/>"))
        await page.ui.settle()
        assert "<one/>\n  <two/>\n  <three/>" in page.editor.text
        assert "  <three/>" in page.ui.painted()
        await page.ui.press("ctrl+z")
        assert page.editor.text == page.screen.state.buffer.base


async def test_a_new_line_begins_where_the_one_above_does() -> None:
    async with workbench() as page:
        page.put_cursor("<clock offset='utc'/>")
        await page.ui.press("enter", "a")
        assert "<clock offset='utc'/>\n  a\n" in page.editor.text


async def test_letters_are_text_in_the_editor() -> None:
    async with workbench() as page:
        await page.ui.type("sSDqRZpwanxr?:/")
        assert page.editor.text.startswith("sSDqRZpwanxr?:/")
        assert page.ui.backend.commands == []


async def test_faults_are_told_at_their_place() -> None:
    async with workbench() as page:
        await page.retype("bus='virtio'", "buss='virtio'")
        await page.studied()
        assert "problems 1" in page.ui.text("below") or "problems 2" in page.ui.text("below")
        assert "buss" in page.ui.text("below")
        line = next(line for line in page.ui.painted().split("\n") if "buss='virtio'" in line)
        assert "×" in line
        page.editor.go_to(0)
        await page.ui.press("f8")
        assert "buss" in page.editor.document[page.editor.cursor_location[0]]
        assert "buss" in page.answer


async def test_f8_goes_round_and_says_when_there_is_nothing() -> None:
    async with workbench() as page:
        await page.studied()
        await page.ui.press("f8")
        assert "no problems" in page.answer or "no schema" in page.answer
        await page.retype("<boot dev='hd'/>", "<bot/>")
        await page.retype("<model type='virtio'/>", "<modl/>")
        await page.studied()
        page.editor.go_to(0)
        rows = []
        for _ in range(3):
            await page.ui.press("f8")
            rows.append(page.editor.cursor_location[0])
        assert rows[0] < rows[1] and rows[2] == rows[0]


async def test_values_the_host_does_not_know_are_doubted() -> None:
    async with workbench() as page:
        await page.retype("network='default'", "network='defautl'")
        await page.studied()
        assert "defautl" in page.ui.text("below")


async def test_values_are_completed() -> None:
    async with workbench() as page:
        page.put_cursor("<model type='virtio")
        await page.ui.press(*["backspace"] * len("virtio"), "tab")
        await page.ui.wait_for(lambda: page.popup.region, "the offer")
        await page.ui.settle()
        assert "e1000e" in page.ui.painted() and "tab takes" in page.ui.painted()
        await page.ui.press("down", "tab")
        assert "<model type='e1000e'" in page.editor.text
        assert not page.popup.display


async def test_names_are_offered_while_they_are_typed_and_escape_drops_the_offer() -> None:
    async with workbench() as page:
        page.put_cursor("<clock offset='utc'/>")
        await page.ui.press("enter")
        await page.ui.type("<fea")
        # The offer for "<" alone may still be on the screen.
        await page.ui.wait_for(lambda: "features" in page.popup.text, "the offer")
        assert page.popup.display
        await page.ui.press("escape")
        assert not page.popup.display
        assert page.ui.top() is page.screen, "escape took the offer alone"
        await page.ui.press("tab")
        await page.ui.wait_for(lambda: "features" in page.editor.text, "the only one, taken")


@pytest.mark.parametrize("size", SIZES)
async def test_the_offer_stays_on_the_screen(size: tuple[int, int]) -> None:
    async with workbench(size=size) as page:
        for words in ("<domain type='kvm'>", "<video>"):
            page.put_cursor(words)
            await page.ui.press("enter")
            await page.ui.type("<")
            await page.ui.wait_for(lambda: page.popup.region, "the offer")
            await page.ui.settle()
            region = page.popup.region
            assert region.x >= 0 and region.right <= size[0]
            assert region.y >= 3 and region.bottom <= page.editor.region.bottom
            row = page.screen.state.pane.cell_now[1] + page.editor.region.y
            assert not region.y <= row < region.bottom, "the line that is typed stays in view"
            await page.ui.press("escape", "ctrl+z", "ctrl+z")


async def test_searching() -> None:
    async with workbench() as page:
        await page.ui.press("ctrl+f")
        await page.ui.type("virtio")
        assert "1 of 3" in page.ui.painted()
        await page.ui.press("down")
        assert "2 of 3" in page.ui.painted()
        await page.ui.press("enter")
        assert "model type" in page.editor.document[page.editor.cursor_location[0]]
        await page.ui.press("ctrl+g")
        assert "3 of 3" in page.answer
        await page.ui.press("ctrl+f")
        await page.ui.type("-no-such-thing")
        assert "no match" in page.ui.painted()
        await page.ui.press("escape")
        assert page.ui.top() is page.screen
        await page.ui.type("q")
        assert page.screen.state.buffer.edited, "the text has the cursor again"


async def test_what_is_searched_for_counts_at_once() -> None:
    async with workbench() as page:
        for key in ("ctrl+f", *"vda", "enter"):
            page.ui.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await page.ui.settle()
        assert "vda" in page.editor.document[page.editor.cursor_location[0]]


async def test_the_outline_jumps() -> None:
    async with workbench() as page:
        await page.studied()
        await page.ui.press("ctrl+o")
        assert "domain kvm" in page.ui.text("foot")
        await page.ui.type("graphics")
        await page.ui.press("enter")
        assert page.ui.top() is page.screen
        assert "<graphics" in page.editor.document[page.editor.cursor_location[0]]
        assert "graphics" in page.answer


async def test_f3_turns_the_leaves_of_a_running_domain() -> None:
    async with workbench(retitled(), RUNNING) as page:
        top = page.ui.text("top")
        for words in ("live", "next boot", "pending", "history"):
            assert words in top
        await page.ui.press("f3")
        await page.shows(EditorTab.PENDING)
        await page.ui.wait_for(lambda: "pending 1" in page.ui.text("top"), "the count")
        text = page.ui.text("page")
        assert "Shop, first" in text and "Shop, second" in text and "vnet6" not in text
        await page.ui.press("f3")
        await page.shows(EditorTab.HISTORY)
        await page.ui.wait_for(lambda: "no earlier versions" in page.ui.text("page"), "words")
        await page.ui.press("f3")
        await page.shows(EditorTab.LIVE)
        await page.studied()
        assert "vnet6" in page.ui.painted()
        await page.ui.type("zz")
        assert (
            "this is what runs now" in page.answer
            and "zz" not in page.screen.state.running.editor.text
        )
        await page.ui.press("shift+f3", "shift+f3", "shift+f3")
        await page.shows(EditorTab.STORED)


async def test_a_domain_that_is_off_has_but_its_definition() -> None:
    async with workbench(OFF) as page:
        top = page.ui.text("top")
        assert "definition" in top and "pending" not in top and "live" not in top.split("XML")[1]
        await page.ui.press("f3")
        await page.shows(EditorTab.HISTORY)
        await page.ui.press("escape")
        await page.shows(EditorTab.STORED)


async def test_f1_lists_the_keys() -> None:
    async with workbench() as page:
        await page.ui.press("f1")
        assert isinstance(page.ui.top(), TextScreen)
        assert "keys of the workbench" in page.ui.painted()
        await page.ui.press("escape")
        assert page.ui.top() is page.screen


async def test_ctrl_c_copies_what_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with workbench() as page:
        copied: list[str] = []
        monkeypatch.setattr(page.ui.app, "copy_to_clipboard", copied.append)
        page.put_cursor("<name>")
        await page.ui.press(*["shift+right"] * 6, "ctrl+c")
        assert copied == ["web-01"] and "copied" in page.answer


async def test_a_view_cannot_be_typed_into() -> None:
    told = {"why_not": "the connection is read-only"}
    async with workbench(definition=told) as page:
        assert "view only" in page.ui.text("top")
        before = page.editor.text
        await page.ui.type("zz")
        assert "this is a view: the connection is read-only" in page.answer
        await page.ui.press("f2")
        assert page.leaf is EditorTab.STORED and "read-only" in page.answer
        assert page.editor.text == before
        await page.ui.press("slash")
        await page.ui.type("virtio")
        await page.ui.press("enter", "q")
        assert page.ui.top() is page.ui.console


async def test_capabilities_of_a_host_are_a_view() -> None:
    async with workbench() as page:
        ui = page.ui
        await ui.press("escape", "4")
        of = Document(Kind.CAPABILITIES, ObjectId("kvm01", ""), "capabilities")
        ui.backend.documents = (of,)
        ui.backend.definitions[of] = DocumentText(
            of, "<capabilities>\n  <host/>\n</capabilities>\n", why_not="these are what it can do"
        )
        await ui.press("x")
        await ui.wait_for(lambda: "capabilities" in ui.screen_text(), "the documents")
        await ui.press("enter")
        await ui.wait_for(lambda: "view only" in ui.screen_text(), "the view")
        assert "kvm01 › capabilities › XML" in ui.text("top")
        assert "4 hosts" in ui.text("top")


async def test_a_host_that_goes_away_keeps_what_was_typed() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        page.fail(HostLost("kvm01 does not answer now"))
        await page.pass_time()
        assert "kvm01 does not answer now. What you typed is still here" in page.answer
        assert "Shop, mine" in page.editor.text
        await page.read_again(XML)
        assert "does not answer" not in page.answer and "Shop, mine" in page.editor.text


async def test_what_was_undefined_meanwhile_can_be_defined_anew() -> None:
    async with workbench() as page:
        await page.retype("first", "mine")
        page.fail(NotFound("web-01 is not there any more"))
        await page.pass_time()
        assert "not on the host" in page.ui.text("top")
        await page.review()
        await page.ui.press("a")
        definition = arguments_of(page.command, DefineArguments)
        assert definition.base is None and "Shop, mine" in definition.xml


async def test_names_with_control_characters_are_made_visible() -> None:
    wild = XML.replace("Shop, first", "&#27;[31mred \u202e\x9b1m\u200b")
    async with workbench(wild) as page:
        await page.studied()
        painted = page.ui.painted()
        assert "\x1b" not in painted and "\x9b" not in painted and "\u202e" not in painted


async def test_an_unknown_object_is_told() -> None:
    async with workbench(NotFound("web-01 is not there any more"), wait=False) as page:
        await page.ui.settle()
        assert "is not there any more" in page.answer
        await page.ui.press("escape")
        assert page.ui.top() is page.ui.console


@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "none"])
async def test_the_cursor_is_seen_in_every_theme(theme: str) -> None:
    async with workbench(theme=theme) as page:
        page.put_cursor("<domain ", after=True)
        await page.ui.settle()
        styles = [segment.style for segment in page.editor.render_line(0) if segment.text == "t"]
        others = [segment.style for segment in page.editor.render_line(0) if "ype" in segment.text]
        assert styles and others and styles[0] != others[0]
