"""The wizard of a new machine: steps, keys, drafts; nothing is made before the last key."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.scenes import fleet
from tests.scenes.create_wizard import Host, at, opened, view_state_of
from tests.scenes.running_app import RunningApp, running_app
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.creation_progress import CreationProgressDialog
from virttui.modals.provision.create_wizard import CreateWizard
from virttui.modals.provision.template import TemplateDialog
from virttui.model.commands import Verb
from virttui.model.errors import Refused
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.plan import ProvisionPlan
from virttui.persistence import templates, wizard_drafts
from virttui.screens.xml_editor.new_domain_editor import NewDomainEditor


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_enter_enter_enter_makes_a_good_machine(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        Host(ui.backend)
        await opened(ui)
        stages = list(WizardStep)
        for view_state in stages[1:]:
            await ui.press("enter")
            await at(ui, view_state)
            assert not ui.backend.commands, "nothing is made on the way"
        shown = ui.painted()
        assert "Create and start" in shown and "debian" in shown
        await ui.press("a")
        await ui.end()
        assert ui.app.screen is ui.console
        (command,) = ui.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert command.verb is Verb.PROVISION and plan is not None
        assert "q35" in plan.xml and plan.start
        assert command.target.key.uuid in plan.xml
        (volume,) = plan.volumes
        assert volume.new.capacity >= 2**30


async def test_esc_keeps_the_draft_and_the_next_time_begins_with_it() -> None:
    async with running_app() as ui:
        Host(ui.backend)
        await opened(ui)
        await ui.press("enter")
        await at(ui, WizardStep.WHERE)
        await ui.press("ctrl+u")
        await ui.type("shop")
        await ui.press("escape")
        assert ui.app.screen is ui.console and not ui.backend.commands
        await ui.wait_for(lambda: wizard_drafts.load("kvm01").get("name") == "shop", "it is kept")
        await opened(ui)
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "shop" in ui.painted()
        await ui.press("pageup")
        await at(ui, WizardStep.EXTRAS)
        await ui.press("f2", "a")
        await ui.end()
        await ui.wait_for(lambda: not wizard_drafts.load("kvm01"), "it is made, and forgotten")


async def test_a_password_is_dots_and_in_no_draft() -> None:
    async with running_app() as ui:
        Host(ui.backend)
        sheet = await opened(ui)
        await ui.type("cloud")
        await ui.press("tab")
        for _ in range(6):
            await ui.press("enter")
        await at(ui, WizardStep.EXTRAS)
        for _ in range(12):
            if sheet._now is not None and sheet._now.name == "password":
                break
            await ui.press("tab")
        await ui.type("s3cret")
        await ui.press("tab")
        assert "s3cret" not in ui.painted()
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "s3cret" not in ui.painted()
        await ui.press("escape")
        await ui.wait_for(lambda: wizard_drafts.load("kvm01"), "it is kept")
        assert "password" not in wizard_drafts.load("kvm01")


async def test_a_taken_name_and_what_is_no_image_are_said_at_once() -> None:
    async with running_app() as ui:
        Host(ui.backend, None)
        await opened(ui)
        await ui.press("enter")
        await at(ui, WizardStep.WHERE)
        await ui.press("ctrl+u")
        await ui.type("web-01")
        assert "web-01 is on kvm01 already" in ui.painted()
        await ui.press("enter", "f2")
        assert view_state_of(ui) is WizardStep.WHERE, "it cannot be left so"
        await ui.type("0")
        await ui.press("enter")
        await at(ui, WizardStep.SYSTEM)
        assert "not an ISO image" in ui.painted()


async def test_what_stands_in_the_way_is_said_and_cannot_be_made() -> None:
    async with running_app() as ui:
        Host(ui.backend)
        await opened(ui)
        for view_state in list(WizardStep)[1:4]:
            await ui.press("enter")
            await at(ui, view_state)
        await ui.press("tab", "ctrl+u")
        await ui.type("9000G")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "8.8T is needed" in ui.painted()
        await ui.press("a")
        assert not ui.backend.commands, "what blocks cannot be made"


async def test_a_pattern_makes_many() -> None:
    async with running_app() as ui:
        Host(ui.backend)
        await opened(ui)
        await ui.press("enter")
        await at(ui, WizardStep.WHERE)
        await ui.press("ctrl+u")
        await ui.type("shop-{01..03}")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "Create and start 3" in ui.painted() and "shop-03" in ui.painted()
        await ui.press("a")
        names = [command.target.name for command in ui.backend.commands]
        assert names == ["shop-01", "shop-02", "shop-03"]
        uuids = {command.target.key.uuid for command in ui.backend.commands}
        assert len(uuids) == 3


async def test_it_is_made_on_the_host_that_is_chosen() -> None:
    async with running_app() as ui:
        Host(ui.backend)
        ui.put_cursor("web-01")
        await ui.press("n")
        await ui.wait_for(lambda: isinstance(ui.app.screen, PickerDialog), "the hosts")
        assert "unallocated" in ui.painted()
        await ui.type("kvm02")
        await ui.press("enter")
        await ui.wait_for(lambda: isinstance(ui.app.screen, CreateWizard), "the wizard")
        assert "new domain" in ui.painted() and "on kvm02" in ui.painted()
        await ui.press("escape", "n", "escape")
        assert ui.app.screen is ui.console and not ui.backend.commands


async def review_of(ui: RunningApp) -> CreateWizard:
    page = await opened(ui)
    await ui.press("f2")
    await at(ui, WizardStep.REVIEW)
    return page


async def test_disks_and_cards_are_added_shown_and_taken_away() -> None:
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        await opened(ui)
        for view_state in list(WizardStep)[1:5]:
            await ui.press("enter")
            await at(ui, view_state)
        assert "vda" in ui.painted() and "made here, empty" in ui.painted()
        await ui.press("f5")
        assert "vdb" in ui.painted() and "xml of vdb" in ui.painted()
        await ui.press("tab", "tab", "ctrl+u")
        await ui.type("7G")
        await ui.press("enter")
        await at(ui, WizardStep.NETWORK)
        await ui.press("f5", "f5", "f8")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        await ui.press("a")
        (command,) = ui.backend.commands
        assert arguments_of(command, ProvisionPlan) is not None
        assert [one.new.capacity // 2**30 for one in arguments_of(command, ProvisionPlan).volumes][
            1:
        ] == [7]
        assert arguments_of(command, ProvisionPlan).xml.count("<interface") == 2


async def test_the_first_disk_cannot_be_taken_away_and_that_is_said() -> None:
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        await opened(ui)
        for view_state in list(WizardStep)[1:5]:
            await ui.press("enter")
            await at(ui, view_state)
        await ui.press("f8")
        assert "not the first one" in ui.painted()


async def test_the_xml_is_edited_in_the_workbench_and_made_anew() -> None:
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        await review_of(ui)
        await ui.press("x")
        await ui.wait_for(lambda: isinstance(ui.app.screen, NewDomainEditor), "the workbench")
        bench = ui.app.screen
        assert isinstance(bench, NewDomainEditor)
        await ui.wait_for(lambda: "<vcpu>" in bench.state.stored.editor.text, "its text")
        text = bench.state.stored.editor.text
        bench.state.stored.replace(
            text.replace("<vcpu>", "<description>by hand</description>\n  <vcpu>")
        )
        await ui.press("f2")
        await ui.wait_for(lambda: isinstance(ui.app.screen, CreateWizard), "the wizard again")
        await ui.settle()
        assert "the edited XML is valid by libvirt's schema" in ui.painted()
        await ui.press("y")
        assert "no virt-install command matches" in ui.painted()
        await ui.press("a")
        (command,) = ui.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert plan is not None and "by hand" in plan.xml
        await ui.end()
        await ui.wait_for(lambda: not wizard_drafts.load("kvm01"), "it is forgotten")
        await review_of(ui)
        assert "XML edited" not in ui.painted(), "what was made is forgotten"


async def test_xml_that_was_not_changed_is_not_edited_and_u_takes_an_edit_back() -> None:
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        page = await review_of(ui)
        await ui.press("x")
        await ui.wait_for(lambda: isinstance(ui.app.screen, NewDomainEditor), "the workbench")
        await ui.press("escape")
        await ui.wait_for(lambda: ui.app.screen is page, "the wizard again")
        assert "the edited XML" not in ui.painted()
        await ui.press("x")
        await ui.wait_for(lambda: isinstance(ui.app.screen, NewDomainEditor), "the workbench")
        bench = ui.app.screen
        assert isinstance(bench, NewDomainEditor)
        await ui.wait_for(lambda: "<vcpu>" in bench.state.stored.editor.text, "its text")
        bench.state.stored.replace(bench.state.stored.editor.text.replace("<vcpu>", "<vcpus>"))
        await ui.press("escape")
        await ui.wait_for(lambda: ui.app.screen is page, "what was typed comes along")
        await ui.settle()
        assert "1 error" in ui.painted() and "vcpus" in ui.painted()
        await ui.press("a")
        assert not ui.backend.commands
        await ui.press("u", "a")
        (command,) = ui.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert plan is not None and "vcpus" not in plan.xml


@pytest.mark.parametrize(
    "typed", ["type='vnc' passwd='s3cret'", "type='vnc'><!-- passwd='s3cret' --><x/"]
)
async def test_a_password_typed_into_the_xml_is_in_no_draft(typed: str) -> None:
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        page = await opened(ui)
        await ui.press("enter")
        await at(ui, WizardStep.WHERE)
        await ui.press("ctrl+u")
        await ui.type("shop")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        await ui.press("x")
        await ui.wait_for(lambda: isinstance(ui.app.screen, NewDomainEditor), "the workbench")
        bench = ui.app.screen
        assert isinstance(bench, NewDomainEditor)
        await ui.wait_for(lambda: "type='vnc'" in bench.state.stored.editor.text, "its text")
        text = bench.state.stored.editor.text
        bench.state.stored.replace(text.replace("type='vnc'", typed))
        await ui.press("f2")
        await ui.wait_for(lambda: ui.app.screen is page, "the wizard again")
        await ui.settle()
        assert "s3cret" not in ui.painted()
        await ui.press("escape")
        await ui.wait_for(lambda: wizard_drafts.load("kvm01").get("name") == "shop", "it is kept")
        assert not any("s3cret" in value for value in wizard_drafts.load("kvm01").values())


async def test_a_dry_run_makes_nothing_and_what_libvirt_says_stands_with_the_checks() -> None:
    async with running_app((120, 36)) as ui:
        host = Host(ui.backend)
        await review_of(ui)
        await ui.press("d")
        await ui.wait_for(lambda: "would start it with 90 words" in ui.painted(), "its end")
        host.refusal = "unsupported configuration: no such thing"
        await ui.press("d")
        await ui.wait_for(lambda: "no such thing" in ui.painted(), "its refusal")
        await ui.press("a")
        assert not ui.backend.commands, "what libvirt refuses is in the way"
        await ui.press("pageup")
        await at(ui, WizardStep.EXTRAS)
        await ui.press("right", "f2")
        await at(ui, WizardStep.REVIEW)
        assert "no such thing" not in ui.painted(), "it was said of another definition"


async def test_choices_are_kept_as_a_template_and_begun_with() -> None:
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        await opened(ui)
        for view_state in list(WizardStep)[1:4]:
            await ui.press("enter")
            await at(ui, view_state)
        await ui.press("ctrl+u")
        await ui.type("3")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        await ui.press("t")
        await ui.wait_for(lambda: isinstance(ui.app.screen, TemplateDialog), "its name")
        await ui.type("large")
        await ui.press("enter")
        await ui.wait_for(lambda: "saved as template large" in ui.painted(), "it is kept")
        kept = templates.load_all()["large"]
        assert kept["vcpus"] == "3" and not {"name", "password", "mac"} & set(kept)
        await ui.press("a")
        await ui.end()
        await ui.wait_for(lambda: not wizard_drafts.load("kvm01"), "it is forgotten")
        page = await opened(ui)
        await ui.type("large")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "3 vcpu" in ui.painted() and page._last


async def test_a_file_of_this_machine_is_looked_at_once_nobody_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "cloud.raw").write_bytes(bytes(4096))
    async with running_app((120, 36)) as ui:
        Host(ui.backend)
        await opened(ui)
        await ui.type("cloud")
        await ui.press("tab", "ctrl+u")
        await ui.type("~/cloud.raw")
        await ui.press("tab")
        await ui.wait_for(lambda: "is being read" not in ui.painted(), "it was looked at")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "upload ~/cloud.raw" in ui.painted()


async def test_what_fails_leads_back_to_its_review_with_every_field(tmp_path: Path) -> None:
    async with running_app((80, 24)) as ui:
        Host(ui.backend)
        await opened(ui)
        await ui.press("enter")
        await at(ui, WizardStep.WHERE)
        await ui.type("shop")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        await ui.press("a")
        assert isinstance(ui.app.screen, CreationProgressDialog)
        await ui.press("S", "w", "p")
        assert len(ui.backend.commands) == 1, "no letter reaches a row"
        await ui.end(
            Refused("qemu ended at once", libvirt_message="unexpectedly closed the monitor")
        )
        await ui.wait_for(lambda: isinstance(ui.app.screen, CreateWizard), "the wizard again")
        await at(ui, WizardStep.REVIEW)
        await ui.wait_for(lambda: "qemu ended at once" in ui.painted(), "why")
        shown = ui.painted()
        assert "unexpectedly closed the monitor" in shown and "was removed again" in shown
        assert "shop" in shown
        await ui.press("a")
        assert [command.target.name for command in ui.backend.commands] == ["shop", "shop"]
        await ui.press("escape")
        assert ui.top() is ui.console
        await ui.end(Refused("qemu ended at once"))
        await opened(ui)
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        assert "shop" in ui.painted(), "the draft is there as long as nothing was made"


async def test_the_cursor_goes_to_what_was_made() -> None:
    async with running_app((80, 24)) as ui:
        Host(ui.backend)
        await opened(ui, host="gitlab")
        await ui.press("f2")
        await at(ui, WizardStep.REVIEW)
        await ui.press("a")
        (command,) = ui.backend.commands
        await ui.end(ago=0)
        assert isinstance(ui.app.screen, CreationProgressDialog), "it is not listed yet"
        one = next(iter(fleet.inventories()))
        domain = replace(
            next(iter(one.domains.values())), key=command.target.key, name=command.target.name
        )
        await ui.publish(replace(one, domains={**one.domains, domain.key.uuid: domain}))
        await ui.wait_for(lambda: ui.app.screen is ui.console, "it is there")
        assert ui.view_state.view.cursor.cursor == command.target.key
