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
    async with workbench(size=size) as queue:
        await queue.studied()
        painted = queue.made.painted()
        assert "kvm01 › domains › web-01 › XML" in painted or "web-01 › XML" in painted
        assert "1 <domain type='kvm'>" in painted.replace("    ", " ").replace("  ", " ")
        assert "as it is stored" in painted
        assert f"line 1 of {XML.count(chr(10)) + 1}" in painted
        assert (" outline " in painted) == (size[0] >= 100)
        lines = painted.split("\n")
        assert len(lines) == size[1] and all(len(line) == size[0] for line in lines)
        await queue.made.press("escape")
        assert queue.made.top() is queue.made.console


async def test_it_says_that_it_is_reading_and_why_it_cannot() -> None:
    async with workbench(wait=False, knowledge=None) as queue:
        await queue.made.settle()
    async with workbench(HostLost("kvm01 does not answer now"), wait=False) as queue:
        await queue.made.settle()
        assert "kvm01 does not answer now" in queue.answer
        await queue.read_again(XML)
        await queue.made.wait_for(lambda: queue.editor.text, "the text")
        assert "does not answer" not in queue.answer


async def test_while_nothing_came_it_says_since_when() -> None:
    async with workbench() as queue:
        await queue.made.press("escape")
        queue.made.backend.mute = True
        queue = await opened(queue.made, queue.clock, "web-02", wait=False)
        assert "asking kvm02 for it, 0 s" in queue.answer
        queue.clock.moved += 1
        queue.made.app.update_screen()
        await queue.made.settle()
        assert "asking kvm02 for it, 1 s" in queue.answer


async def test_what_is_typed_is_marked_and_can_be_taken_back() -> None:
    async with workbench() as queue:
        await queue.retype("first", "zz")
        assert "Shop, zz" in queue.editor.text
        await queue.studied()
        assert "edited" in queue.made.text("top")
        assert "┃" in next(line for line in queue.made.painted().split("\n") if "Shop, zz" in line)
        for _ in range(20):
            await queue.made.press("ctrl+z")
        hidden = queue.screen.state.buffer.base
        assert queue.editor.text == hidden
        await queue.studied()
        assert "as it is stored" in queue.made.text("top") and "┃" not in queue.made.painted()
        await queue.made.press("ctrl+y")
        assert queue.editor.text != hidden


async def test_lines_that_are_pasted_are_one_change() -> None:
    async with workbench() as queue:
        queue.put_cursor("<clock offset='utc'/>")
        queue.made.app.post_message(events.Paste("\n  <one/>\n  <two/>\n  <three/>"))
        await queue.made.settle()
        assert "<one/>\n  <two/>\n  <three/>" in queue.editor.text
        assert "  <three/>" in queue.made.painted()
        await queue.made.press("ctrl+z")
        assert queue.editor.text == queue.screen.state.buffer.base


async def test_a_new_line_begins_where_the_one_above_does() -> None:
    async with workbench() as queue:
        queue.put_cursor("<clock offset='utc'/>")
        await queue.made.press("enter", "a")
        assert "<clock offset='utc'/>\n  a\n" in queue.editor.text


async def test_letters_are_text_in_the_editor() -> None:
    async with workbench() as queue:
        await queue.made.type("sSDqRZpwanxr?:/")
        assert queue.editor.text.startswith("sSDqRZpwanxr?:/")
        assert queue.made.backend.commands == []


async def test_faults_are_told_at_their_place() -> None:
    async with workbench() as queue:
        await queue.retype("bus='virtio'", "buss='virtio'")
        await queue.studied()
        assert "problems 1" in queue.made.text("below") or "problems 2" in queue.made.text("below")
        assert "buss" in queue.made.text("below")
        line = next(line for line in queue.made.painted().split("\n") if "buss='virtio'" in line)
        assert "×" in line
        queue.editor.go_to(0)
        await queue.made.press("f8")
        assert "buss" in queue.editor.document[queue.editor.cursor_location[0]]
        assert "buss" in queue.answer


async def test_f8_goes_round_and_says_when_there_is_nothing() -> None:
    async with workbench() as queue:
        await queue.studied()
        await queue.made.press("f8")
        assert "no problems" in queue.answer or "no schema" in queue.answer
        await queue.retype("<boot dev='hd'/>", "<bot/>")
        await queue.retype("<model type='virtio'/>", "<modl/>")
        await queue.studied()
        queue.editor.go_to(0)
        rows = []
        for _ in range(3):
            await queue.made.press("f8")
            rows.append(queue.editor.cursor_location[0])
        assert rows[0] < rows[1] and rows[2] == rows[0]


