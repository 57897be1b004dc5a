"""Programs on a terminal page, in the running app."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.modals.base.confirm import ConfirmDialog
from virttui.modals.terminal.ssh import SshDialog
from virttui.model.documents import Document, DocumentText
from virttui.model.identity import Kind
from virttui.persistence import definition_history
from virttui.screens.terminal.screen import TerminalProgramScreen
from virttui.screens.terminal.virsh_edit import VirshEditScreen, names_of

STOP = "ctrl+right_square_bracket"
NAME = "web-01"


async def opened(ui: RunningApp, *line: str) -> TerminalProgramScreen:
    page = TerminalProgramScreen(line[0], line)
    ui.app.push_screen(page)
    await ui.settle()
    return page


async def seen(ui: RunningApp, words: str) -> None:
    await ui.wait_for(lambda: words in ui.painted(), words)


async def test_keys_go_to_the_program_and_its_status_is_said() -> None:
    async with running_app((80, 24)) as ui:
        page = await opened(ui, "sh", "-c", "stty size; read line; echo got-$line; exit 3")
        await seen(ui, "21 80")
        assert "you type into it" in ui.text("rule")
        await ui.type("q")
        await ui.press("enter")
        await seen(ui, "got-q")
        await seen(ui, "ended, exit 3")
        assert "you type" not in ui.text("rule")
        await ui.press("enter")
        assert ui.top() is not page


async def test_its_keys_are_a_page() -> None:
    async with running_app() as ui:
        page = await opened(ui, "sh", "-c", "echo ready; read line")
        await seen(ui, "ready")
        await ui.press(STOP, "question_mark")
        assert "stop typing; every other key goes to the program" in ui.text("page")
        await ui.press("escape")
        assert ui.top() is page


async def test_leaving_asks_while_it_runs_and_ends_it() -> None:
    async with running_app((80, 24)) as ui:
        page = await opened(ui, "sh", "-c", "echo pid-$$-; exec sleep 600")
        await seen(ui, "pid-")
        pid = int(ui.painted().split("pid-")[1].split("-")[0])
        await ui.press(STOP, "escape")
        assert isinstance(ui.top(), ConfirmDialog)
        assert "what it has not saved is lost" in " ".join(ui.screen_text().split())
        await ui.press("n")
        assert ui.top() is page
        await ui.press("escape", "y")
        await ui.wait_for(lambda: not Path(f"/proc/{pid}/stat").exists(), "the end of it")


async def test_a_program_draws_nothing_outside_its_page() -> None:
    async with running_app((80, 24)) as ui:
        await opened(ui, "printf", r"\033]0;evil\007\033[999;1Hcorner\033]52;c;aGk=\007")
        await seen(ui, "corner")
        await seen(ui, "ended, exit 0")
        assert "evil" not in ui.painted()


@pytest.fixture
def virsh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virsh that only waits for a line, and a state folder of the test's own."""
    script = tmp_path / "virsh"
    script.write_text("#!/bin/sh\necho virsh-runs\nread line\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return script


async def test_what_virsh_edit_replaces_is_in_the_history(virsh: Path) -> None:
    document = Document(Kind.DOMAIN, fleet.key(NAME), NAME)
    async with running_app((100, 30)) as ui:
        ui.backend.definitions[document] = DocumentText(document, "<domain>old</domain>")
        ui.put_cursor(NAME)
        await ui.press("colon")
        await ui.type(f"virsh edit {NAME}")
        await ui.press("enter")
        assert isinstance(ui.top(), VirshEditScreen)
        await seen(ui, "virsh-runs")
        ui.backend.definitions[document] = DocumentText(document, "<domain>new</domain>")
        await ui.press("enter")
        await seen(ui, "the old one is in its history")
        (version,) = definition_history.versions_of(document)
        assert definition_history.text(version) == "<domain>old</domain>"


async def test_virsh_edit_is_not_started_where_nothing_could_be_kept(virsh: Path) -> None:
    async with running_app((100, 30)) as ui:
        ui.put_cursor(NAME)
        await ui.press("colon")
        await ui.type(f"virsh edit {NAME}")
        await ui.press("enter")
        await seen(ui, "nothing was started")
        assert "virsh-runs" not in ui.painted()


def test_options_are_no_names() -> None:
    assert names_of(["web-01"]) == ["web-01"]
    assert names_of(["--domain", "web-01", "--skip-validate"]) == ["web-01"]
    assert names_of(["--domain=web-01", "--snapshotname", "s1"]) == ["web-01", "s1"]


async def test_ssh_refuses_options_and_keeps_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "ssh"
    script.write_text('#!/bin/sh\necho "args: $*"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with running_app((100, 30)) as ui:
        (inventory,) = [one for one in fleet.inventories() if fleet.key(NAME).host == one.host.id]
        uuid = fleet.key(NAME).uuid
        domain = replace(inventory.domains[uuid], tags=("web",), addresses=("10.0.0.5",))
        await ui.publish(replace(inventory, domains={**inventory.domains, uuid: domain}))
        ui.put_cursor(NAME)
        await ui.press("colon")
        await ui.type("ssh")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), SshDialog), "the form")
        await ui.press("ctrl+u")
        await ui.type("-root")
        assert "no dash first" in ui.screen_text()
        await ui.press("ctrl+u")
        await ui.type("admin")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.top(), TerminalProgramScreen), "the page")
        await seen(ui, "args: -p 22 -l admin -- 10.0.0.5")
    kept = json.loads((tmp_path / "state" / "virttui" / "ssh-logins.json").read_text())
    assert kept == {"tag web": {"user": "admin", "port": 22}}
