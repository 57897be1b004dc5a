"""Checks of a plan before anything is created, each with the wizard's step that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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


class CheckLevel(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at before anything is made; ``fix`` is what to do about it.

    ``stage`` is the step it is decided in.
    """

    level: CheckLevel
    words: str
    fix: str = ""
    step: WizardStep = WizardStep.REVIEW
