"""Checks of a plan before anything is created, each with the wizard's step that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from virttui.model.severity import Severity


class WizardStep(StrEnum):
    """The steps of the wizard, in order."""

    WHAT = "what"
    WHERE = "where"
    SYSTEM = "system"
    SIZE = "size"
    DISKS = "disks"
    NETWORK = "network"
    EXTRAS = "extras"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at before anything is made; ``fix`` is what to do about it.

    ``stage`` is the step it is decided in.
    """

    level: Severity
    words: str
    fix: str = ""
    step: WizardStep = WizardStep.REVIEW
