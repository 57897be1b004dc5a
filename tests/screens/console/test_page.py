"""The page of a domain's console in the running app, on scripted states of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from tests.scenes import domain_page, fleet
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.actions.registry import ACTIONS
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.commands import StartArguments, Verb
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase, ConsoleState
from virttui.screens.base.text_screen import TextScreen
from virttui.screens.console.screen import STILL_TYPED, ConsoleScreen
from virttui.screens.main.domain_screen import DetailsScreen

NAME = "web-01"
SERIAL = ConsoleDevice("serial0", "ttyS0", "isa-serial")
VIRTIO = ConsoleDevice("console1", "hvc0", "virtio")
STOP = "ctrl+right_square_bracket"


class Opened:
    """A console that is open on the page of ``NAME``."""

    def __init__(self, ui: RunningApp) -> None:
        self.ui = ui

    @property
    def page(self) -> ConsoleScreen:
        page = self.ui.top()
        assert isinstance(page, ConsoleScreen)
        return page

    @property
    def number(self) -> int:
        (number,) = self.ui.backend.consoles
        return number

    @property
    def typed(self) -> bytes:
        return b"".join(data for _, data in self.ui.backend.written)

    async def tell(self, phase: ConsolePhase, reason: str = "") -> None:
        """Have the backend tell a phase."""
        request, _ = self.ui.backend.consoles[self.number]
        await self.ui.publish(ConsoleState(self.number, request, phase, fleet.EPOCH, reason))

    async def says(self, output: bytes, seen: str) -> None:
        """Have the guest write something, and wait until it is on the page."""
        self.ui.backend.consoles[self.number][1](output)
        await self.ui.wait_for(lambda: seen in self.ui.painted(), seen)


async def opened(
    ui: RunningApp,
    phase: ConsolePhase = ConsolePhase.ATTACHED,
    devices: Sequence[ConsoleDevice] = (SERIAL,),
    name: str = NAME,
) -> Opened:
    ui.backend.devices = tuple(devices)
    ui.put_cursor(name)
    await ui.press("c")
    await ui.wait_for(lambda: ui.backend.consoles, "an open console")
    console = Opened(ui)
    await console.tell(phase)
    return console


async def test_c_attaches_and_shows_the_guest() -> None:
    async with running_app((120, 36)) as ui:
        console = await opened(ui)
        ((request, _),) = ui.backend.consoles.values()
        assert (request.domain, request.device) == (fleet.key(NAME), "serial0")
        await console.says(b"web-01 login: ", "│web-01 login:")
        assert f"serial0, 1 of 1  you type into {NAME}" in ui.text("rule")
        assert "80x24" in ui.text("rule")
        assert f"› domains › {NAME}" in ui.text("top")
        assert ui.text("keys").startswith(" ctrl+] stop typing")


async def test_at_80x24_the_guest_has_22_rows_one_line_above_and_one_below() -> None:
    async with running_app((80, 24)) as ui:
        console = await opened(ui)
        rows = b"\r\n".join(b"row %d" % number for number in range(1, 25))
        await console.says(rows, "row 24")
        lines = ui.painted().splitlines()
        assert lines[0].startswith(f"━━ kvm01 › {NAME} › serial0  you type into it ─")
        assert lines[0].endswith(" rows 3-24 of 24 ─")
        assert lines[1].startswith("row 3") and lines[22].startswith("row 24")
        assert lines[23].startswith(f" ctrl+] stop typing   every other key goes to {NAME}")


async def test_while_typing_every_key_of_the_app_goes_to_the_guest() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        page = console.page
        for key in sorted({key for action in ACTIONS for key in action.keys}):
            before = len(ui.backend.written)
            await ui.press(key)
            assert len(ui.backend.written) == before + 1, f"{key} did not reach the guest"
            assert ui.top() is page, f"{key} left the page"
        for key, sent in (("ctrl+c", b"\x03"), ("ctrl+q", b"\x11"), ("ctrl+p", b"\x10"),
                          ("escape", b"\x1b"), ("tab", b"\t"), ("f1", b"\x1bOP")):  # fmt: skip
            await ui.press(key)
            assert ui.backend.written[-1] == (console.number, sent)
        assert not ui.backend.commands


async def test_ctrl_bracket_stops_typing_then_lets_go() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await ui.press("a", STOP)
        assert "not typing" in ui.text("rule") and "enter type" in ui.text("keys")
        await ui.press("x", "x")
        assert console.typed == b"a"
        await ui.press("enter", "b")
        assert console.typed == b"ab"
        await ui.press(STOP, STOP)
        assert ui.top() is ui.console and not ui.backend.consoles
        assert ui.backend.inspected[-1] is None


async def test_escape_lets_go_and_nothing_of_the_page_is_left() -> None:
    async with running_app() as ui:
        before = {one.name for one in threading.enumerate()}
        console = await opened(ui)
        await console.says(b"hello", "hello")
        assert "terminal parser" in {one.name for one in threading.enumerate()}
        await ui.press(STOP, "escape")
        await ui.frame()
        assert ui.top() is ui.console and not ui.backend.consoles
        await ui.wait_for(lambda: {one.name for one in threading.enumerate()} <= before)


async def test_a_domain_without_a_serial_port_says_how_to_get_one() -> None:
    async with running_app() as ui:
        ui.put_cursor(NAME)
        await ui.press("c")
        await ui.wait_for(lambda: ui.top() is ui.console)
        assert (
            "web-01 has no serial port; :add serial gives it one, from its next start"
            in ui.text("answer")
        )  # fmt: skip


async def test_a_console_that_is_no_pty_says_why_not() -> None:
    async with running_app() as ui:
        why = "its other end is a tcp: libvirt opens a pty alone"
        ui.backend.devices = (ConsoleDevice("serial0", "ttyS0", "isa-serial", why_not=why),)
        ui.put_cursor(NAME)
        await ui.press("c")
        await ui.wait_for(lambda: ui.top() is ui.console)
        assert f"serial0 of {NAME} cannot be opened: {why}" in ui.text("answer")


async def test_of_several_consoles_one_is_chosen_and_tab_goes_to_the_next() -> None:
    async with running_app() as ui:
        ui.backend.devices = (SERIAL, VIRTIO)
        ui.put_cursor(NAME)
        await ui.press("c")
        await ui.wait_for(lambda: isinstance(ui.top(), PickerDialog), "the choice")
        assert "hvc0, virtio" in ui.screen_text()
        await ui.press("down", "enter")
        await ui.wait_for(lambda: ui.backend.consoles)
        console = Opened(ui)
        await console.tell(ConsolePhase.ATTACHED)
        assert ui.backend.consoles[console.number][0].device == "console1"
        assert "console1, 2 of 2" in ui.text("rule")
        await ui.press(STOP, "tab")
        await ui.wait_for(
            lambda: [one.device for one, _ in ui.backend.consoles.values()] == ["serial0"]
        )
        assert "serial0, 1 of 2" in ui.text("rule")


async def test_no_choice_is_no_console() -> None:
    async with running_app() as ui:
        ui.backend.devices = (SERIAL, VIRTIO)
        ui.put_cursor(NAME)
        await ui.press("c")
        await ui.wait_for(lambda: isinstance(ui.top(), PickerDialog), "the choice")
        await ui.press("escape")
        await ui.wait_for(lambda: ui.top() is ui.console)
        assert not ui.backend.consoles


async def test_a_run_that_only_reads_opens_no_console() -> None:
    async with running_app(read_only=True) as ui:
        ui.put_cursor(NAME)
        await ui.press("c")
        assert "console: this run is read-only" in ui.text("answer") and not ui.backend.queries


async def test_from_the_page_of_a_domain_and_back_to_it() -> None:
    async with running_app() as ui:
        ui.put_cursor(domain_page.NAME)
        await ui.press("enter")
        ui.backend.devices = (SERIAL,)
        await ui.press("c")
        await ui.wait_for(lambda: ui.backend.consoles)
        await ui.press("escape")
        await ui.frame()
        assert isinstance(ui.top(), DetailsScreen)
        assert ui.backend.inspected[-1] == fleet.key(domain_page.NAME), "its details go on"


async def test_in_use_waits_or_takes_over() -> None:
    async with running_app((80, 24)) as ui:
        console = await opened(ui, ConsolePhase.IN_USE)
        assert "Somebody else holds this console." in ui.text("words")
        assert "in use" in ui.text("rule")
        assert "▌ enter  wait             opens by itself; asked each second" in ui.text("words")
        await ui.press("a", "enter")
        assert ui.backend.attached == [(console.number, False)] and not ui.backend.written
        await ui.press("T")
        assert isinstance(ui.top(), ConfirmDialog)
        assert "Take serial0 of web-01 on kvm01 from whoever holds it?" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.attached == [(console.number, False)], "Cancel has the focus"
        await ui.press("T", "y")
        assert ui.backend.attached[1:] == [(console.number, True)]
        await console.tell(ConsolePhase.ATTACHED)
        await ui.press("l", "s")
        assert console.typed == b"ls"


@pytest.mark.parametrize(
    ("phase", "reason", "rule", "said"),
    [
        (ConsolePhase.OFF, "it was shut down", "web-01 went off at", "is off, so its console"),
        (ConsolePhase.HOST_LOST, "the connection broke", "kvm01 was lost at", "does not answer"),
        (ConsolePhase.TAKEN_OVER, "", "taken over by somebody else at", "took this console over"),
    ],
)
async def test_an_end_is_a_rule_in_the_terminal_and_a_sentence(
    phase: ConsolePhase, reason: str, rule: str, said: str
) -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await console.says(b"the last line", "the last line")
        await console.tell(ConsolePhase.ATTACHING)  # while it is found out why it ended
        await console.tell(phase, reason)
        await ui.wait_for(lambda: rule in ui.painted(), rule)
        assert "the last line" in ui.painted(), "what was before stays"
        assert said in ui.text("words") and "you type" not in ui.text("rule")
        await console.tell(ConsolePhase.ATTACHED)
        await ui.wait_for(lambda: "attached again at" in ui.painted())
        await ui.press("a")
        assert console.typed == b"a", "it was typed into before, and is again"


async def test_a_hand_that_still_types_when_the_guest_goes_off_acts_on_nothing() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        console = await opened(ui)
        await console.tell(ConsolePhase.OFF, "it was shut down")
        for key in ("s", "D", "escape"):
            await ui.press(key)
            assert isinstance(ui.top(), ConsoleScreen) and not ui.backend.commands
        clock.moved += STILL_TYPED
        await ui.press("escape")
        assert ui.top() is ui.console


async def test_s_starts_a_guest_that_is_off_with_its_console_attached() -> None:
    async with running_app() as ui:
        await opened(ui, ConsolePhase.OFF, name="old-wiki")
        await ui.press("s")
        (command,) = ui.backend.commands
        assert (command.verb, command.arguments) == (Verb.START, StartArguments(True))


async def test_one_who_starts_a_guest_types_into_it_and_one_who_only_looks_on_does_not() -> None:
    clock = FixedClock()
    async with running_app(clock=clock) as ui:
        console = await opened(ui, ConsolePhase.OFF, name="old-wiki")
        await ui.press("pageup", "s")
        await console.tell(ConsolePhase.ATTACHED)
        await ui.press("a", STOP)
        await console.tell(ConsolePhase.OFF)
        clock.moved += STILL_TYPED
        await console.tell(ConsolePhase.ATTACHED)
        await ui.press("b")
        assert console.typed == b"a"


@pytest.mark.parametrize("key", ["S", "D", "R", "Z", "p", "w"])
async def test_lifecycle_keys_ask(key: str) -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.press(STOP, key)
        assert isinstance(ui.top(), ConfirmDialog) and not ui.backend.commands
        await ui.press("y")
        assert len(ui.backend.commands) == 1 and isinstance(ui.top(), ConsoleScreen)


async def test_the_size_is_typed_only_after_its_words_were_shown() -> None:
    async with running_app((80, 24)) as ui:
        console = await opened(ui)
        await ui.press(STOP, "z")
        assert 'types "stty rows 22 cols 80", enter into web-01' in ui.text("answer")
        await ui.press("n", "z", "x", "enter")
        assert not ui.backend.written and "stty" not in ui.screen_text()
        await ui.press("z", "y")
        assert console.typed == b"stty rows 22 cols 80\r"
        await ui.wait_for(lambda: "80x22" in ui.text("rule"))


async def test_older_lines_stay_in_view_while_the_guest_goes_on() -> None:
    async with running_app((80, 24)) as ui:
        console = await opened(ui)
        await console.says(b"".join(b"row %d\r\n" % n for n in range(1, 101)), "row 100")
        await ui.press(STOP, "pageup", "pageup")
        await ui.frame()
        before = ui.painted().splitlines()[1:22]
        assert "line " in ui.text("rule") and "row 100" not in "\n".join(before)
        ui.backend.consoles[console.number][1](b"more\r\n" * 5)
        await ui.wait_for(lambda: "of 105" in ui.text("rule"))
        assert ui.painted().splitlines()[1:22] == before
        await ui.press("G")
        await ui.frame()
        assert "more" in ui.painted()


async def test_the_guests_ctrl_bracket_and_the_page_of_keys() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await ui.press(STOP, "right_square_bracket")
        assert console.typed == b"\x1d"
        await ui.press("question_mark")
        assert isinstance(ui.top(), TextScreen) and "stop typing" in ui.screen_text()


async def test_replies_of_the_terminal_go_to_the_guest_while_it_is_attached() -> None:
    async with running_app() as ui:
        console = await opened(ui)
        await console.says(b"\x1b[6nasked", "asked")
        assert console.typed == b"\x1b[1;1R"


async def test_beside_the_guest_stand_figures_consoles_and_keys() -> None:
    async with running_app((120, 36)) as ui:
        ui.backend.devices = (SERIAL, VIRTIO)
        ui.put_cursor(domain_page.NAME)
        await ui.press("c")
        await ui.wait_for(lambda: isinstance(ui.top(), PickerDialog), "the choice")
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.consoles)
        console = Opened(ui)
        await console.tell(ConsolePhase.ATTACHED)
        await ui.publish(domain_page.details())
        await console.says(b"x" * 80 + b"\r\nlogin: ", "login:")
        side = ui.text("side")
        assert side.startswith(f"─ {domain_page.NAME} ─") and " kvm01 ─" in side
        assert "/var/… ━" in side and "93%" in side and "13.9G free" in side
        assert "/backup" not in side, "file systems that are not full are left out"
        assert "▌ serial0  ttyS0   yours, 0s" in side
        assert "  console1 hvc0    not asked" in side, "nobody knows whether it is free"
        assert "─ after ctrl+] ─" in side and " enter  type" in side
        rows = ui.painted().splitlines()
        assert all(len(row) == 120 for row in rows)
        assert rows[2][83:].startswith("─ db-primary-01 ─")
        assert rows[3][:82] == "│" + "x" * 80 + " ", "the guest keeps its 80 columns"
        await ui.press(STOP, "plus")
        await ui.frame()
        assert "─ db-primary-01 ─" not in ui.painted()
        assert ui.text("rule").endswith("80x24 ─") and len(ui.text("rule")) == 120
        await ui.press("z")
        assert "cols 119" in ui.text("answer")
        await ui.press("n", "plus", "z")
        assert "stty rows 31 cols 80" in ui.text("answer")


@pytest.mark.parametrize("size", [(99, 30), (100, 30), (200, 60), (60, 20), (40, 10)])
async def test_the_page_fits_terminals_of_any_size(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        console = await opened(ui)
        await console.says(b"hello", "hello")
        assert [len(row) for row in ui.painted().splitlines()] == [size[0]] * size[1]
        assert ("─ web-01 ─" in ui.painted()) is (size[0] >= 100)
        await console.tell(ConsolePhase.IN_USE, "it is open elsewhere")
        assert [len(row) for row in ui.painted().splitlines()] == [size[0]] * size[1]


async def line(ui: RunningApp, text: str) -> None:
    await ui.press("colon")
    await ui.type(text)
    await ui.press("enter")


@pytest.mark.parametrize("device", ["console1", "hvc0"])
async def test_a_console_is_opened_by_name(device: str) -> None:
    async with running_app() as ui:
        ui.backend.devices = (SERIAL, VIRTIO)
        await line(ui, f"console {NAME} {device}")
        await ui.wait_for(lambda: ui.backend.consoles)
        ((request, _),) = ui.backend.consoles.values()
        assert (request.domain, request.device) == (fleet.key(NAME), "console1")


async def test_a_console_that_is_not_there_is_named() -> None:
    async with running_app() as ui:
        ui.backend.devices = (SERIAL, VIRTIO)
        await line(ui, f"console {NAME} hvc7")
        await ui.wait_for(lambda: "has no console hvc7" in ui.text("answer"))
        assert "it has serial0 and console1" in ui.text("answer")


async def test_take_asks_where_somebody_else_has_it() -> None:
    async with running_app() as ui:
        ui.backend.devices = (SERIAL,)
        await line(ui, f"console --take {NAME}")
        await ui.wait_for(lambda: ui.backend.consoles)
        console = Opened(ui)
        await console.tell(ConsolePhase.IN_USE)
        await ui.wait_for(lambda: isinstance(ui.top(), ConfirmDialog), "the question")
        assert not ui.backend.attached
        await ui.press("y")
        assert ui.backend.attached == [(console.number, True)]
