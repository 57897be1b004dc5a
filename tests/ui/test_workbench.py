"""The workbench: opening, typing, being told what is wrong, finding one's way."""

from __future__ import annotations

import pytest
from textual import events

from tests.ui.workbench_scene import OFF, RUNNING, XML, opened, retitled, workbench
from virttui.model.documents import Document, DocumentText
from virttui.model.errors import HostLost, NotFound
from virttui.model.identity import Kind, ObjectId
from virttui.panes.xml_editor.frame import EditorTab
from virttui.screens.base.text_screen import TextScreen

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.mark.parametrize("size", SIZES)
async def test_it_opens_on_what_is_stored(size: tuple[int, int]) -> None:
    async with workbench(size=size) as desk:
        await desk.studied()
        painted = desk.made.painted()
        assert "kvm01 › domains › web-01 › XML" in painted or "web-01 › XML" in painted
        assert "1 <domain type='kvm'>" in painted.replace("    ", " ").replace("  ", " ")
        assert "as it is stored" in painted
        assert f"line 1 of {XML.count(chr(10)) + 1}" in painted
        assert (" outline " in painted) == (size[0] >= 100)
        lines = painted.split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await desk.made.press("escape")
        assert desk.made.top() is desk.made.console


async def test_it_says_that_it_is_reading_and_why_it_cannot() -> None:
    async with workbench(wait=False, knowledge=None) as desk:
        await desk.made.settle()
    async with workbench(HostLost("kvm01 does not answer now"), wait=False) as desk:
        await desk.made.settle()
        assert "kvm01 does not answer now" in desk.answer
        await desk.read_again(XML)
        await desk.made.wait_for(lambda: desk.editor.text, "the text")
        assert "does not answer" not in desk.answer


async def test_while_nothing_came_it_says_since_when() -> None:
    async with workbench() as desk:
        await desk.made.press("escape")
        desk.made.backend.mute = True
        desk = await opened(desk.made, desk.clock, "web-02", wait=False)
        assert "asking kvm02 for it, 0 s" in desk.answer
        desk.clock.moved += 1
        desk.made.app.feed()
        await desk.made.settle()
        assert "asking kvm02 for it, 1 s" in desk.answer


async def test_what_is_typed_is_marked_and_can_be_taken_back() -> None:
    async with workbench() as desk:
        await desk.retype("first", "zz")
        assert "Shop, zz" in desk.editor.text
        await desk.studied()
        assert "edited" in desk.made.text("top")
        assert "┃" in next(line for line in desk.made.painted().split("\n") if "Shop, zz" in line)
        for _ in range(20):
            await desk.made.press("ctrl+z")
        hidden = desk.screen.bench.base
        assert desk.editor.text == hidden
        await desk.studied()
        assert "as it is stored" in desk.made.text("top") and "┃" not in desk.made.painted()
        await desk.made.press("ctrl+y")
        assert desk.editor.text != hidden


async def test_lines_that_are_pasted_are_one_change() -> None:
    async with workbench() as desk:
        desk.put_cursor("<clock offset='utc'/>")
        desk.made.app.post_message(events.Paste("\n  <one/>\n  <two/>\n  <three/>"))
        await desk.made.settle()
        assert "<one/>\n  <two/>\n  <three/>" in desk.editor.text
        assert "  <three/>" in desk.made.painted()
        await desk.made.press("ctrl+z")
        assert desk.editor.text == desk.screen.bench.base


async def test_a_new_line_begins_where_the_one_above_does() -> None:
    async with workbench() as desk:
        desk.put_cursor("<clock offset='utc'/>")
        await desk.made.press("enter", "a")
        assert "<clock offset='utc'/>\n  a\n" in desk.editor.text


async def test_letters_are_text_in_the_editor() -> None:
    async with workbench() as desk:
        await desk.made.type("sSDqRZpwanxr?:/")
        assert desk.editor.text.startswith("sSDqRZpwanxr?:/")
        assert desk.made.backend.commands == []


async def test_faults_are_told_at_their_place() -> None:
    async with workbench() as desk:
        await desk.retype("bus='virtio'", "buss='virtio'")
        await desk.studied()
        assert "problems 1" in desk.made.text("below") or "problems 2" in desk.made.text("below")
        assert "buss" in desk.made.text("below")
        line = next(line for line in desk.made.painted().split("\n") if "buss='virtio'" in line)
        assert "×" in line
        desk.editor.go_to(0)
        await desk.made.press("f8")
        assert "buss" in desk.editor.document[desk.editor.cursor_location[0]]
        assert "buss" in desk.answer


