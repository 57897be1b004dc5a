"""Machines in from files and out into one: nothing is made before the last key."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from tests.appliances.test_open_appliance import v2v_here, vmdk
from tests.arguments import arguments_of
from tests.lab.appliances import VMX
from tests.scenes import fleet
from tests.scenes.results import result_of
from tests.scenes.running_app import RunningApp, ScriptedBackend, running_app
from virttui.appliances import virt_v2v
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.provision.import_form import FilePathDialog, ImportDialog
from virttui.model.commands import ArchiveArguments, Verb
from virttui.model.errors import Unsupported
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.queries import (
    CapabilitiesQuery,
    CapabilitiesResult,
    HostEnvironmentQuery,
    HostEnvironmentResult,
    NativeConfigQuery,
    NativeConfigResult,
    Query,
    VolumesQuery,
    VolumesResult,
)

CAN = HostCapabilities(
    virt="kvm", emulator="/usr/bin/qemu-system-x86_64", machine="pc-q35-7.2",
    machines=("q35", "pc-q35-7.2"), max_vcpus=64, firmwares=frozenset({"bios", "efi"}),
)  # fmt: skip
XML = "<domain type='lxc'><name>box</name><memory>1024</memory><devices/></domain>"


class Host:
    """Answers as a host does; with ``xml`` it translates configurations."""

    def __init__(self, backend: ScriptedBackend, xml: str = "") -> None:
        self._backend, self._xml = backend, xml
        backend.asked = self

    def __call__(self, query: Query) -> None:
        answer = result_of(query)
        if isinstance(query, CapabilitiesQuery):
            answer = CapabilitiesResult(query, capabilities=CAN)
        elif isinstance(query, HostEnvironmentQuery):
            answer = HostEnvironmentResult(query, environment=HostEnvironment(bridges=("br0",)))
        elif isinstance(query, VolumesQuery):
            answer = VolumesResult(query, volumes=fleet.volumes())
        elif isinstance(query, NativeConfigQuery) and self._xml:
            answer = NativeConfigResult(query, xml=self._xml)
        elif isinstance(query, NativeConfigQuery):
            answer = result_of(query, error=Unsupported("libvirt's QEMU driver reads no such"))
        self._backend.publish(answer)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No virt-v2v, whatever is installed here, but where a test brings its own."""
    monkeypatch.setattr(virt_v2v, "PROGRAM", str(tmp_path / "bin" / "virt-v2v"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


async def line(ui: RunningApp, text: str) -> None:
    await ui.press("colon")
    await ui.type(text)
    await ui.press("enter")


async def form(ui: RunningApp, file: Path) -> None:
    """The form for a file, on the first host."""
    await line(ui, f"import {file}")
    await ui.wait_for(lambda: isinstance(ui.app.screen, PickerDialog), "the hosts")
    await ui.press("enter")
    await ui.wait_for(lambda: isinstance(ui.app.screen, ImportDialog), "the form")


def packed(folder: Path) -> Path:
    vmdk(folder)
    (folder / "x.vmx").write_text(VMX.format(disk="a.vmdk"))
    return folder / "x.vmx"


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_machine_is_brought_in_by_keys_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        Host(ui.backend)
        await form(ui, packed(tmp_path))
        await ui.wait_for(lambda: "boots first" in ui.painted(), "its fields")
        await ui.press("ctrl+u")
        await ui.type("brought")
        await ui.press("enter")
        await ui.wait_for(lambda: "checks" in ui.painted(), "the review")
        assert not ui.backend.commands, "nothing is made on the way"
        assert "a.vmdk becomes brought.qcow2 on" in ui.painted()
        await ui.press("enter")
        await ui.wait_for(lambda: "boots first" in ui.painted(), "back")
        await ui.press("enter", "a")
        await ui.end()
        assert ui.app.screen is ui.console
        (command,) = ui.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert command.verb is Verb.PROVISION and plan is not None
        assert plan.volumes[0].slice is not None
        assert command.target.name == "brought" and command.target.key.uuid in plan.xml


async def test_esc_makes_nothing_and_what_is_no_machine_is_said(tmp_path: Path) -> None:
    async with running_app() as ui:
        Host(ui.backend)
        await form(ui, packed(tmp_path))
        await ui.wait_for(lambda: "boots first" in ui.painted(), "its fields")
        await ui.press("enter", "escape")
        assert ui.app.screen is ui.console and not ui.backend.commands
        (tmp_path / "x.txt").write_text("hello")
        await ui.press("i")
        await ui.wait_for(lambda: isinstance(ui.app.screen, FilePathDialog), "asks for the file")
        await ui.press("ctrl+u")
        await ui.type(str(tmp_path / "x.txt"))
        await ui.press("enter")
        await ui.wait_for(lambda: "not an OVA" in ui.painted(), "why not")
        assert isinstance(ui.app.screen, FilePathDialog), "what is typed next goes into the form"
        assert not ui.backend.commands


def unwrapped(text: str) -> str:
    """Text on one line: where it breaks depends on the length of a path."""
    return " ".join(text.split())


async def test_a_file_that_is_not_there_is_said_in_the_form(tmp_path: Path) -> None:
    async with running_app((80, 24)) as ui:
        Host(ui.backend)
        ui.put_cursor("web-01")
        await ui.press("i")
        await ui.wait_for(lambda: isinstance(ui.app.screen, FilePathDialog), "asks for the file")
        await ui.type(str(tmp_path / "none.ova"))
        await ui.press("enter")
        await ui.wait_for(lambda: "No such file" in unwrapped(ui.text("foot")), "why not")
        await ui.type("apSw")
        assert ui.app.screen.query_one(Input).value == "apSw"
        assert not ui.backend.commands
        await ui.press("escape")
        await line(ui, f"import {tmp_path}/none.ova")
        await ui.wait_for(
            lambda: "No such file" in unwrapped(ui.screen_text()), "why not, from the line too"
        )
        assert isinstance(ui.app.screen, FilePathDialog) and not ui.backend.commands


async def test_paths_are_completed_by_tab(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "up.img").touch()
    (tmp_path / "images" / "up.ova").touch()
    (tmp_path / ".hidden").touch()
    async with running_app((80, 24)) as ui:
        Host(ui.backend)
        await ui.press("i")
        await ui.wait_for(lambda: isinstance(ui.app.screen, FilePathDialog), "asks for the file")
        field = ui.app.screen.query_one(Input)
        await ui.type(f"{tmp_path}/i")
        await ui.press("tab")
        await ui.wait_for(lambda: field.value == f"{tmp_path}/images/", "the folder")
        # What is typed before the disk has answered is not lost, and not put elsewhere.
        await ui.press("tab", "o")
        await ui.wait_for(lambda: field.value == f"{tmp_path}/images/up.o", "what is clear")
        assert "up.img" not in ui.text("foot")
        await ui.press("tab")
        await ui.wait_for(lambda: field.value == f"{tmp_path}/images/up.ova", "the file")
        await ui.press("backspace", "backspace", "backspace", "tab")
        await ui.wait_for(lambda: "up.img  up.ova" in ui.text("foot"), "what there is")


async def test_a_configuration_is_translated_before_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "box.conf").write_text("lxc.uts.name = box\n")
    async with running_app() as ui:
        Host(ui.backend)
        await form(ui, tmp_path / "box.conf")
        await ui.wait_for(lambda: "reads no such" in ui.painted(), "why not")
        await ui.press("escape")
        Host(ui.backend, XML)
        await form(ui, tmp_path / "box.conf")
        await ui.wait_for(lambda: "start it" in ui.painted(), "its fields")
        await ui.press("enter")
        await ui.wait_for(lambda: "it gets a console" in ui.painted(), "the review")
        await ui.press("escape")
        assert not ui.backend.commands


async def test_a_machine_that_is_off_is_packed(tmp_path: Path) -> None:
    async with running_app() as ui:
        off = next(domain.name for domain, _ in fleet.domains() if not domain.state.active)
        on = next(domain.name for domain, _ in fleet.domains() if domain.state.active)
        await line(ui, f"archive {on} {tmp_path}/x.vtar")
        await ui.wait_for(lambda: "only when off" in ui.painted(), "why not")
        ui.put_cursor(off)
        await ui.press("A")
        await ui.wait_for(lambda: isinstance(ui.app.screen, FilePathDialog), "asks for the file")
        assert f"{off}.vtar" in ui.painted() and "with its passwords" in ui.painted()
        await ui.press("ctrl+u")
        await ui.type(str(tmp_path / "y.vtar"))
        await ui.press("enter")
        await ui.wait_for(lambda: ui.backend.commands, "the first command")
        await line(ui, f"archive {off} {tmp_path}/z.vtar")
        await ui.wait_for(lambda: len(ui.backend.commands) == 2, "two commands")
        first, second = ui.backend.commands
        assert first.verb is second.verb is Verb.ARCHIVE
        assert (first.target.name, arguments_of(first, ArchiveArguments).file) == (
            off,
            str(tmp_path / "y.vtar"),
        )
        assert (second.target.name, arguments_of(second, ArchiveArguments).file) == (
            off,
            str(tmp_path / "z.vtar"),
        )


async def test_virt_v2v_is_a_choice_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    v2v_here(tmp_path, monkeypatch, "makes")
    async with running_app() as ui:
        Host(ui.backend)
        await line(ui, f"import {tmp_path / 'x.vmx'}")
        await ui.wait_for(lambda: "by virt-v2v" in ui.painted(), "the choice")
        await ui.press("down", "enter")
        await ui.wait_for(lambda: "to which host" in ui.painted(), "the hosts")
        await ui.press("enter")
        await ui.wait_for(lambda: "to pool" in ui.painted(), "its fields")
        folders = list((tmp_path / "state").rglob("virttui-import-*"))
        assert len(folders) == 1
        await ui.press("enter")
        await ui.wait_for(lambda: "virt-v2v chose its hardware" in ui.painted(), "the review")
        await ui.press("escape")
        assert not ui.backend.commands and not folders[0].exists()
