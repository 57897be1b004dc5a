"""What stands beside a console: chosen by its key, one of the two sides takes keys."""

from __future__ import annotations

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from tests.screens.console.test_page import NAME, SERIAL, STOP, VIRTIO, opened
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.confirm import ConfirmDialog
from virttui.model.domains.consoles import ConsoleDevice, ConsolePhase, ConsoleState

LOGGED = ConsoleDevice("serial0", "ttyS0", "isa-serial", "/var/log/libvirt/qemu/x-serial0.log")
OTHER = "web-02"


async def choose(ui: RunningApp, words: str) -> None:
    """Choose what is beside the console by its words."""
    await ui.press("vertical_line")
    assert isinstance(ui.top(), PickerDialog)
    await ui.type(words)
    await ui.press("enter")
    await ui.settle()


class Beside:
    """The console beside the one of the page."""

    def __init__(self, ui: RunningApp, number: int) -> None:
        self.ui = ui
        self.number = number

    @property
    def read_along(self) -> bool:
        return self.ui.backend.consoles[self.number][0].read_along

    @property
    def typed(self) -> bytes:
        return b"".join(data for number, data in self.ui.backend.written if number == self.number)

    async def tell(self, phase: ConsolePhase, reason: str = "") -> None:
        request, _ = self.ui.backend.consoles[self.number]
        await self.ui.publish(ConsoleState(self.number, request, phase, fleet.EPOCH, reason))

    async def says(self, output: bytes, seen: str) -> None:
        self.ui.backend.consoles[self.number][1](output)
        await self.ui.wait_for(lambda: seen in self.ui.painted(), seen)


async def beside(
    ui: RunningApp, device: ConsoleDevice = SERIAL, phase: ConsolePhase = ConsolePhase.ATTACHED
) -> Beside:
    """Have the console of another domain beside that of the page."""
    if "stop typing" in ui.text("keys"):
        await ui.press(STOP)
    ui.backend.devices = (device,)
    await choose(ui, OTHER)
    await ui.wait_for(lambda: len(ui.backend.consoles) == 2, "a second console")
    other = Beside(ui, max(ui.backend.consoles))
    await other.tell(phase)
    return other


async def test_another_console_is_below_the_figures_and_its_lines_are_its_own() -> None:
    async with running_app((200, 60)) as ui:
        console = await opened(ui)
        number = console.number
        other = await beside(ui)
        ui.backend.consoles[number][1](b"said by the first")
        await other.says(b"said by the second", "│said by the second")
        assert f"kvm02 › {OTHER} › serial0" in ui.text("other-rule")
        assert "80x24" in ui.text("other-rule")
        assert "cpu" in ui.text("side") and "│said by the first" in ui.painted()
        painted = ui.painted().splitlines()
        assert len(painted) == 60 and {len(line) for line in painted} == {200}


async def test_one_side_takes_the_keys() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui)
        assert ui.text("rule").startswith("━━") and not ui.text("other-rule").startswith("━━")
        await ui.press("tab")
        assert ui.text("other-rule").startswith("━━") and not ui.text("rule").startswith("━━")
        await ui.press("enter", "a", "tab", "escape", STOP)
        assert other.typed == b"a\t\x1b"
        assert "ctrl+]" not in ui.text("keys") and "tab to the first console" in ui.text("keys")
        await ui.press("tab", "enter", "b")
        assert other.typed == b"a\t\x1b" and ui.backend.written[-1][1] == b"b"
        assert ui.text("rule").startswith("━━") and "you type into" in ui.text("rule")


async def test_no_key_of_the_other_side_acts_on_the_domain_of_the_page() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        await beside(ui)
        await ui.press("tab")
        page = ui.top()
        for key in ("S", "D", "R", "Z", "p", "w", "s", "z", "e", "b"):
            await ui.press(key)
            assert ui.top() is page and not ui.backend.commands, key
            assert f"that key is of {NAME}'s console" in ui.text("answer"), key


