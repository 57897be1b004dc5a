"""Saved views, logs, and why a start failed."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import running_app
from virttui.model.commands import Verb
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.model.messages import HostEvent
from virttui.model.queries import DiagnosisQuery, DiagnosisResult
from virttui.model.severity import Severity
from virttui.model.tasks import TaskState


async def test_a_view_is_saved_shown_and_forgotten() -> None:
    async with running_app() as ui:
        await ui.press("slash")
        await ui.type("host:kvm*")
        await ui.press("enter", "b", "h", "I", "colon")
        await ui.type("view save kvm only")
        await ui.press("enter")
        await ui.wait_for(lambda: "is saved" in ui.text("answer"), "saved")
        await ui.press("escape", "b", "n", "I", "2", "V")
        assert "kvm only" in ui.text("foot")
        await ui.press("enter")
        assert ui.view_state.pane == "domains"
        assert "/host:kvm*" in ui.text("rule") and "by host" in ui.text("rule")
        assert "sort cpu▲" in ui.text("rule")
        await ui.press("colon")
        await ui.type("view delete kvm only")
        await ui.press("enter")
        await ui.wait_for(lambda: "is forgotten" in ui.text("answer"), "forgotten")
        await ui.press("colon")
        await ui.type("view kvm")
        await ui.press("enter")
        assert "no view is called kvm" in ui.screen_text()


async def test_a_view_of_another_version_shows_what_it_can() -> None:
    async with running_app() as ui:
        record = {"pane": "domains", "sort": "gone", "filter": "colour:red", "on": ["err", "x"]}
        assert ui.view_state.show_view(record)
        assert ui.view_state.view.choice.sort == "cpu"
        assert ui.view_state.view.choice.on == {"err"}
        assert not ui.view_state.view.choice.filter
        assert not ui.view_state.show_view({"pane": "elsewhere"})


async def test_a_failed_start_is_explained_beside_its_task() -> None:
    async with running_app() as ui:
        said = "Cannot access storage file '/srv/backup/crm.qcow2': No such file or directory"
        trouble = Refused("a file it needs is not there", libvirt_message=said)
        failed = fleet.task(7, Verb.START, "legacy-crm-2011", TaskState.FAILED, 1, trouble=trouble)
        await ui.publish(failed)
        query = ui.backend.queries[-1]
        assert isinstance(query, DiagnosisQuery)
        log = ("12:00 starting up libvirt version: 9", "12:01 qemu: could not open disk")
        await ui.publish(DiagnosisResult(query, diagnosis=Diagnosis(log, "a log", ())))
        await ui.press("5")
        ui.view_state.view.cursor.jump(ui.view_state.view.listing.rows[0].key, ui.view_state.height)
        await ui.publish()
        below = ui.text("below")
        assert "why legacy-crm-2011 did not start" in below
        assert "pool backup (dir /srv/backup) is off on kvm01" in below
        assert "1 start pool backup (3, s)" in below and "2 retry this task (r)" in below
        assert "12:01 qemu: could not open disk" in below
        assert "none: not tainted" in below
        assert "equivalent" in below


async def test_why_a_domain_crashed_is_found_out_at_once() -> None:
    async with running_app() as ui:
        key = fleet.key("legacy-crm-2011")
        what = HostEvent(fleet.EPOCH, "kvm01", "domain", "legacy-crm-2011", "off: crashed",
                         level=Severity.ERROR, key=key, kind=Kind.DOMAIN)  # fmt: skip
        await ui.publish(what)
        query = ui.backend.queries[-1]
        assert isinstance(query, DiagnosisQuery) and query.key == key
        cause = "somebody ended its QEMU with signal 9"
        await ui.publish(DiagnosisResult(query, diagnosis=Diagnosis(("end",), "a log", (), cause)))
        ui.view_state.view.cursor.jump(key, ui.view_state.height)
        await ui.publish()
        assert f"l says why: {cause}" in ui.text("answer")


async def test_a_batch_gives_all_its_virsh_lines() -> None:
    async with running_app() as ui:
        tasks = [
            replace(fleet.task(n, Verb.START, name, TaskState.DONE, 5, ended_at=fleet.NOW), batch=3)
            for n, name in enumerate(("web-01", "web-02"))
        ]
        await ui.publish(*tasks)
        await ui.press("5", "y")
        assert ui.text("body").count("virsh -c") == 1
        await ui.press("v")
        assert "and 1 more, y copies all" in ui.text("below")