async def test_values_the_host_does_not_know_are_doubted() -> None:
    async with workbench() as queue:
        await queue.retype("network='default'", "network='defautl'")
        await queue.studied()
        assert "defautl" in queue.made.text("below")


async def test_values_are_completed() -> None:
    async with workbench() as queue:
        queue.put_cursor("<model type='virtio")
        await queue.made.press(*["backspace"] * len("virtio"), "tab")
        await queue.made.wait_for(lambda: queue.popup.region, "the offer")
        await queue.made.settle()
        assert "e1000e" in queue.made.painted() and "tab takes" in queue.made.painted()
        await queue.made.press("down", "tab")
        assert "<model type='e1000e'" in queue.editor.text
        assert not queue.popup.display


async def test_names_are_offered_while_they_are_typed_and_escape_drops_the_offer() -> None:
    async with workbench() as queue:
        queue.put_cursor("<clock offset='utc'/>")
        await queue.made.press("enter")
        await queue.made.type("<fea")
        # The offer for "<" alone may still be on the screen.
        await queue.made.wait_for(lambda: "features" in queue.popup.text, "the offer")
        assert queue.popup.display
        await queue.made.press("escape")
        assert not queue.popup.display
        assert queue.made.top() is queue.screen, "escape took the offer alone"
        await queue.made.press("tab")
        await queue.made.wait_for(lambda: "features" in queue.editor.text, "the only one, taken")


@pytest.mark.parametrize("size", SIZES)
async def test_the_offer_stays_on_the_screen(size: tuple[int, int]) -> None:
    async with workbench(size=size) as queue:
        for words in ("<domain type='kvm'>", "<video>"):
            queue.put_cursor(words)
            await queue.made.press("enter")
            await queue.made.type("<")
            await queue.made.wait_for(lambda: queue.popup.region, "the offer")
            await queue.made.settle()
            region = queue.popup.region
            assert region.x >= 0 and region.right <= size[0]
            assert region.y >= 3 and region.bottom <= queue.editor.region.bottom
            row = queue.screen.state.pane.cell_now[1] + queue.editor.region.y
            assert not region.y <= row < region.bottom, "the line that is typed stays in view"
            await queue.made.press("escape", "ctrl+z", "ctrl+z")


async def test_searching() -> None:
    async with workbench() as queue:
        await queue.made.press("ctrl+f")
        await queue.made.type("virtio")
        assert "1 of 3" in queue.made.painted()
        await queue.made.press("down")
        assert "2 of 3" in queue.made.painted()
        await queue.made.press("enter")
        assert "model type" in queue.editor.document[queue.editor.cursor_location[0]]
        await queue.made.press("ctrl+g")
        assert "3 of 3" in queue.answer
        await queue.made.press("ctrl+f")
        await queue.made.type("-no-such-thing")
        assert "no match" in queue.made.painted()
        await queue.made.press("escape")
        assert queue.made.top() is queue.screen
        await queue.made.type("q")
        assert queue.screen.state.buffer.edited, "the text has the cursor again"


async def test_what_is_searched_for_counts_at_once() -> None:
    async with workbench() as queue:
        for key in ("ctrl+f", *"vda", "enter"):
            queue.made.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await queue.made.settle()
        assert "vda" in queue.editor.document[queue.editor.cursor_location[0]]


async def test_the_outline_jumps() -> None:
    async with workbench() as queue:
        await queue.studied()
        await queue.made.press("ctrl+o")
        assert "domain kvm" in queue.made.text("foot")
        await queue.made.type("graphics")
        await queue.made.press("enter")
        assert queue.made.top() is queue.screen
        assert "<graphics" in queue.editor.document[queue.editor.cursor_location[0]]
        assert "graphics" in queue.answer


async def test_f3_turns_the_leaves_of_a_running_domain() -> None:
    async with workbench(retitled(), RUNNING) as queue:
        top = queue.made.text("top")
        for words in ("live", "next boot", "pending", "history"):
            assert words in top
        await queue.made.press("f3")
        await queue.shows(EditorTab.PENDING)
        await queue.made.wait_for(lambda: "pending 1" in queue.made.text("top"), "the count")
        page = queue.made.text("page")
        assert "Shop, first" in page and "Shop, second" in page and "vnet6" not in page
        await queue.made.press("f3")
        await queue.shows(EditorTab.HISTORY)
        await queue.made.wait_for(lambda: "no earlier versions" in queue.made.text("page"), "words")
        await queue.made.press("f3")
        await queue.shows(EditorTab.LIVE)
        await queue.studied()
        assert "vnet6" in queue.made.painted()
        await queue.made.type("zz")
        assert (
            "this is what runs now" in queue.answer
            and "zz" not in queue.screen.state.running.editor.text
        )
        await queue.made.press("shift+f3", "shift+f3", "shift+f3")
        await queue.shows(EditorTab.STORED)


