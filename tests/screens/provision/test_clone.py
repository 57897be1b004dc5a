"""Clones: one form, one look at what will be created, and nothing made before the last key."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, ScriptedBackend, running_app
from virttui.modals.provision.clone_form import CloneDomainDialog
from virttui.modals.provision.review import ReviewDialog
from virttui.model.commands import Verb
from virttui.model.errors import TimedOut
from virttui.model.identity import ObjectId
from virttui.model.inventory import Pool
from virttui.model.provision.clone import CloneSource, SourceDisk
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.queries import CloneSourceQuery, CloneSourceResult, Query
from virttui.model.tasks import Progress, Task, TaskState

GIB = 1024**3
XML = """\
<domain type='kvm'>
  <name>old-wiki</name>
  <uuid>0f0e0d0c-1111-4222-8333-444455556666</uuid>
  <devices>
    <disk type='file' device='disk'>
      <source file='/images/old-wiki.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:11:22:33'/>
      <source network='default'/>
    </interface>
    <graphics type='vnc' passwd='hush'/>
  </devices>
</domain>
"""


def pools() -> list[Pool]:
    return [pool for one in fleet.inventories() for pool in one.pools.values() if pool.active]


def source(
    key: ObjectId, name: str, disks: tuple[SourceDisk, ...] | None = None, **rest: Any
) -> CloneSource:
    pool = next(pool for pool in pools() if pool.key.host == key.host)
    disk = SourceDisk(
        "vda", "disk", "/images/old-wiki.qcow2", "qcow2", "qcow2", pool.key, pool.name, "dir",
        "old-wiki.qcow2", 10 * GIB, 1024, live=True,
    )  # fmt: skip
    return CloneSource(key, name, XML, disks=(disk,) if disks is None else disks, **rest)


def knowing(backend: ScriptedBackend, fails: bool = False, **rest: Any) -> None:
    """Answer as a host does, or in vain."""

    def answer(query: Query) -> None:
        backend.queries.append(query)
        if not isinstance(query, CloneSourceQuery):
            backend.publish(backend.answer(query))
        elif fails:
            backend.publish(CloneSourceResult(query, error=TimedOut("kvm01 does not answer")))
        else:
            backend.publish(CloneSourceResult(query, source=source(query.key, "old-wiki", **rest)))

    backend.asked = answer


async def form(ui: RunningApp, *keys: str) -> None:
    ui.put_cursor("old-wiki")
    await ui.press(*keys or ("C",))
    await ui.wait_for(lambda: isinstance(ui.app.screen, CloneDomainDialog), "the form")
    await ui.wait_for(lambda: "esc" in ui.text("keys"), "its fields")
    await ui.settle()


async def test_a_clone_needs_no_more_than_its_two_keys() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui)
        assert ui.app.screen.query_one(Input).value == "old-wiki-clone"
        assert "full to" in ui.text("foot") and "new for each" in ui.text("foot")
        await ui.press("enter")
        assert isinstance(ui.top(), ReviewDialog), ui.screen_text()
        assert ui.backend.commands == [], "nothing is made before it was looked at"
        assert "old-wiki-clone.qcow2" in ui.text("body")
        await ui.press("a")
        (command,) = ui.backend.commands
        assert command.verb is Verb.PROVISION and command.target.name == "old-wiki-clone"
        plan = arguments_of(command, ProvisionPlan)
        assert plan is not None and "passwd='hush'" in plan.xml
        assert "virt-clone" in arguments_of(
            command, ProvisionPlan
        ).equivalent_command and "hush" not in repr(command)


async def test_a_pattern_makes_many_and_a_base_of_the_source_first() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui)
        await ui.press("ctrl+u")
        await ui.type("w-")
        await ui.press("left_curly_bracket")
        ui.app.screen.query_one(Input).value = "w-{01..03}"
        await ui.settle()
        assert "3 clones" in ui.screen_text()
        await ui.press("shift+tab")
        await ui.type("linked")
        await ui.press("enter")
        assert "continues on old-wiki-own.qcow2" in ui.text("body"), ui.screen_text()
        assert "hush" not in ui.text("body")
        await ui.press("a")
        verbs = [command.verb for command in ui.backend.commands]
        assert verbs == [Verb.PROVISION] * 4
        assert ui.backend.paces[-1].stop_at_failure and ui.backend.paces[-1].one_by_one
        first = arguments_of(ui.backend.commands[0], ProvisionPlan)
        assert first.replaces_xml == XML and "old-wiki-own.qcow2" in first.xml
        macs = {arguments_of(one, ProvisionPlan).xml.partition("<mac address='")[2][:17]
                for one in ui.backend.commands[1:]}  # fmt: skip
        assert len(macs) == 3


async def test_what_cannot_be_is_said_and_goes_nowhere() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui)
        await ui.press("ctrl+u")
        await ui.type("gitlab")
        assert "has a domain called gitlab already" in ui.text("foot")
        await ui.press("enter")
        assert isinstance(ui.top(), CloneDomainDialog)
        await ui.press("escape")
        assert ui.top() is ui.console and ui.backend.commands == []


async def test_back_from_the_review_keeps_what_was_typed() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui)
        await ui.press("ctrl+u")
        await ui.type("shop")
        await ui.press("enter", "escape")
        await ui.wait_for(lambda: "esc" in ui.text("keys"), "the form again")
        await ui.settle()
        assert ui.app.screen.query_one(Input).value == "shop"


async def test_a_host_that_does_not_answer_is_named() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend, fails=True)
        await form(ui)
        assert "kvm01 does not answer" in ui.screen_text()


async def test_the_line_fills_in_the_new_name() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        await form(ui, "colon", *"clone", "space", *"old", "minus", *"wiki", "space", *"shop",
                   "enter")  # fmt: skip
        assert ui.app.screen.query_one(Input).value == "shop"


async def test_more_disks_than_lines_can_all_be_reached() -> None:
    async with running_app((80, 24)) as ui:
        knowing(ui.backend)
        pool = pools()[0]
        many = [
            SourceDisk(f"vd{letter}", "disk", f"/images/{letter}.raw", "raw", "raw", pool.key,
                       pool.name, "dir", f"{letter}.raw", GIB, 1)
            for letter in "abcdefghijklmnop"
        ]  # fmt: skip
        knowing(ui.backend, disks=many)
        await form(ui)
        for _ in range(3 + len(many) - 1):
            await ui.press("down")
            assert "Cancel" in ui.painted(), "the buttons stay in view"
        assert "vdp" in ui.painted()


async def test_a_wide_page_lists_what_will_be_made_beside_the_fields() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui)
        ui.app.screen.query_one(Input).value = "w-{01..30}"
        await ui.settle()
        shown = ui.painted()
        assert "30 domains, 30 volumes" in shown and "vda w-02.qcow2 in" in shown
        assert "all on the next page" in shown and "no rate was measured yet" in shown
        assert "30 names are free on kvm01" in shown
        assert "[ ] machine-id" in shown and "nothing here resets it" in shown
        ui.app.screen.query_one(Input).value = "gitlab"
        await ui.settle()
        assert "has a domain called gitlab already" in ui.painted()
        await ui.press("f2")
        assert isinstance(ui.top(), CloneDomainDialog), "nothing to go on to"
        ui.app.screen.query_one(Input).value = "w-1"
        await ui.settle()
        await ui.press("f2")
        assert isinstance(ui.top(), ReviewDialog)


async def test_the_page_follows_the_terminal_and_says_how_long_a_copy_takes() -> None:
    async with running_app((120, 36)) as ui:
        knowing(ui.backend)
        await form(ui, "C")
        await ui.press("enter", "a")
        (command,) = ui.backend.commands
        at = ui.app.clock.monotonic()
        task = Task(100, command, TaskState.DONE, at, 0.0, at, progress=Progress(9, 9, 1024.0))
        ui.backend.publish(task)
        await ui.press("escape")
        await form(ui, "C")
        assert "about 1 s at 1.0K/s, the rate of the last copy" in " ".join(ui.painted().split())
        await ui.pilot.resize_terminal(60, 20)
        await ui.settle()
        assert "what will be created" not in ui.painted() and "esc Cancel" in ui.painted()
