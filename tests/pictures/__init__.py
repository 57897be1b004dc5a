"""The pictures of the README: the real app on the invented fleet of ``tests.scenes.fleet``.

``scripts/screenshots`` takes them. Clocks, figures and this machine's load stand still, so that a
picture changes only when the app does.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from tests.pictures.outlines import outlined
from tests.scenes import domain_page, xml_editor
from tests.scenes import fleet as fleet_scene
from tests.scenes.create_wizard import Host, at, opened
from tests.scenes.running_app import FixedClock, RunningApp, running_app
from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import DocumentText
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.errors import Refused, TimedOut
from virttui.model.identity import Kind, ObjectId
from virttui.model.messages import FleetMessage
from virttui.model.provision.checks import WizardStep
from virttui.model.queries import DiagnosisQuery, DiagnosisResult
from virttui.model.tasks import Task, TaskState

Pose = Callable[[RunningApp], Awaitable[None]]


def fleet() -> list[FleetMessage]:
    """Three hosts with tasks and events."""
    return [*fleet_scene.inventories(), *fleet_scene.tasks(), *fleet_scene.host_events()]


def silent() -> list[FleetMessage]:
    """The same, one host not answering."""
    one, two, three = fleet_scene.inventories()
    return [one, fleet_scene.silent(two), three, *fleet_scene.tasks(), *fleet_scene.host_events()]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the file's name, the size in cells, what is pressed, and settings."""

    name: str
    pose: Pose
    size: tuple[int, int] = (120, 36)
    messages: Callable[[], list[FleetMessage]] = fleet
    settings: dict[str, Any] = field(default_factory=dict)


async def _table(it: RunningApp) -> None:
    """The cursor on a busy database, two more marked."""
    for name in ("ci-runner-01", "ci-runner-02"):
        it.put_cursor(name)
        await it.press("space")
    it.put_cursor("db-primary-01")


def _pane(*keys: str) -> Pose:
    async def pose(it: RunningApp) -> None:
        await it.press(*keys)

    return pose


async def _storage(it: RunningApp) -> None:
    it.backend.volumes = fleet_scene.volumes()
    await it.press("3", "j", "enter")


async def _help(it: RunningApp) -> None:
    it.put_cursor("db-primary-01")
    await it.press("question_mark")


async def _confirm(it: RunningApp) -> None:
    it.put_cursor("db-primary-01")
    await it.press("D")


async def _bulk(it: RunningApp) -> None:
    await it.press("slash")
    await it.type("web-")
    await it.press("enter", "asterisk", "S")


async def _filter(it: RunningApp) -> None:
    await it.press("slash")
    await it.type("cpu>40")


async def _details(it: RunningApp) -> None:
    it.put_cursor(domain_page.NAME)
    await it.press("enter")
    await it.publish(domain_page.details())


async def _why(it: RunningApp) -> None:
    """A failed start, explained beside its task."""
    said = "Cannot access storage file '/srv/backup/crm.qcow2': No such file or directory"
    trouble = Refused("a file it needs is not there", libvirt_message=said)
    target = Target(Kind.DOMAIN, fleet_scene.key("legacy-crm-2011"), "legacy-crm-2011")
    command = Command(Verb.START, target)
    times = (fleet_scene.NOW - 1, fleet_scene.EPOCH - 1, fleet_scene.NOW - 0.6)
    failed = Task(7, command, TaskState.FAILED, *times, trouble=trouble)
    await it.publish(failed)
    log = (
        "2026-01-31 02:31:12.006+0000: starting up libvirt version: 10.0.0",
        "2026-01-31 02:46:40.551+0000: block device 'drive-virtio-disk0': I/O error",
        "2026-01-31 02:46:57.902+0000: qemu-system-x86_64: terminating on signal 15 from pid 1",
        "2026-01-31 02:46:58.114+0000: shutting down, reason=crashed",
    )
    query = it.backend.queries_of(DiagnosisQuery)[-1]
    await it.publish(DiagnosisResult(query, diagnosis=Diagnosis(log, "its log", ())))
    await it.press("5")
    it.view_state.view.cursor.jump(ObjectId("kvm01", "task 7"), it.view_state.height)


async def _batch(it: RunningApp) -> None:
    """Several shut down, one of them failed."""
    await it.press("slash")
    await it.type("k8s")
    await it.press("enter", "asterisk", "S", "y")
    trouble = TimedOut("has not shut down after 90 s", advice="D forces it off")
    states = [TaskState.FAILED, TaskState.DONE, TaskState.DONE, TaskState.RUNNING]
    for number, command in enumerate(it.backend.commands):
        state = states[number % len(states)]
        ended = fleet_scene.NOW if state.ended else None
        failed = state is TaskState.FAILED
        times = (fleet_scene.NOW - 6 - number, fleet_scene.EPOCH - 6, ended)
        words = "is off" if state is TaskState.DONE else "asked, no answer yet"
        task = Task(100 + number, command, state, *times, words, trouble if failed else None, 7)
        await it.publish(task)


