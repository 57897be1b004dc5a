"""``add nic``: which device, for which domains, and what is not said yet."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.commandline.test_parser import FLEET_STATE, HERE, choices, reading
from tests.scenes import fleet
from virttui.actions.target import ActionTarget
from virttui.commandline.parsed import AddCommand, LineCommand
from virttui.commandline.parser import read
from virttui.model.domains.devices import DEVICE_KINDS
from virttui.model.identity import Kind


@pytest.mark.parametrize("line", ["add nic", "add NIC", "set add nic"])
def test_a_device_is_for_the_selected_domain(line: str) -> None:
    found = reading(line)
    assert isinstance(found.intent, AddCommand) and found.intent.kind == "nic"
    assert [target.name for target in found.intent.targets] == ["gitlab"]


def test_domains_are_named_behind_on() -> None:
    found = reading("add rng on web-01 web-02")
    assert isinstance(found.intent, AddCommand)
    assert [target.name for target in found.intent.targets] == ["web-01", "web-02"]
    one = reading("add disk on web-01 web-02")
    assert one.intent is None and "one domain at a time" in one.error


def test_every_kind_is_offered_and_nothing_else_is_taken() -> None:
    assert choices("add ") == [kind.name for kind in DEVICE_KINDS]
    assert choices("add ser") == ["serial"]
    assert reading("add ser").partial
    assert reading("add sound").error == "no device is called sound"
    assert reading("add nic disk").error == "one device at a time"


def test_the_word_alone_asks_which() -> None:
    assert reading("add").intent == LineCommand("add")
    found = reading("add ")
    assert isinstance(found.intent, AddCommand) and found.intent.kind == ""


def test_marks_are_given_what_each_can_have() -> None:
    more = ActionTarget(Kind.DOMAIN, fleet.key("web-01"), "web-01", HERE.subjects[0].host,
                   FLEET_STATE.domain(fleet.key("web-01")))  # fmt: skip
    two = replace(HERE, subjects=(*HERE.subjects, more), marked=True)
    intent = read("add nic", two, FLEET_STATE).intent
    assert isinstance(intent, AddCommand) and len(intent.targets) == 2
    assert "one domain" in read("add disk", two, FLEET_STATE).error
    assert read("add nic", replace(HERE, subjects=()), FLEET_STATE).error == "no domain is selected"
