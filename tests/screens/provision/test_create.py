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
    async with running_app(size) as made:
        Host(made.backend)
        await opened(made)
        stages = list(WizardStep)
        for view_state in stages[1:]:
            await made.press("enter")
            await at(made, view_state)
            assert not made.backend.commands, "nothing is made on the way"
        shown = made.painted()
        assert "Create and start" in shown and "debian" in shown
        await made.press("a")
        await made.end()
        assert made.app.screen is made.console
        (command,) = made.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert command.verb is Verb.PROVISION and plan is not None
        assert "q35" in plan.xml and plan.start
        assert command.target.key.uuid in plan.xml
        (volume,) = plan.volumes
        assert volume.new.capacity >= 2**30


async def test_esc_keeps_the_draft_and_the_next_time_begins_with_it() -> None:
    async with running_app() as made:
        Host(made.backend)
        await opened(made)
        await made.press("enter")
        await at(made, WizardStep.WHERE)
        await made.press("ctrl+u")
        await made.type("shop")
        await made.press("escape")
        assert made.app.screen is made.console and not made.backend.commands
        await made.wait_for(lambda: wizard_drafts.load("kvm01").get("name") == "shop", "it is kept")
        await opened(made)
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "shop" in made.painted()
        await made.press("pageup")
        await at(made, WizardStep.EXTRAS)
        await made.press("f2", "a")
        await made.end()
        await made.wait_for(lambda: not wizard_drafts.load("kvm01"), "it is made, and forgotten")


async def test_a_password_is_dots_and_in_no_draft() -> None:
    async with running_app() as made:
        Host(made.backend)
        sheet = await opened(made)
        await made.type("cloud")
        await made.press("tab")
        for _ in range(6):
            await made.press("enter")
        await at(made, WizardStep.EXTRAS)
        for _ in range(12):
            if sheet._now is not None and sheet._now.name == "password":
                break
            await made.press("tab")
        await made.type("s3cret")
        await made.press("tab")
        assert "s3cret" not in made.painted()
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "s3cret" not in made.painted()
        await made.press("escape")
        await made.wait_for(lambda: wizard_drafts.load("kvm01"), "it is kept")
        assert "password" not in wizard_drafts.load("kvm01")


async def test_a_taken_name_and_what_is_no_image_are_said_at_once() -> None:
    async with running_app() as made:
        Host(made.backend, None)
        await opened(made)
        await made.press("enter")
        await at(made, WizardStep.WHERE)
        await made.press("ctrl+u")
        await made.type("web-01")
        assert "web-01 is on kvm01 already" in made.painted()
        await made.press("enter", "f2")
        assert view_state_of(made) is WizardStep.WHERE, "it cannot be left so"
        await made.type("0")
        await made.press("enter")
        await at(made, WizardStep.SYSTEM)
        assert "not an ISO image" in made.painted()


async def test_what_stands_in_the_way_is_said_and_cannot_be_made() -> None:
    async with running_app() as made:
        Host(made.backend)
        await opened(made)
        for view_state in list(WizardStep)[1:4]:
            await made.press("enter")
            await at(made, view_state)
        await made.press("tab", "ctrl+u")
        await made.type("9000G")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "8.8T is needed" in made.painted()
        await made.press("a")
        assert not made.backend.commands, "what blocks cannot be made"


async def test_a_pattern_makes_many() -> None:
    async with running_app() as made:
        Host(made.backend)
        await opened(made)
        await made.press("enter")
        await at(made, WizardStep.WHERE)
        await made.press("ctrl+u")
        await made.type("shop-{01..03}")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "Create and start 3" in made.painted() and "shop-03" in made.painted()
        await made.press("a")
        names = [command.target.name for command in made.backend.commands]
        assert names == ["shop-01", "shop-02", "shop-03"]
        uuids = {command.target.key.uuid for command in made.backend.commands}
        assert len(uuids) == 3


async def test_it_is_made_on_the_host_that_is_chosen() -> None:
    async with running_app() as made:
        Host(made.backend)
        made.put_cursor("web-01")
        await made.press("n")
        await made.wait_for(lambda: isinstance(made.app.screen, PickerDialog), "the hosts")
        assert "unallocated" in made.painted()
        await made.type("kvm02")
        await made.press("enter")
        await made.wait_for(lambda: isinstance(made.app.screen, CreateWizard), "the wizard")
        assert "new domain" in made.painted() and "on kvm02" in made.painted()
        await made.press("escape", "n", "escape")
        assert made.app.screen is made.console and not made.backend.commands


async def review_of(made: RunningApp) -> CreateWizard:
    page = await opened(made)
    await made.press("f2")
    await at(made, WizardStep.REVIEW)
    return page


