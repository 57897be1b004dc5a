"""Checks of a plan as lines of the command line."""

from __future__ import annotations

from virttui.model.provision.checks import Check
from virttui.model.severity import Severity

_LABELS = {Severity.OK: "good", Severity.WARNING: "warning", Severity.ERROR: "blocker"}


def check_line(check: Check) -> str:
    """``warning: kvm01 has no KVM: it will be slow``, with what to do about it."""
    fix = f": {check.fix}" if check.fix else ""
    return f"{_LABELS[check.level]}: {check.words}{fix}"