async def test_one_that_is_logged_is_read_along_and_asked_for_by_enter() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui, LOGGED, ConsolePhase.READING)
        assert other.read_along
        await other.says(b"from its log", "from its log")
        assert "read along" in ui.text("other-rule")
        await ui.press("tab", "enter")
        await ui.settle()
        numbers = [n for n, (request, _) in ui.backend.consoles.items() if not request.read_along]
        assert len(numbers) == 2 and other.number not in ui.backend.consoles
        assert "from its log" in ui.painted()


async def test_where_its_log_cannot_be_read_it_is_attached() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui, LOGGED, ConsolePhase.REFUSED)
        await ui.settle()
        assert other.number not in ui.backend.consoles
        number = max(ui.backend.consoles)
        assert not ui.backend.consoles[number][0].read_along


async def test_somebody_elses_is_waited_for_and_taken_over_only_when_confirmed() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui, SERIAL, ConsolePhase.IN_USE)
        assert "Somebody else holds this console" in ui.text("other-words")
        assert "read along" not in ui.text("other-words")
        await ui.press("tab", "T")
        assert isinstance(ui.top(), ConfirmDialog)
        assert f"Take serial0 of {OTHER} on kvm02" in ui.screen_text()
        await ui.press("y")
        await ui.settle()
        assert ui.backend.attached[-1] == (other.number, True)


async def test_searching_and_scrolling_are_of_the_side_with_the_keys() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui)
        rows = b"\r\n".join(b"row %d" % number for number in range(200))
        await other.says(rows, "row 199")
        await ui.press("tab", "slash")
        await ui.type("row 17")
        await ui.press("enter")
        await ui.wait_for(lambda: "/row 17" in ui.text("other-rule"), "the search")
        assert "/row 17" not in ui.text("rule")
        await ui.press("G", "pageup")
        assert " of 200" in ui.text("other-rule") and "line" not in ui.text("rule")


async def test_of_several_consoles_one_is_chosen_and_the_own_ones_are_offered() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        await ui.press(STOP)
        ui.backend.devices = (SERIAL, VIRTIO)
        await choose(ui, OTHER)
        assert isinstance(ui.top(), PickerDialog) and "console1" in ui.screen_text()
        await ui.press("down", "enter")
        await ui.wait_for(lambda: len(ui.backend.consoles) == 2, "a second console")
        assert {one.device for one, _ in ui.backend.consoles.values()} == {"serial0", "console1"}


async def test_a_domain_without_a_console_says_so() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        await ui.press(STOP)
        ui.backend.devices = ()
        await choose(ui, OTHER)
        assert f"{OTHER} has no console" in ui.text("answer")
        assert len(ui.backend.consoles) == 1


async def test_figures_let_go_of_it_and_its_lines_stay() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui)
        await other.says(b"kept lines\r\n", "kept lines")
        await choose(ui, "figures")
        assert len(ui.backend.consoles) == 1 and "kept lines" not in ui.painted()
        other = await beside(ui)
        await ui.wait_for(lambda: "kept lines" in ui.painted(), "its lines")
        await ui.wait_for(lambda: "let go" in ui.painted(), "the rule")
        await ui.press("escape")
        assert not ui.backend.consoles


async def test_it_goes_while_there_is_no_room_and_no_key_reaches_it() -> None:
    async with running_app((200, 60)) as ui:
        await opened(ui)
        other = await beside(ui)
        await ui.press("tab", "tab", "plus")
        assert not ui.text("other-rule")
        await ui.press("tab", "enter", "x")
        assert other.typed == b""


async def test_every_cell_is_filled_at_every_size() -> None:
    for size in ((160, 24), (160, 45), (200, 60), (240, 70)):
        async with running_app(size) as ui:
            console = await opened(ui)
            number = console.number
            other = await beside(ui)
            ui.backend.consoles[number][1](b"x" * 80)
            await other.says(b"y" * 76, "y" * 76)
            painted = ui.painted().splitlines()
            assert len(painted) == size[1] and {len(line) for line in painted} == {size[0]}
            assert "x" * 80 in ui.painted()