async def test_disks_and_cards_are_added_shown_and_taken_away() -> None:
    async with running_app((120, 36)) as made:
        Host(made.backend)
        await opened(made)
        for view_state in list(WizardStep)[1:5]:
            await made.press("enter")
            await at(made, view_state)
        assert "vda" in made.painted() and "made here, empty" in made.painted()
        await made.press("f5")
        assert "vdb" in made.painted() and "xml of vdb" in made.painted()
        await made.press("tab", "tab", "ctrl+u")
        await made.type("7G")
        await made.press("enter")
        await at(made, WizardStep.NETWORK)
        await made.press("f5", "f5", "f8")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        await made.press("a")
        (command,) = made.backend.commands
        assert arguments_of(command, ProvisionPlan) is not None
        assert [one.new.capacity // 2**30 for one in arguments_of(command, ProvisionPlan).volumes][
            1:
        ] == [7]
        assert arguments_of(command, ProvisionPlan).xml.count("<interface") == 2


async def test_the_first_disk_cannot_be_taken_away_and_that_is_said() -> None:
    async with running_app((120, 36)) as made:
        Host(made.backend)
        await opened(made)
        for view_state in list(WizardStep)[1:5]:
            await made.press("enter")
            await at(made, view_state)
        await made.press("f8")
        assert "not the first one" in made.painted()


async def test_the_xml_is_edited_in_the_workbench_and_made_anew() -> None:
    async with running_app((120, 36)) as made:
        Host(made.backend)
        await review_of(made)
        await made.press("x")
        await made.wait_for(lambda: isinstance(made.app.screen, NewDomainEditor), "the workbench")
        bench = made.app.screen
        assert isinstance(bench, NewDomainEditor)
        await made.wait_for(lambda: "<vcpu>" in bench.state.stored.editor.text, "its text")
        text = bench.state.stored.editor.text
        bench.state.stored.replace(
            text.replace("<vcpu>", "<description>by hand</description>\n  <vcpu>")
        )
        await made.press("f2")
        await made.wait_for(lambda: isinstance(made.app.screen, CreateWizard), "the wizard again")
        await made.settle()
        assert "the edited XML is valid by libvirt's schema" in made.painted()
        await made.press("y")
        assert "no virt-install command matches" in made.painted()
        await made.press("a")
        (command,) = made.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert plan is not None and "by hand" in plan.xml
        await made.end()
        await made.wait_for(lambda: not wizard_drafts.load("kvm01"), "it is forgotten")
        await review_of(made)
        assert "XML edited" not in made.painted(), "what was made is forgotten"


async def test_xml_that_was_not_changed_is_not_edited_and_u_takes_an_edit_back() -> None:
    async with running_app((120, 36)) as made:
        Host(made.backend)
        page = await review_of(made)
        await made.press("x")
        await made.wait_for(lambda: isinstance(made.app.screen, NewDomainEditor), "the workbench")
        await made.press("escape")
        await made.wait_for(lambda: made.app.screen is page, "the wizard again")
        assert "the edited XML" not in made.painted()
        await made.press("x")
        await made.wait_for(lambda: isinstance(made.app.screen, NewDomainEditor), "the workbench")
        bench = made.app.screen
        assert isinstance(bench, NewDomainEditor)
        await made.wait_for(lambda: "<vcpu>" in bench.state.stored.editor.text, "its text")
        bench.state.stored.replace(bench.state.stored.editor.text.replace("<vcpu>", "<vcpus>"))
        await made.press("escape")
        await made.wait_for(lambda: made.app.screen is page, "what was typed comes along")
        await made.settle()
        assert "1 error" in made.painted() and "vcpus" in made.painted()
        await made.press("a")
        assert not made.backend.commands
        await made.press("u", "a")
        (command,) = made.backend.commands
        plan = arguments_of(command, ProvisionPlan)
        assert plan is not None and "vcpus" not in plan.xml


@pytest.mark.parametrize(
    "typed", ["type='vnc' passwd='s3cret'", "type='vnc'><!-- passwd='s3cret' --><x/"]
)
async def test_a_password_typed_into_the_xml_is_in_no_draft(typed: str) -> None:
    async with running_app((120, 36)) as made:
        Host(made.backend)
        page = await opened(made)
        await made.press("enter")
        await at(made, WizardStep.WHERE)
        await made.press("ctrl+u")
        await made.type("shop")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        await made.press("x")
        await made.wait_for(lambda: isinstance(made.app.screen, NewDomainEditor), "the workbench")
        bench = made.app.screen
        assert isinstance(bench, NewDomainEditor)
        await made.wait_for(lambda: "type='vnc'" in bench.state.stored.editor.text, "its text")
        text = bench.state.stored.editor.text
        bench.state.stored.replace(text.replace("type='vnc'", typed))
        await made.press("f2")
        await made.wait_for(lambda: made.app.screen is page, "the wizard again")
        await made.settle()
        assert "s3cret" not in made.painted()
        await made.press("escape")
        await made.wait_for(lambda: wizard_drafts.load("kvm01").get("name") == "shop", "it is kept")
        assert not any("s3cret" in value for value in wizard_drafts.load("kvm01").values())


