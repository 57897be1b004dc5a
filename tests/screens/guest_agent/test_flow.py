"""What is done inside guests from the running app, on scripted answers of their agents."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from tests.panes.guest_agent.test_menu import ANSWERS
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.actions.registry import BY_ID
from virttui.modals.base.confirm import ConfirmDialog
from virttui.modals.guest_agent.menu import GuestAgentDialog
from virttui.modals.guest_agent.password import PasswordDialog
from virttui.model.commands import Verb
from virttui.model.domains.guest_agent import (
    GuestAgentReport,
    GuestProgram,
    PasswordArguments,
    ShutdownArguments,
    SshKeyArguments,
)
from virttui.model.inventory import Inventory
from virttui.model.queries import (
    GuestAgentQuery,
    GuestAgentResult,
    ProgramQuery,
    ProgramResult,
    Query,
    RunProgramQuery,
    RunProgramResult,
    SshKeysQuery,
    SshKeysResult,
)
from virttui.screens.guest_agent.pages import ProgramScreen

NAME = "web-01"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5oMZ1bXh1M6Bv1F0b8s5J4y4cN6s6n6v7h8Qw9Xz1k me"


def answering(
    ui: RunningApp, report: GuestAgentReport = ANSWERS, keys: tuple[str, ...] = (KEY,)
) -> Callable[[Query], None]:
    """Agents that answer; a program has ended when it is looked at."""

    def answer(query: Query) -> None:
        ui.backend.queries.append(query)
        match query:
            case GuestAgentQuery():
                ui.backend.publish(GuestAgentResult(query, report=report))
            case SshKeysQuery():
                ui.backend.publish(SshKeysResult(query, keys=keys))
            case RunProgramQuery():
                ui.backend.publish(RunProgramResult(query, program=GuestProgram(7)))
            case ProgramQuery():
                ended = GuestProgram(7, True, 3, output=b"Linux\x1b[2J\n", errors=b"oh\n")
                ui.backend.publish(ProgramResult(query, program=ended))

    return answer


def with_agents(inventory: Inventory) -> Inventory:
    domains = {key: replace(one, agent=True) for key, one in inventory.domains.items()}
    return replace(inventory, domains=domains)


async def opened(ui: RunningApp, report: GuestAgentReport = ANSWERS) -> None:
    """The menu of ``NAME``, with what its agent told."""
    for inventory in fleet.inventories():
        await ui.publish(with_agents(inventory))
    ui.backend.asked = answering(ui, report)
    ui.put_cursor(NAME)
    await ui.press("E")
    await ui.settle()
    assert isinstance(ui.top(), GuestAgentDialog)


async def choose(ui: RunningApp, place: int) -> None:
    await ui.press(*["down"] * place, "enter")


async def test_the_menu_says_what_was_told_and_what_each_would_do() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui)
        painted = ui.painted()
        for words in (
            f"inside {NAME}", "answered in 12 ms", "Debian GNU/Linux 12", "root",
            "gives back 6.0G of vda at most", "its clock is 0.4 s behind this computer's",
            "nothing is held now", "held writes are let go after 60 s by themselves",
        ):  # fmt: skip
            assert words in painted, painted


async def test_trim_acts_and_holding_writes_asks_first() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await choose(ui, 0)
        assert [one.verb for one in ui.backend.commands] == [Verb.TRIM]
        await ui.press("E")
        await choose(ui, 1)
        assert isinstance(ui.top(), ConfirmDialog)
        assert "even if virttui is gone by then" in " ".join(ui.screen_text().split())
        await ui.press("y")
        assert ui.backend.commands[-1].verb is Verb.FREEZE


async def test_a_password_is_hashed_and_never_painted() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await choose(ui, 4)
        assert isinstance(ui.top(), PasswordDialog)
        await ui.type("s3cret!")
        assert "s3cret!" not in ui.painted()
        await ui.press("down")
        await ui.type("s3cret!")
        assert "s3cret!" not in ui.painted()
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.commands, "the command")
        (command,) = ui.backend.commands
        arguments = command.arguments
        assert isinstance(arguments, PasswordArguments)
        assert (arguments.user, arguments.is_hashed) == ("root", True)
        assert "s3cret!" not in repr(command)
        assert (arguments.password.take() or b"").startswith(b"$6$")


async def test_windows_gets_the_password_as_it_is_typed() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui, replace(ANSWERS, is_windows=True))
        await choose(ui, 4)
        assert "Windows takes no hash" in ui.screen_text()
        await ui.type("x y ")
        await ui.press("down")
        await ui.type("x y ")
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.commands, "the command")
        arguments = ui.backend.commands[-1].arguments
        assert isinstance(arguments, PasswordArguments)
        assert not arguments.is_hashed
        assert arguments.password.take() == b"x y "


async def test_a_key_is_removed_after_a_question() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await choose(ui, 5)
        await ui.press("enter")
        assert "remove ssh-ed25519 …6v7h8Qw9Xz1k me" in ui.painted()
        await ui.press("down", "enter", "y")
        (command,) = ui.backend.commands
        assert command.arguments == SshKeyArguments("root", remove=(KEY,))


async def test_a_program_is_run_and_its_output_made_visible() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await choose(ui, 8)
        assert "tainted" in " ".join(ui.screen_text().split())
        await ui.type("uname -a")
        await ui.press("enter")
        page = ui.top()
        assert isinstance(page, ProgramScreen)
        await ui.wait_for(lambda: "exit 3" in page.page.lines, "its end")
        assert [one.line for one in ui.backend.queries_of(RunProgramQuery)] == [("uname", "-a")]
        assert "what it wrote as errors:" in page.page.lines
        assert "\x1b" not in ui.painted()


async def test_shutting_down_by_the_agent_alone() -> None:
    async with running_app((120, 36)) as ui:
        await opened(ui)
        await choose(ui, 6)
        await ui.press("y")
        (command,) = ui.backend.commands
        assert command.arguments == ShutdownArguments(by_agent=True)


async def test_a_silent_agent_is_named_and_nothing_is_sent() -> None:
    silent = GuestAgentReport(why_not="its agent has not answered for 5 s", is_silent=True)
    async with running_app((120, 36)) as ui:
        await opened(ui, silent)
        assert "its agent has not answered for 5 s" in ui.painted()
        await choose(ui, 0)
        assert not ui.backend.commands
        assert isinstance(ui.top(), GuestAgentDialog)


async def test_the_line_asks_for_the_password_of_a_user() -> None:
    async with running_app((120, 36)) as ui:
        for inventory in fleet.inventories():
            await ui.publish(with_agents(inventory))
        ui.backend.asked = answering(ui)
        await ui.press("colon")
        await ui.type(f"password backup {NAME}")
        await ui.press("enter")
        assert isinstance(ui.top(), PasswordDialog)
        assert "backup" in ui.painted()


def test_an_agent_is_not_asked_in_a_run_that_only_reads() -> None:
    assert not any(BY_ID[id].read_only_safe for id in ("agent", "trim", "password", "run"))
