"""Checks of a plan before anything is created, each with the wizard's step that decides it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

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


class Check(Struct, frozen=True):
    """A result of the checks before something is created, and in ``fix`` what the user can do about
    it.

    ``step`` is the wizard's step where it can be changed.
    """

    level: Severity
    words: str
    fix: str = ""
    step: WizardStep = WizardStep.REVIEW