async def test_a_dry_run_makes_nothing_and_what_libvirt_says_stands_with_the_checks() -> None:
    async with running_app((120, 36)) as made:
        host = Host(made.backend)
        await review_of(made)
        await made.press("d")
        await made.wait_for(lambda: "would start it with 90 words" in made.painted(), "its end")
        host.refusal = "unsupported configuration: no such thing"
        await made.press("d")
        await made.wait_for(lambda: "no such thing" in made.painted(), "its refusal")
        await made.press("a")
        assert not made.backend.commands, "what libvirt refuses is in the way"
        await made.press("pageup")
        await at(made, WizardStep.EXTRAS)
        await made.press("right", "f2")
        await at(made, WizardStep.REVIEW)
        assert "no such thing" not in made.painted(), "it was said of another definition"


async def test_choices_are_kept_as_a_template_and_begun_with() -> None:
    async with running_app((120, 36)) as made:
        Host(made.backend)
        await opened(made)
        for view_state in list(WizardStep)[1:4]:
            await made.press("enter")
            await at(made, view_state)
        await made.press("ctrl+u")
        await made.type("3")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        await made.press("t")
        await made.wait_for(lambda: isinstance(made.app.screen, TemplateDialog), "its name")
        await made.type("large")
        await made.press("enter")
        await made.wait_for(lambda: "saved as template large" in made.painted(), "it is kept")
        kept = templates.load_all()["large"]
        assert kept["vcpus"] == "3" and not {"name", "password", "mac"} & set(kept)
        await made.press("a")
        await made.end()
        await made.wait_for(lambda: not wizard_drafts.load("kvm01"), "it is forgotten")
        page = await opened(made)
        await made.type("large")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "3 vcpu" in made.painted() and page._last


async def test_a_file_of_this_machine_is_looked_at_once_nobody_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "cloud.raw").write_bytes(bytes(4096))
    async with running_app((120, 36)) as made:
        Host(made.backend)
        await opened(made)
        await made.type("cloud")
        await made.press("tab", "ctrl+u")
        await made.type("~/cloud.raw")
        await made.press("tab")
        await made.wait_for(lambda: "is being read" not in made.painted(), "it was looked at")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "upload ~/cloud.raw" in made.painted()


async def test_what_fails_leads_back_to_its_review_with_every_field(tmp_path: Path) -> None:
    async with running_app((80, 24)) as made:
        Host(made.backend)
        await opened(made)
        await made.press("enter")
        await at(made, WizardStep.WHERE)
        await made.type("shop")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        await made.press("a")
        assert isinstance(made.app.screen, CreationProgressDialog)
        await made.press("S", "w", "p")
        assert len(made.backend.commands) == 1, "no letter reaches a row"
        await made.end(
            Refused("qemu ended at once", libvirt_message="unexpectedly closed the monitor")
        )
        await made.wait_for(lambda: isinstance(made.app.screen, CreateWizard), "the wizard again")
        await at(made, WizardStep.REVIEW)
        await made.wait_for(lambda: "qemu ended at once" in made.painted(), "why")
        shown = made.painted()
        assert "unexpectedly closed the monitor" in shown and "was removed again" in shown
        assert "shop" in shown
        await made.press("a")
        assert [command.target.name for command in made.backend.commands] == ["shop", "shop"]
        await made.press("escape")
        assert made.top() is made.console
        await made.end(Refused("qemu ended at once"))
        await opened(made)
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        assert "shop" in made.painted(), "the draft is there as long as nothing was made"


async def test_the_cursor_goes_to_what_was_made() -> None:
    async with running_app((80, 24)) as made:
        Host(made.backend)
        await opened(made, host="gitlab")
        await made.press("f2")
        await at(made, WizardStep.REVIEW)
        await made.press("a")
        (command,) = made.backend.commands
        await made.end(ago=0)
        assert isinstance(made.app.screen, CreationProgressDialog), "it is not listed yet"
        one = next(iter(fleet.inventories()))
        domain = replace(
            next(iter(one.domains.values())), key=command.target.key, name=command.target.name
        )
        await made.publish(replace(one, domains={**one.domains, domain.key.uuid: domain}))
        await made.wait_for(lambda: made.app.screen is made.console, "it is there")
        assert made.view_state.view.cursor.cursor == command.target.key
