"""A definition that the user edited in the wizard, used instead of the planned one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from msgspec.structs import replace

from virttui.libvirtxml.identity import identity
from virttui.libvirtxml.schema.validate import validate
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.provision.checks import Check
from virttui.model.provision.create import XML, XML_OVER, CreatePlan
from virttui.model.severity import Severity
from virttui.planning.create.checks import ORDER


def with_edited_xml(entered: Mapping[str, str], xml: str) -> dict[str, str]:
    """Return the choices with an edited definition."""
    choices = without_edited_xml(entered)
    return {**choices, XML: xml, XML_OVER: _hash(choices)}


def without_edited_xml(entered: Mapping[str, str]) -> dict[str, str]:
    """Return the choices without an edited definition."""
    return {name: value for name, value in entered.items() if name not in (XML, XML_OVER)}


def apply_edited_xml(plan: CreatePlan, entered: Mapping[str, str]) -> CreatePlan:
    """Return the plan with the edited definition in it, where there is one.

    Errors in it are reported as checks, and nothing that the user typed is lost.
    """
    xml = entered.get(XML, "")
    if not xml:
        return plan
    uuid, error = _identity(xml, plan)
    checks = [*(_checks(xml) if not error else [_error(error)]), *plan.checks]
    if entered.get(XML_OVER) != _hash(without_edited_xml(entered)):
        words = "choices that were changed after the XML was edited are not in it"
        checks.insert(0, Check(Severity.WARNING, words, "u discards it, x opens it"))
    checks.sort(key=lambda one: ORDER.index(one.level))
    return replace(
        plan,
        machine=replace(plan.machine, uuid=uuid or plan.machine.uuid),
        plan=replace(plan.plan, xml=xml, equivalent_command=""),
        checks=tuple(checks),
    )


def _identity(xml: str, plan: CreatePlan) -> tuple[str, str]:
    """Return the UUID of an edited definition, and the reason why it cannot be used, "" for
    none."""
    if plan.plan.first_boot_xml:
        return "", "an installation has two definitions: edited XML cannot replace both"
    try:
        found = identity(xml)
    except InvalidInput as error:
        return "", f"the edited XML: {error.message}"
    if found.root != "domain" or found.name != plan.machine.name:
        return "", f"the edited XML defines {found.name or 'nothing'}, not {plan.machine.name}"
    return found.uuid, ""


def _checks(xml: str) -> list[Check]:
    result = validate(xml, Kind.DOMAIN, None)
    errors = [one for one in result.problems if one.level is Severity.ERROR]
    if not errors:
        return [Check(Severity.OK, "the edited XML is valid by libvirt's schema")]
    return [_error(f"line {errors[0].line} of the XML: {errors[0].words}")]


def _error(words: str) -> Check:
    return Check(Severity.ERROR, words, "x opens it, u discards it")


def _hash(entered: Mapping[str, str]) -> str:
    return sha256(json.dumps(sorted(entered.items())).encode()).hexdigest()[:16]
