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

    def told(query: Query) -> None:
        backend.queries.append(query)
        if not isinstance(query, CloneSourceQuery):
            backend.publish(backend.answer(query))
        elif fails:
            backend.publish(CloneSourceResult(query, error=TimedOut("kvm01 does not answer")))
        else:
            backend.publish(CloneSourceResult(query, source=source(query.key, "old-wiki", **rest)))

    backend.asked = told


async def form(made: RunningApp, *keys: str) -> None:
    made.put_cursor("old-wiki")
    await made.press(*keys or ("C",))
    await made.wait_for(lambda: isinstance(made.app.screen, CloneDomainDialog), "the form")
    await made.wait_for(lambda: "esc" in made.text("keys"), "its fields")
    await made.settle()


async def test_a_clone_needs_no_more_than_its_two_keys() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made)
        assert made.app.screen.query_one(Input).value == "old-wiki-clone"
        assert "full to" in made.text("foot") and "new for each" in made.text("foot")
        await made.press("enter")
        assert isinstance(made.top(), ReviewDialog), made.screen_text()
        assert made.backend.commands == [], "nothing is made before it was looked at"
        assert "old-wiki-clone.qcow2" in made.text("body")
        await made.press("a")
        (command,) = made.backend.commands
        assert command.verb is Verb.PROVISION and command.target.name == "old-wiki-clone"
        plan = arguments_of(command, ProvisionPlan)
        assert plan is not None and "passwd='hush'" in plan.xml
        assert "virt-clone" in arguments_of(
            command, ProvisionPlan
        ).equivalent_command and "hush" not in repr(command)


async def test_a_pattern_makes_many_and_a_base_of_the_source_first() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made)
        await made.press("ctrl+u")
        await made.type("w-")
        await made.press("left_curly_bracket")
        made.app.screen.query_one(Input).value = "w-{01..03}"
        await made.settle()
        assert "3 clones" in made.screen_text()
        await made.press("shift+tab")
        await made.type("linked")
        await made.press("enter")
        assert "continues on old-wiki-own.qcow2" in made.text("body"), made.screen_text()
        assert "hush" not in made.text("body")
        await made.press("a")
        verbs = [command.verb for command in made.backend.commands]
        assert verbs == [Verb.PROVISION] * 4
        assert made.backend.paces[-1].stop_at_failure and made.backend.paces[-1].one_by_one
        first = arguments_of(made.backend.commands[0], ProvisionPlan)
        assert first.replaces_xml == XML and "old-wiki-own.qcow2" in first.xml
        macs = {arguments_of(one, ProvisionPlan).xml.partition("<mac address='")[2][:17]
                for one in made.backend.commands[1:]}  # fmt: skip
        assert len(macs) == 3


async def test_what_cannot_be_is_said_and_goes_nowhere() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made)
        await made.press("ctrl+u")
        await made.type("gitlab")
        assert "has a domain called gitlab already" in made.text("foot")
        await made.press("enter")
        assert isinstance(made.top(), CloneDomainDialog)
        await made.press("escape")
        assert made.top() is made.console and made.backend.commands == []


async def test_back_from_the_review_keeps_what_was_typed() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made)
        await made.press("ctrl+u")
        await made.type("shop")
        await made.press("enter", "escape")
        await made.wait_for(lambda: "esc" in made.text("keys"), "the form again")
        await made.settle()
        assert made.app.screen.query_one(Input).value == "shop"


async def test_a_host_that_does_not_answer_is_named() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend, fails=True)
        await form(made)
        assert "kvm01 does not answer" in made.screen_text()


async def test_the_line_fills_in_the_new_name() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        await form(made, "colon", *"clone", "space", *"old", "minus", *"wiki", "space", *"shop",
                   "enter")  # fmt: skip
        assert made.app.screen.query_one(Input).value == "shop"


async def test_more_disks_than_lines_can_all_be_reached() -> None:
    async with running_app((80, 24)) as made:
        knowing(made.backend)
        pool = pools()[0]
        many = [
            SourceDisk(f"vd{letter}", "disk", f"/images/{letter}.raw", "raw", "raw", pool.key,
                       pool.name, "dir", f"{letter}.raw", GIB, 1)
            for letter in "abcdefghijklmnop"
        ]  # fmt: skip
        knowing(made.backend, disks=many)
        await form(made)
        for _ in range(3 + len(many) - 1):
            await made.press("down")
            assert "Cancel" in made.painted(), "the buttons stay in view"
        assert "vdp" in made.painted()


async def test_a_wide_page_lists_what_will_be_made_beside_the_fields() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made)
        made.app.screen.query_one(Input).value = "w-{01..30}"
        await made.settle()
        shown = made.painted()
        assert "30 domains, 30 volumes" in shown and "vda w-02.qcow2 in" in shown
        assert "all on the next page" in shown and "no rate was measured yet" in shown
        assert "30 names are free on kvm01" in shown
        assert "[ ] machine-id" in shown and "nothing here resets it" in shown
        made.app.screen.query_one(Input).value = "gitlab"
        await made.settle()
        assert "has a domain called gitlab already" in made.painted()
        await made.press("f2")
        assert isinstance(made.top(), CloneDomainDialog), "nothing to go on to"
        made.app.screen.query_one(Input).value = "w-1"
        await made.settle()
        await made.press("f2")
        assert isinstance(made.top(), ReviewDialog)


async def test_the_page_follows_the_terminal_and_says_how_long_a_copy_takes() -> None:
    async with running_app((120, 36)) as made:
        knowing(made.backend)
        await form(made, "C")
        await made.press("enter", "a")
        (command,) = made.backend.commands
        at = made.app.clock.monotonic()
        task = Task(100, command, TaskState.DONE, at, 0.0, at, progress=Progress(9, 9, 1024.0))
        made.backend.publish(task)
        await made.press("escape")
        await form(made, "C")
        assert "about 1 s at 1.0K/s, the rate of the last copy" in " ".join(made.painted().split())
        await made.pilot.resize_terminal(60, 20)
        await made.settle()
        assert "what will be created" not in made.painted() and "esc Cancel" in made.painted()
