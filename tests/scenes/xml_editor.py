"""The workbench on a scripted host: definitions, and words for what is done to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.modals.base.chooser import PickerDialog
from virttui.model.commands import Command
from virttui.model.documents import Document, DocumentText, HostValues, Option
from virttui.model.errors import OperationError
from virttui.model.identity import Kind
from virttui.model.tasks import Task, TaskState
from virttui.panes.xml_editor.frame import EditorTab
from virttui.screens.xml_editor.screen import XmlEditorScreen
from virttui.widgets.editor import Editor
from virttui.widgets.line_view import LineView

NAME = "web-01"
SECRET = "Corr3ct-horse"
XML = f"""\
<domain type='kvm'>
  <name>web-01</name>
  <uuid>{fleet.key(NAME).uuid}</uuid>
  <title>Shop, first</title>
  <memory unit='KiB'>8388608</memory>
  <currentMemory unit='KiB'>8388608</currentMemory>
  <vcpu placement='static'>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-8.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/srv/default/web-01.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:06'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes' passwd='{SECRET}'/>
    <video>
      <model type='virtio'/>
    </video>
  </devices>
</domain>
"""
OFF = XML
RUNNING = XML.replace("<domain type='kvm'>", "<domain type='kvm' id='6'>").replace(
    "<source network='default'/>", "<source network='default'/>\n      <target dev='vnet6'/>"
)
KNOWN = HostValues(
    {
        "devices/interface[type=network]/source@network": (Option("default"), Option("lab")),
        "devices/interface/model@type": (Option("virtio", "paravirtual"), Option("e1000e")),
    },
    frozenset({"devices/interface[type=network]/source@network"}),
    "QEMU 8.2 on kvm01",
)


def document(name: str = NAME, kind: Kind = Kind.DOMAIN) -> Document:
    """A domain of the scene as a document."""
    return Document(kind, fleet.key(name), name)


def retitled(xml: str = XML, title: str = "Shop, second") -> str:
    """The definition with another title."""
    return xml.replace("Shop, first", title)


@dataclass
class OpenEditor:
    """An open XML editor, in a running app."""

    ui: RunningApp
    clock: FixedClock

    @property
    def screen(self) -> XmlEditorScreen:
        screen = next(s for s in self.ui.app.screen_stack if isinstance(s, XmlEditorScreen))
        assert isinstance(screen, XmlEditorScreen)
        return screen

    @property
    def editor(self) -> Editor:
        return self.screen.state.stored.editor

    @property
    def leaf(self) -> EditorTab:
        return self.screen.state.tab

    @property
    def popup(self) -> LineView:
        return self.screen.query_one("#offer", LineView)

    @property
    def answer(self) -> str:
        return self.ui.text("answer")

    def script(self, stored: str, live: str = "", **more: Any) -> None:
        """What libvirt tells of the document from now on."""
        document = self.screen.state.buffer.document
        self.ui.backend.definitions[document] = DocumentText(document, stored, live, **more)

    def fail(self, trouble: OperationError) -> None:
        """Libvirt tells of nothing but trouble."""
        self.ui.backend.definitions[self.screen.state.buffer.document] = trouble

    async def pass_time(self, seconds: float = 2.5) -> None:
        """Let time go on: what is stored is read again, drafts are kept."""
        self.clock.moved += seconds
        self.ui.app.update_screen()
        await self.ui.settle()

    async def read_again(self, stored: str, live: str = "", **more: Any) -> None:
        """Somebody else writes, and it is read."""
        self.script(stored, live, **more)
        await self.pass_time()

    async def studied(self) -> None:
        """Wait until the text on the screen was looked through."""
        sheet = self.screen.state.pane
        await self.ui.wait_for(
            lambda: sheet.view.analysis.text == sheet.editor.text, "the text to be looked through"
        )
        await self.ui.settle()

    def put_cursor(self, words: str, after: bool = True) -> None:
        """The cursor before or behind the first place where words stand."""
        place = self.editor.text.index(words) + (len(words) if after else 0)
        self.editor.go_to(*self.editor.at(place))

    async def retype(self, old: str, new: str) -> None:
        """Take words away with backspace and type others."""
        self.put_cursor(old)
        await self.ui.press(*["backspace"] * len(old))
        await self.ui.type(new)

    async def review(self) -> None:
        """f2, until the review is there."""
        await self.ui.press("f2")
        await self.shows(EditorTab.REVIEW)

    async def shows(self, leaf: EditorTab) -> None:
        await self.ui.wait_for(lambda: self.leaf is leaf, f"the leaf {leaf}")
        await self.ui.frame()
        await self.ui.settle()

    @property
    def command(self) -> Command:
        """The one command that was given."""
        (command,) = self.ui.backend.commands
        return command

    async def ends(
        self, state: TaskState, words: str = "", trouble: OperationError | None = None
    ) -> None:
        """The task of the newest command ends."""
        number = self.ui.backend.numbers - 1
        command = self.ui.backend.commands[-1]
        now = fleet.NOW + self.clock.moved
        await self.ui.publish(Task(number, command, state, now, fleet.EPOCH, now, words, trouble))
        await self.ui.settle()


@asynccontextmanager
async def workbench(
    stored: str | OperationError = XML,
    live: str = "",
    size: tuple[int, int] = (120, 36),
    *,
    wait: bool = True,
    knowledge: HostValues | None = KNOWN,
    definition: dict[str, Any] | None = None,
    **changes: Any,
) -> AsyncIterator[OpenEditor]:
    """The workbench opened by ``x`` on web-01; with ``wait`` its definition was read."""
    clock = FixedClock()
    async with running_app(size, clock=clock, **changes) as ui:
        of = document()
        if isinstance(stored, str):
            ui.backend.definitions[of] = DocumentText(of, stored, live, **(definition or {}))
        else:
            ui.backend.definitions[of] = stored
        ui.backend.knowledge = knowledge
        yield await opened(ui, clock, wait=wait)


async def opened(
    ui: RunningApp, clock: FixedClock, name: str = NAME, *, wait: bool = True
) -> OpenEditor:
    """``x`` on a domain."""
    ui.put_cursor(name)
    await ui.press("x")
    page = OpenEditor(ui, clock)
    if wait:
        await ui.wait_for(lambda: page.screen.state.buffer.definition, "the definition")
        await ui.settle()
    return page


async def offered(ui: RunningApp) -> PickerDialog[object]:
    """Wait for the offer of a draft."""
    await ui.wait_for(lambda: isinstance(ui.app.screen, PickerDialog), "the offer of a draft")
    await ui.settle()
    sheet = ui.app.screen
    assert isinstance(sheet, PickerDialog)
    return sheet


def at(definition: DocumentText, **changes: Any) -> DocumentText:
    """A definition with something else about it."""
    return replace(definition, **changes)
