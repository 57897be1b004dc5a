"""The definition of a new machine edited by hand: it stands in place of the one that was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from virttui.libvirtxml.identity import identity
from virttui.libvirtxml.schema.validate import validate
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.provision.checks import Check
from virttui.model.provision.create import XML, XML_OVER, CreatePlan
from virttui.model.severity import Severity
from virttui.planning.create.checks import ORDER


def with_edited_xml(entered: Mapping[str, str], xml: str) -> dict[str, str]:
    """The choices with a definition that was edited over them."""
    bare = without_edited_xml(entered)
    return {**bare, XML: xml, XML_OVER: _mark(bare)}


def without_edited_xml(entered: Mapping[str, str]) -> dict[str, str]:
    """The choices without an edited definition."""
    return {name: value for name, value in entered.items() if name not in (XML, XML_OVER)}


def apply_edited_xml(proposal: CreatePlan, entered: Mapping[str, str]) -> CreatePlan:
    """The proposal with the edited definition in it, where there is one.

    What is wrong with it stands in the way, and takes nothing of what was typed.
    """
    xml = entered.get(XML, "")
    if not xml:
        return proposal
    uuid, error = _known_by(xml, proposal)
    said = [*(_checks(xml) if not error else [_blocker(error)]), *proposal.checks]
    if entered.get(XML_OVER) != _mark(without_edited_xml(entered)):
        words = "choices that were changed after the XML was edited are not in it"
        said.insert(0, Check(Severity.WARNING, words, "u makes it anew, x opens it"))
    said.sort(key=lambda one: ORDER.index(one.level))
    return replace(
        proposal,
        machine=replace(proposal.machine, uuid=uuid or proposal.machine.uuid),
        plan=replace(proposal.plan, xml=xml, equivalent_command=""),
        checks=tuple(said),
    )


def _known_by(xml: str, proposal: CreatePlan) -> tuple[str, str]:
    """The UUID of an edited definition, and why it cannot be this machine's."""
    if proposal.plan.first_boot_xml:
        return "", "an installer has two definitions: the XML edited by hand cannot be both"
    try:
        known = identity(xml)
    except InvalidInput as error:
        return "", f"the XML edited by hand: {error.message}"
    if known.root != "domain" or known.name != proposal.machine.name:
        return "", f"the XML edited by hand is {known.name or 'nobody'}'s"
    return known.uuid, ""


def _checks(xml: str) -> list[Check]:
    found = validate(xml, Kind.DOMAIN, None)
    error = [one for one in found.problems if one.level is Severity.ERROR]
    if not error:
        return [Check(Severity.OK, "the XML edited by hand is as libvirt's schema wants it")]
    return [_blocker(f"line {error[0].line} of the XML: {error[0].words}")]


def _blocker(words: str) -> Check:
    return Check(Severity.ERROR, words, "x opens it, u makes it anew")


def _mark(entered: Mapping[str, str]) -> str:
    return sha256(json.dumps(sorted(entered.items())).encode()).hexdigest()[:16]