async def test_f8_goes_round_and_says_when_there_is_nothing() -> None:
    async with workbench() as desk:
        await desk.studied()
        await desk.made.press("f8")
        assert "no problems" in desk.answer or "no schema" in desk.answer
        await desk.retype("<boot dev='hd'/>", "<bot/>")
        await desk.retype("<model type='virtio'/>", "<modl/>")
        await desk.studied()
        desk.editor.go_to(0)
        rows = []
        for _ in range(3):
            await desk.made.press("f8")
            rows.append(desk.editor.cursor_location[0])
        assert rows[0] < rows[1] and rows[2] == rows[0]


async def test_values_the_host_does_not_know_are_doubted() -> None:
    async with workbench() as desk:
        await desk.retype("network='default'", "network='defautl'")
        await desk.studied()
        assert "defautl" in desk.made.text("below")


async def test_values_are_completed() -> None:
    async with workbench() as desk:
        desk.put_cursor("<model type='virtio")
        await desk.made.press(*["backspace"] * len("virtio"), "tab")
        await desk.made.wait_for(lambda: desk.screen.popup.region, "the offer")
        await desk.made.settle()
        assert "e1000e" in desk.made.painted() and "tab takes" in desk.made.painted()
        await desk.made.press("down", "tab")
        assert "<model type='e1000e'" in desk.editor.text
        assert not desk.screen.popup.display


async def test_names_are_offered_while_they_are_typed_and_escape_drops_the_offer() -> None:
    async with workbench() as desk:
        desk.put_cursor("<clock offset='utc'/>")
        await desk.made.press("enter")
        await desk.made.type("<fea")
        await desk.made.wait_for(lambda: desk.screen.popup.region, "the offer")
        await desk.made.settle()
        assert "features" in desk.screen.popup.text
        await desk.made.press("escape")
        assert not desk.screen.popup.display
        assert desk.made.top() is desk.screen, "escape took the offer alone"
        await desk.made.press("tab")
        await desk.made.wait_for(lambda: "features" in desk.editor.text, "the only one, taken")


@pytest.mark.parametrize("size", SIZES)
async def test_the_offer_stays_on_the_screen(size: tuple[int, int]) -> None:
    async with workbench(size=size) as desk:
        for words in ("<domain type='kvm'>", "<video>"):
            desk.put_cursor(words)
            await desk.made.press("enter")
            await desk.made.type("<")
            await desk.made.wait_for(lambda: desk.screen.popup.region, "the offer")
            await desk.made.settle()
            region = desk.screen.popup.region
            assert region.x >= 0 and region.right <= size[0]
            assert region.y >= 3 and region.bottom <= desk.editor.region.bottom
            row = desk.screen.sheet.cell_now[1] + desk.editor.region.y
            assert not region.y <= row < region.bottom, "the line that is typed stays in view"
            await desk.made.press("escape", "ctrl+z", "ctrl+z")


async def test_searching() -> None:
    async with workbench() as desk:
        await desk.made.press("ctrl+f")
        await desk.made.type("virtio")
        assert "1 of 3" in desk.made.painted()
        await desk.made.press("down")
        assert "2 of 3" in desk.made.painted()
        await desk.made.press("enter")
        assert "model type" in desk.editor.document[desk.editor.cursor_location[0]]
        await desk.made.press("ctrl+g")
        assert "3 of 3" in desk.answer
        await desk.made.press("ctrl+f")
        await desk.made.type("-no-such-thing")
        assert "no line holds it" in desk.made.painted()
        await desk.made.press("escape")
        assert desk.made.top() is desk.screen
        await desk.made.type("q")
        assert desk.screen.bench.edited, "the text has the cursor again"


async def test_what_is_searched_for_counts_at_once() -> None:
    async with workbench() as desk:
        for key in ("ctrl+f", *"vda", "enter"):
            desk.made.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await desk.made.settle()
        assert "vda" in desk.editor.document[desk.editor.cursor_location[0]]


async def test_the_outline_jumps() -> None:
    async with workbench() as desk:
        await desk.studied()
        await desk.made.press("ctrl+o")
        assert "domain kvm" in desk.made.text("foot")
        await desk.made.type("graphics")
        await desk.made.press("enter")
        assert desk.made.top() is desk.screen
        assert "<graphics" in desk.editor.document[desk.editor.cursor_location[0]]
        assert "graphics" in desk.answer


async def test_f3_turns_the_leaves_of_a_running_domain() -> None:
    async with workbench(retitled(), RUNNING) as desk:
        top = desk.made.text("top")
        for words in ("live", "next boot", "pending", "history"):
            assert words in top
        await desk.made.press("f3")
        await desk.shows(EditorTab.PENDING)
        await desk.made.wait_for(lambda: "pending 1" in desk.made.text("top"), "the count")
        page = desk.made.text("page")
        assert "Shop, first" in page and "Shop, second" in page and "vnet6" not in page
        await desk.made.press("f3")
        await desk.shows(EditorTab.HISTORY)
        await desk.made.wait_for(lambda: "nothing was replaced" in desk.made.text("page"), "words")
        await desk.made.press("f3")
        await desk.shows(EditorTab.LIVE)
        await desk.studied()
        assert "vnet6" in desk.made.painted()
        await desk.made.type("zz")
        assert (
            "this is what runs now" in desk.answer and "zz" not in desk.screen.running.editor.text
        )
        await desk.made.press("shift+f3", "shift+f3", "shift+f3")
        await desk.shows(EditorTab.STORED)


