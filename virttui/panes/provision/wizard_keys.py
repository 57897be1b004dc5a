"""The line of keys of the create wizard."""

from __future__ import annotations

from virttui.model.provision.checks import WizardStep
from virttui.render.chrome import KeyHint


def step_hints(step: WizardStep, *, possible: bool) -> list[KeyHint]:
    """The keys of a step; ``possible``: it can be left."""
    parts = step in (WizardStep.DISKS, WizardStep.NETWORK)
    what = "disk" if step is WizardStep.DISKS else "card"
    return [
        KeyHint("enter", "next step", possible),
        KeyHint("↑↓", "field"),
        KeyHint("pgup", "back", step is not WizardStep.WHAT),
        *([KeyHint("f5", f"add {what}"), KeyHint("f8", "remove")] if parts else []),
        KeyHint("f2", "review", possible),
        KeyHint("esc", "leave", keep=True),
        KeyHint("f1", "keys", keep=True),
    ]


def review_hints(*, ready: bool, xml_edited: bool) -> list[KeyHint]:
    """The keys of the review; ``ready``: the domains can be created."""
    return [
        KeyHint("a", "create", ready),
        KeyHint("pgup", "step back"),
        KeyHint("x", "edit XML"),
        *([KeyHint("u", "reset XML")] if xml_edited else []),
        KeyHint("d", "dry run"),
        KeyHint("y", "copy command"),
        KeyHint("t", "template"),
        KeyHint("esc", "leave, save draft", keep=True),
        KeyHint("?", "keys", keep=True),
    ]
