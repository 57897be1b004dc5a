"""The failure of a creation, on the page that started it."""

from __future__ import annotations

from virttui.model.errors import HostLost, InvalidInput, OperationError, PartiallyDone, TimedOut
from virttui.render.line import Line, Role, Run, clean, wrapped


def failure(trouble: OperationError, width: int) -> list[Line]:
    """The whole failure: the reason, libvirt's own message, and the state that remains."""
    lines: list[Line] = [(Run(part, Role.BAD),) for part in wrapped(clean(trouble.message), width)]
    if trouble.libvirt_message and trouble.libvirt_message not in trouble.message:
        message = f"libvirt says: {trouble.libvirt_message}"
        lines += [(Run(part, Role.MUTED),) for part in wrapped(clean(message), width)]
    if trouble.advice:
        lines += [(Run(part),) for part in wrapped(clean(trouble.advice), width)]
    if not isinstance(trouble, InvalidInput | PartiallyDone | HostLost | TimedOut):
        lines.append((Run("What it had created was removed again.", Role.MUTED),))
    return lines
