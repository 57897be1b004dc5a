"""Numbered disks and cards: the first has plain field names, others have ``disk2.size``."""

from __future__ import annotations

import re

from virttui.model.form_fields import FormValues
from virttui.model.provision.checks import WizardStep
from virttui.planning.new_ids import MAX_NICS

MAX_DISKS = 16
"""The most disks that the wizard gives a machine."""
_WORDS = {WizardStep.DISKS: "disk", WizardStep.NETWORK: "nic"}
_MAX = {WizardStep.DISKS: MAX_DISKS, WizardStep.NETWORK: MAX_NICS}
_FIRST_FIELD = {WizardStep.DISKS: ("size", "20G"), WizardStep.NETWORK: ("net", "")}
"""The field, and its value, that another disk or card begins with."""


def prefix(step: WizardStep, number: int) -> str:
    """Return the prefix of the field names of the disk or card with a number from 1 on."""
    return f"{_WORDS[step]}{number}." if number > 1 else ""


def further_numbers(step: WizardStep, entered: FormValues) -> list[int]:
    """Return the numbers of the disks or cards after the first."""
    pattern = re.compile(rf"{_WORDS[step]}(\d\d?)\.")
    numbers = {int(match[1]) for name in entered if (match := pattern.match(name))}
    return sorted(number for number in numbers if 2 <= number <= _MAX[step])


def with_another(entered: FormValues, step: WizardStep) -> dict[str, str]:
    """Return the values with one more disk or card, where the step has some and the limit allows
    it."""
    if step not in _WORDS:
        return dict(entered)
    number = max(further_numbers(step, entered), default=1) + 1
    if number > _MAX[step]:
        return dict(entered)
    name, value = _FIRST_FIELD[step]
    return {**entered, f"{prefix(step, number)}{name}": value}


def without(entered: FormValues, step: WizardStep, group: str) -> dict[str, str]:
    """Return the values without one disk or card; later ones move up. The first cannot be
    removed: it is set to "none" instead."""
    removed = int(group) if group.isdigit() else 0
    if step not in _WORDS or removed not in further_numbers(step, entered):
        return dict(entered)
    remaining: dict[str, str] = {}
    for name, value in entered.items():
        match = re.match(rf"{_WORDS[step]}(\d\d?)\.(.*)", name)
        number = int(match[1]) if match is not None else 0
        if match is None or number < removed:
            remaining[name] = value
        elif number > removed:
            remaining[f"{prefix(step, number - 1) or _WORDS[step] + '1.'}{match[2]}"] = value
    return remaining