async def test_a_domain_that_is_off_has_but_its_definition() -> None:
    async with workbench(OFF) as queue:
        top = queue.made.text("top")
        assert "definition" in top and "pending" not in top and "live" not in top.split("XML")[1]
        await queue.made.press("f3")
        await queue.shows(EditorTab.HISTORY)
        await queue.made.press("escape")
        await queue.shows(EditorTab.STORED)


async def test_f1_lists_the_keys() -> None:
    async with workbench() as queue:
        await queue.made.press("f1")
        assert isinstance(queue.made.top(), TextScreen)
        assert "keys of the workbench" in queue.made.painted()
        await queue.made.press("escape")
        assert queue.made.top() is queue.screen


async def test_ctrl_c_copies_what_is_selected(monkeypatch: pytest.MonkeyPatch) -> None:
    async with workbench() as queue:
        copied: list[str] = []
        monkeypatch.setattr(queue.made.app, "copy_to_clipboard", copied.append)
        queue.put_cursor("<name>")
        await queue.made.press(*["shift+right"] * 6, "ctrl+c")
        assert copied == ["web-01"] and "copied" in queue.answer


async def test_a_view_cannot_be_typed_into() -> None:
    told = {"why_not": "the connection is read-only"}
    async with workbench(definition=told) as queue:
        assert "view only" in queue.made.text("top")
        before = queue.editor.text
        await queue.made.type("zz")
        assert "this is a view: the connection is read-only" in queue.answer
        await queue.made.press("f2")
        assert queue.leaf is EditorTab.STORED and "read-only" in queue.answer
        assert queue.editor.text == before
        await queue.made.press("slash")
        await queue.made.type("virtio")
        await queue.made.press("enter", "q")
        assert queue.made.top() is queue.made.console


async def test_capabilities_of_a_host_are_a_view() -> None:
    async with workbench() as queue:
        made = queue.made
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
    async with workbench() as queue:
        await queue.retype("first", "mine")
        queue.fail(HostLost("kvm01 does not answer now"))
        await queue.pass_time()
        assert "kvm01 does not answer now. What you typed is still here" in queue.answer
        assert "Shop, mine" in queue.editor.text
        await queue.read_again(XML)
        assert "does not answer" not in queue.answer and "Shop, mine" in queue.editor.text


async def test_what_was_undefined_meanwhile_can_be_defined_anew() -> None:
    async with workbench() as queue:
        await queue.retype("first", "mine")
        queue.fail(NotFound("web-01 is not there any more"))
        await queue.pass_time()
        assert "not on the host" in queue.made.text("top")
        await queue.review()
        await queue.made.press("a")
        definition = arguments_of(queue.command, DefineArguments)
        assert definition.base is None and "Shop, mine" in definition.xml


async def test_names_with_control_characters_are_made_visible() -> None:
    wild = XML.replace("Shop, first", "&#27;[31mred \u202e\x9b1m\u200b")
    async with workbench(wild) as queue:
        await queue.studied()
        painted = queue.made.painted()
        assert "\x1b" not in painted and "\x9b" not in painted and "\u202e" not in painted


async def test_an_unknown_object_is_told() -> None:
    async with workbench(NotFound("web-01 is not there any more"), wait=False) as queue:
        await queue.made.settle()
        assert "is not there any more" in queue.answer
        await queue.made.press("escape")
        assert queue.made.top() is queue.made.console


@pytest.mark.parametrize("theme", ["dark", "light", "ansi", "none"])
async def test_the_cursor_is_seen_in_every_theme(theme: str) -> None:
    async with workbench(theme=theme) as queue:
        queue.put_cursor("<domain ", after=True)
        await queue.made.settle()
        styles = [segment.style for segment in queue.editor.render_line(0) if segment.text == "t"]
        others = [segment.style for segment in queue.editor.render_line(0) if "ype" in segment.text]
        assert styles and others and styles[0] != others[0]
