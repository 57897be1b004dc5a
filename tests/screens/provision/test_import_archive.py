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


async def line(made: RunningApp, text: str) -> None:
    await made.press("colon")
    await made.type(text)
    await made.press("enter")


async def form(made: RunningApp, file: Path) -> None:
    """The form for a file, on the first host."""
    await line(made, f"import {file}")
    await made.wait_for(lambda: isinstance(made.app.screen, PickerDialog), "the hosts")
    await made.press("enter")
    await made.wait_for(lambda: isinstance(made.app.screen, ImportDialog), "the form")


def packed(folder: Path) -> Path:
    vmdk(folder)
    (folder / "x.vmx").write_text(VMX.format(disk="a.vmdk"))
    return folder / "x.vmx"


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_a_machine_is_brought_in_by_keys_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    async with running_app(size) as made:
        Host(made.backend)
        await form(made, packed(tmp_path))
        await made.wait_for(lambda: "boots first" in made.painted(), "its fields")
        await made.press("ctrl+u")
        await made.type("brought")
        await made.press("enter")
        await made.wait_for(lambda: "checks" in made.painted(), "the review")
        assert not made.backend.commands, "nothing is made on the way"
        assert "a.vmdk becomes brought.qcow2 on" in made.painted()
        await made.press("enter")
        await made.wait_for(lambda: "boots first" in made.painted(), "back")
        await made.press("enter", "a")
        await made.end()
        assert made.app.screen is made.console
        (command,) = made.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert command.verb is Verb.PROVISION and plan is not None
        assert plan.volumes[0].slice is not None
        assert command.target.name == "brought" and command.target.key.uuid in plan.xml


async def test_esc_makes_nothing_and_what_is_no_machine_is_said(tmp_path: Path) -> None:
    async with running_app() as made:
        Host(made.backend)
        await form(made, packed(tmp_path))
        await made.wait_for(lambda: "boots first" in made.painted(), "its fields")
        await made.press("enter", "escape")
        assert made.app.screen is made.console and not made.backend.commands
        (tmp_path / "x.txt").write_text("hello")
        await made.press("i")
        await made.wait_for(
            lambda: isinstance(made.app.screen, FilePathDialog), "asks for the file"
        )
        await made.press("ctrl+u")
        await made.type(str(tmp_path / "x.txt"))
        await made.press("enter")
        await made.wait_for(lambda: "not an OVA" in made.painted(), "why not")
        assert isinstance(made.app.screen, FilePathDialog), "what is typed next goes into the form"
        assert not made.backend.commands


def unwrapped(text: str) -> str:
    """Text on one line: where it breaks depends on the length of a path."""
    return " ".join(text.split())


async def test_a_file_that_is_not_there_is_said_in_the_form(tmp_path: Path) -> None:
    async with running_app((80, 24)) as made:
        Host(made.backend)
        made.put_cursor("web-01")
        await made.press("i")
        await made.wait_for(
            lambda: isinstance(made.app.screen, FilePathDialog), "asks for the file"
        )
        await made.type(str(tmp_path / "none.ova"))
        await made.press("enter")
        await made.wait_for(lambda: "No such file" in unwrapped(made.text("foot")), "why not")
        await made.type("apSw")
        assert made.app.screen.query_one(Input).value == "apSw"
        assert not made.backend.commands
        await made.press("escape")
        await line(made, f"import {tmp_path}/none.ova")
        await made.wait_for(
            lambda: "No such file" in unwrapped(made.screen_text()), "why not, from the line too"
        )
        assert isinstance(made.app.screen, FilePathDialog) and not made.backend.commands


async def test_paths_are_completed_by_tab(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "up.img").touch()
    (tmp_path / "images" / "up.ova").touch()
    (tmp_path / ".hidden").touch()
    async with running_app((80, 24)) as made:
        Host(made.backend)
        await made.press("i")
        await made.wait_for(
            lambda: isinstance(made.app.screen, FilePathDialog), "asks for the file"
        )
        field = made.app.screen.query_one(Input)
        await made.type(f"{tmp_path}/i")
        await made.press("tab")
        await made.wait_for(lambda: field.value == f"{tmp_path}/images/", "the folder")
        # What is typed before the disk has answered is not lost, and not put elsewhere.
        await made.press("tab", "o")
        await made.wait_for(lambda: field.value == f"{tmp_path}/images/up.o", "what is clear")
        assert "up.img" not in made.text("foot")
        await made.press("tab")
        await made.wait_for(lambda: field.value == f"{tmp_path}/images/up.ova", "the file")
        await made.press("backspace", "backspace", "backspace", "tab")
        await made.wait_for(lambda: "up.img  up.ova" in made.text("foot"), "what there is")


async def test_a_configuration_is_translated_before_it_is_shown(tmp_path: Path) -> None:
    (tmp_path / "box.conf").write_text("lxc.uts.name = box\n")
    async with running_app() as made:
        Host(made.backend)
        await form(made, tmp_path / "box.conf")
        await made.wait_for(lambda: "reads no such" in made.painted(), "why not")
        await made.press("escape")
        Host(made.backend, XML)
        await form(made, tmp_path / "box.conf")
        await made.wait_for(lambda: "start it" in made.painted(), "its fields")
        await made.press("enter")
        await made.wait_for(lambda: "it gets a console" in made.painted(), "the review")
        await made.press("escape")
        assert not made.backend.commands


async def test_a_machine_that_is_off_is_packed(tmp_path: Path) -> None:
    async with running_app() as made:
        off = next(domain.name for domain, _ in fleet.domains() if not domain.state.active)
        on = next(domain.name for domain, _ in fleet.domains() if domain.state.active)
        await line(made, f"archive {on} {tmp_path}/x.vtar")
        await made.wait_for(lambda: "only when off" in made.painted(), "why not")
        made.put_cursor(off)
        await made.press("A")
        await made.wait_for(
            lambda: isinstance(made.app.screen, FilePathDialog), "asks for the file"
        )
        assert f"{off}.vtar" in made.painted() and "with its passwords" in made.painted()
        await made.press("ctrl+u")
        await made.type(str(tmp_path / "y.vtar"))
        await made.press("enter")
        await made.wait_for(lambda: made.backend.commands, "the first command")
        await line(made, f"archive {off} {tmp_path}/z.vtar")
        await made.wait_for(lambda: len(made.backend.commands) == 2, "two commands")
        first, second = made.backend.commands
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
    async with running_app() as made:
        Host(made.backend)
        await line(made, f"import {tmp_path / 'x.vmx'}")
        await made.wait_for(lambda: "by virt-v2v" in made.painted(), "the choice")
        await made.press("down", "enter")
        await made.wait_for(lambda: "to which host" in made.painted(), "the hosts")
        await made.press("enter")
        await made.wait_for(lambda: "to pool" in made.painted(), "its fields")
        folders = list((tmp_path / "state").rglob("virttui-import-*"))
        assert len(folders) == 1
        await made.press("enter")
        await made.wait_for(lambda: "virt-v2v chose its hardware" in made.painted(), "the review")
        await made.press("escape")
        assert not made.backend.commands and not folders[0].exists()
