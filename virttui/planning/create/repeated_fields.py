"""Disks and cards by number: the first has its fields by their names, others ``disk2.size``."""

from __future__ import annotations

import re

from virttui.model.form_fields import FormValues
from virttui.model.provision.checks import WizardStep
from virttui.planning.new_ids import MAX_NICS

DISKS = 16
"""The most disks the wizard gives a machine."""
_WORDS = {WizardStep.DISKS: "disk", WizardStep.NETWORK: "nic"}
_MOST = {WizardStep.DISKS: DISKS, WizardStep.NETWORK: MAX_NICS}
_BEGINS = {WizardStep.DISKS: ("size", "20G"), WizardStep.NETWORK: ("net", "")}
"""What another one begins with."""


def prefix(step: WizardStep, number: int) -> str:
    """What the names of the fields begin with of the disk or card with a number from 1 on."""
    return f"{_WORDS[step]}{number}." if number > 1 else ""


def further(step: WizardStep, entered: FormValues) -> list[int]:
    """The numbers of those beyond the first."""
    pattern = re.compile(rf"{_WORDS[step]}(\d\d?)\.")
    found = {int(match[1]) for name in entered if (match := pattern.match(name))}
    return sorted(number for number in found if 2 <= number <= _MOST[step])


def added(entered: FormValues, step: WizardStep) -> dict[str, str]:
    """With one disk or card more, where the step has some and there is room."""
    if step not in _WORDS:
        return dict(entered)
    number = max(further(step, entered), default=1) + 1
    if number > _MOST[step]:
        return dict(entered)
    name, value = _BEGINS[step]
    return {**entered, f"{prefix(step, number)}{name}": value}


def without(entered: FormValues, step: WizardStep, group: str) -> dict[str, str]:
    """Without one of them; those behind it move up. The first stays: a value says "none"."""
    gone = int(group) if group.isdigit() else 0
    if step not in _WORDS or gone not in further(step, entered):
        return dict(entered)
    left: dict[str, str] = {}
    for name, value in entered.items():
        match = re.match(rf"{_WORDS[step]}(\d\d?)\.(.*)", name)
        number = int(match[1]) if match is not None else 0
        if match is None or number < gone:
            left[name] = value
        elif number > gone:
            left[f"{prefix(step, number - 1) or _WORDS[step] + '1.'}{match[2]}"] = value
    return left