async def test_a_domain_that_is_off_has_but_its_definition() -> None:
    async with workbench(OFF) as desk:
        top = desk.made.text("top")
        assert "definition" in top and "pending" not in top and "live" not in top.split("XML")[1]
        await desk.made.press("f3")
        await desk.shows(EditorTab.HISTORY)
        await desk.made.press("escape")
        await desk.shows(EditorTab.STORED)


async def test_f1_lists_the_keys() -> None:
    async with workbench() as desk:
        await desk.made.press("f1")
        assert isinstance(desk.made.top(), TextScreen)
        assert "keys of the workbench" in desk.made.painted()
        await desk.made.press("escape")
        assert desk.made.top() is desk.screen


async def test_ctrl_c_copies_what_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with workbench() as desk:
        copied: list[str] = []
        monkeypatch.setattr(desk.made.app, "copy_to_clipboard", copied.append)
        desk.put_cursor("<name>")
        await desk.made.press(*["shift+right"] * 6, "ctrl+c")
        assert copied == ["web-01"] and "copied" in desk.answer


async def test_a_view_cannot_be_typed_into() -> None:
    told = {"why_not": "the connection is read-only"}
    async with workbench(definition=told) as desk:
        assert "view only" in desk.made.text("top")
        before = desk.editor.text
        await desk.made.type("zz")
        assert "this is a view: the connection is read-only" in desk.answer
        await desk.made.press("f2")
        assert desk.leaf is EditorTab.STORED and "read-only" in desk.answer
        assert desk.editor.text == before
        await desk.made.press("slash")
        await desk.made.type("virtio")
        await desk.made.press("enter", "q")
        assert desk.made.top() is desk.made.console


async def test_capabilities_of_a_host_are_a_view() -> None:
    async with workbench() as desk:
        made = desk.made
        await made.press("escape", "4")
        of = Document(Kind.CAPABILITIES, ObjectId("kvm01", ""), "capabilities")
        made.backend.documents = (of,)
        made.backend.definitions[of] = DocumentText(
            of, "<capabilities>\n  <host/>\n</capabilities>\n", why_not="these are what it can do"
        )
        await made.press("x")
        await made.wait_for(lambda: "capabilities" in made.screen_text(), "the documents")
        await made.press("enter")
        await made.wait_for(lambda: "view only" in made.screen_text(), "the view")
        assert "kvm01 › capabilities › XML" in made.text("top")
        assert "4 hosts" in made.text("top")


async def test_a_host_that_goes_away_keeps_what_was_typed() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        desk.fail(HostLost("kvm01 does not answer now"))
        await desk.pass_time()
        assert "kvm01 does not answer now. What you typed is kept" in desk.answer
        assert "Shop, mine" in desk.editor.text
        await desk.read_again(XML)
        assert "does not answer" not in desk.answer and "Shop, mine" in desk.editor.text


async def test_what_was_undefined_meanwhile_can_be_defined_anew() -> None:
    async with workbench() as desk:
        await desk.retype("first", "mine")
        desk.fail(NotFound("web-01 is not there any more"))
        await desk.pass_time()
        assert "not on the host" in desk.made.text("top")
        await desk.review()
        await desk.made.press("a")
        assert desk.command.base is None and "Shop, mine" in desk.command.xml


async def test_names_with_control_characters_are_made_visible() -> None:
    wild = XML.replace("Shop, first", "&#27;[31mred \u202e\x9b1m\u200b")
    async with workbench(wild) as desk:
        await desk.studied()
        painted = desk.made.painted()
        assert "\x1b" not in painted and "\x9b" not in painted and "\u202e" not in painted


async def test_an_unknown_object_is_told() -> None:
    async with workbench(NotFound("web-01 is not there any more"), wait=False) as desk:
        await desk.made.settle()
        assert "is not there any more" in desk.answer
        await desk.made.press("escape")
        assert desk.made.top() is desk.made.console


@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "none"])
async def test_the_cursor_is_seen_in_every_theme(theme: str) -> None:
    async with workbench(theme=theme) as desk:
        desk.put_cursor("<domain ", after=True)
        await desk.made.settle()
        styles = [segment.style for segment in desk.editor.render_line(0) if segment.text == "t"]
        others = [segment.style for segment in desk.editor.render_line(0) if "ype" in segment.text]
        assert styles and others and styles[0] != others[0]
