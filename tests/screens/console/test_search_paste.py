"""Searching what a console kept, pasting into it, reading along, in the running app."""

from __future__ import annotations

from textual import events

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase, ConsoleState
from virttui.screens.logs.screen import LogsScreen

from .test_page import STOP, opened

LOGGED = ConsoleDevice("serial0", "ttyS0", "isa-serial", log_file="/var/log/web-01.log")


def reversed_cells(ui: RunningApp) -> str:
    """What is drawn with its colours exchanged."""
    strips = ui.app.screen.query_one("#terminal").render_lines(ui.app.screen.size.region)
    return "".join(
        part.text for strip in strips for part in strip if part.style and part.style.reverse
    )


async def test_a_search_shows_the_newest_match_and_n_goes_round() -> None:
    async with running_app((80, 24)) as ui:
        console = await opened(ui)
        rows = b"".join(b"row %d%s\r\n" % (n, b" oom" if n % 40 == 0 else b"") for n in range(130))
        await console.says(rows, "row 129")
        await ui.press(STOP, "slash")
        await ui.type("oom")
        await ui.press("enter")
        await ui.wait_for(lambda: "/oom 4 of 4" in ui.text("rule"))
        assert "row 120 oom" in ui.painted() and reversed_cells(ui) == "oom"
        for key, number, seen in (("n", 1, "row 0 oom"), ("n", 2, "row 40 oom"),
                                  ("N", 1, "row 0 oom"), ("N", 4, "row 120 oom")):  # fmt: skip
            await ui.press(key)
            await ui.wait_for(lambda n=number: f"/oom {n} of 4" in ui.text("rule"))  # type: ignore[misc]
            await ui.frame()
            assert seen in ui.painted()
        await ui.press("enter")
        await ui.frame()
        assert "oom" not in ui.text("rule") and "row 129" in ui.painted()
        assert not console.typed, "what is searched for is not typed into the guest"


async def test_a_search_without_a_match_says_so_and_escape_gives_it_up() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await console.says(b"hello", "hello")
        await ui.press(STOP, "n")
        assert "nothing is searched for" in ui.text("answer")
        await ui.press("slash", "x", "escape", "slash", "x", "x", "enter")
        await ui.wait_for(lambda: "no line has xx" in ui.text("answer"))
        assert "/xx 0 of 0" in ui.text("rule")


async def paste(ui: RunningApp, text: str) -> None:
    ui.app.post_message(events.Paste(text))
    await ui.settle()


async def test_a_paste_waits_until_each_piece_was_taken() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await paste(ui, "x" * 600)
        number, (request, _) = console.number, ui.backend.consoles[console.number]
        assert [len(data) for _, data in ui.backend.written] == [256]
        assert "pasting, 256B of 600B" in ui.text("answer") and "esc stop" in ui.text("keys")
        await ui.press("a")
        attached = ConsolePhase.ATTACHED
        await ui.publish(ConsoleState(number, request, attached, fleet.EPOCH, taken=100))
        assert len(ui.backend.written) == 1, "a part of it was taken"
        await ui.publish(ConsoleState(number, request, attached, fleet.EPOCH, taken=256))
        await ui.publish(ConsoleState(number, request, attached, fleet.EPOCH, taken=512))
        assert console.typed == b"x" * 600, "no key came between"
        assert "pasted 600B" in ui.text("answer")
        await ui.press("a")
        assert console.typed.endswith(b"xa")


async def test_escape_stops_a_paste_and_closes_its_brackets() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await console.says(b"\x1b[?2004hready", "ready")
        await paste(ui, "x" * 600)
        await ui.press("escape")
        assert console.typed == b"\x1b[200~" + b"x" * 250 + b"\x1b[201~"
        assert "the paste was stopped after 256B" in ui.text("answer")


async def test_a_paste_ends_where_the_console_is_lost() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await paste(ui, "x" * 600)
        await console.tell(ConsolePhase.OFF, "it was shut down")
        await console.tell(ConsolePhase.ATTACHED)
        assert len(console.typed) == 256, "the rest is for nobody"


async def test_nothing_is_pasted_while_not_typing() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.press(STOP)
        await paste(ui, "rm -rf /\n")
        assert not ui.backend.written and "paste: not typing" in ui.text("answer")


async def test_a_console_in_use_is_read_along_where_it_is_logged() -> None:
    async with running_app() as ui:
        await opened(ui, ConsolePhase.IN_USE, (LOGGED,))
        assert "read along" in ui.text("words")
        first = next(iter(ui.backend.consoles))
        await ui.press("l")
        await ui.wait_for(lambda: first not in ui.backend.consoles and ui.backend.consoles)
        ((number, (request, sink)),) = ui.backend.consoles.items()
        assert request.read_along
        await ui.publish(ConsoleState(number, request, ConsolePhase.READING, fleet.EPOCH))
        sink(b"from its log\x1b[6n")
        await ui.wait_for(lambda: "from its log" in ui.painted())
        await ui.press("a")
        assert not ui.backend.written, "neither keys nor replies reach the guest"
        await ui.press("enter")
        await ui.wait_for(lambda: number not in ui.backend.consoles and ui.backend.consoles)
        ((_, (request, _)),) = ui.backend.consoles.items()
        assert not request.read_along


async def test_elsewhere_l_shows_its_logs() -> None:
    async with running_app() as ui:
        await opened(ui, ConsolePhase.ATTACHED, (LOGGED,))
        await ui.press(STOP, "l")
        assert isinstance(ui.top(), LogsScreen)