async def _workbench(it: RunningApp) -> xml_editor.OpenEditor:
    """A definition with a slip in it, on the line where completions are offered."""
    document = xml_editor.document()
    backend = it.backend
    backend.knowledge = xml_editor.KNOWN
    backend.definitions[document] = DocumentText(document, xml_editor.XML, xml_editor.RUNNING)
    it.put_cursor(xml_editor.NAME)
    await it.press("x")
    page = xml_editor.OpenEditor(it, FixedClock())
    await it.wait_for(lambda: bool(page.editor.text), "the definition")
    await page.retype("bus='virtio'", "buss='virtio'")
    await page.retype("<model type='virtio'/>", "<model type=''/>")
    await page.studied()
    return page


async def _editor(it: RunningApp) -> None:
    page = await _workbench(it)
    page.put_cursor("<model type='")
    await it.press("tab")
    await it.wait_for(lambda: page.popup.display, "completions")


async def _review(it: RunningApp) -> None:
    page = await _workbench(it)
    await page.retype("buss='virtio'", "bus='virtio'")
    await page.retype("<model type=''/>", "<model type='e1000e'/>")
    await page.retype("8388608</memory>", "16777216</memory>")
    await page.retype("Shop, first", "Shop, front")
    await page.review()


async def _new_domain(it: RunningApp) -> None:
    """A cloud image, its disk and a second one."""
    Host(it.backend)
    await opened(it)
    await it.type("cloud")
    await it.press("tab", "ctrl+u")
    await it.type("default/base-debian12.qcow2")
    await it.press("enter")
    await at(it, WizardStep.WHERE)
    await it.press("ctrl+u")
    await it.type("web-05")
    await it.press("tab")
    await it.type("web tier")
    for view_state in (WizardStep.SYSTEM, WizardStep.SIZE, WizardStep.DISKS):
        await it.press("enter")
        await at(it, view_state)


async def _new_disks(it: RunningApp) -> None:
    await _new_domain(it)
    await it.press("f5")


async def _new_review(it: RunningApp) -> None:
    await _new_domain(it)
    await it.press("f2")
    await at(it, WizardStep.REVIEW)


PICTURES = (
    Picture("domains", _table),
    Picture("domains-80x24", _table, (80, 24)),
    Picture("domains-200x60", _table, (200, 60)),
    Picture("domains-light", _table, settings={"theme": "light"}),
    Picture("domains-ansi", _table, settings={"theme": "ansi"}),
    Picture("domains-nocolour", _table, settings={"theme": "none"}),
    Picture("domains-ascii", _table, (80, 24), settings={"theme": "none", "glyphs": "ascii"}),
    Picture("filter", _filter),
    Picture("host-silent", _table, messages=silent),
    Picture("networks", _pane("2")),
    Picture("storage", _storage),
    Picture("hosts", _pane("4")),
    Picture("tasks", _pane("5")),
    Picture("events", _pane("6")),
    Picture("help", _help),
    Picture("confirm", _confirm),
    Picture("confirm-bulk", _bulk),
    Picture("details", _details),
    Picture("why", _why),
    Picture("batch", _batch),
    Picture("attention", _pane("ctrl+z")),
    Picture("groups", _pane("b", "h")),
    Picture("xml", _editor),
    Picture("xml-review", _review),
    Picture("new-domain", _new_disks),
    Picture("new-domain-80x24", _new_disks, (80, 24)),
    Picture("new-review", _new_review),
)


async def take(builder: Picture) -> str:
    """One picture as SVG, free of fonts and of anything fetched from elsewhere."""
    numbers, new_ids = Random(7), "virttui.planning.new_ids"
    with (
        tempfile.TemporaryDirectory() as own,
        patch(f"{new_ids}.uuid4", lambda: UUID(int=numbers.getrandbits(128), version=4)),
        patch(f"{new_ids}.free_mac", lambda _: f"52:54:00:7d:02:{numbers.randrange(16, 99)}"),
    ):
        # No picture knows what was done before, least of all by the user.
        os.environ["XDG_STATE_HOME"] = own
        async with running_app(builder.size, builder.messages(), **builder.settings) as it:
            await builder.pose(it)
            await it.settle()
            it.app.update_screen()
            await it.pilot.pause()
            await it.settle()
            svg = it.app.export_screenshot(title="virttui", simplify=True)
            return outlined(svg, builder.size, f"VirtTUI: {builder.name}")
