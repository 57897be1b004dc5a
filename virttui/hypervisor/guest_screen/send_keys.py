"""Sends keys to a guest, no faster than its QEMU takes them.

QEMU queues each key that goes down or up, waits the hold time after each, and drops what is beyond
1,024 of them without a word: of 250 keys sent at once 188 arrived. So the next keys are sent only
once the ones before have gone through the queue.
"""

from __future__ import annotations

import time

import libvirt

from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.types import Connection
from virttui.model.commands import Command
from virttui.model.domains.guest_screen import KeysArguments
from virttui.model.errors import Refused

HOLD = 0.010
"""Seconds for which a key is down, and after it is up: QEMU's own default."""

_SPARE = 1.25
"""How much longer than the queue takes is waited: its timers run late on a busy host."""


def send_keys(
    connection: Connection, command: Command, arguments: KeysArguments, control: TaskControl
) -> str:
    """Send the strokes one after the other; returns words for the end.

    Raises libvirtError, Refused for a guest that is paused, Cancelled once ``control`` was pulled.
    """
    domain = connection.lookupByUUIDString(command.target.key.uuid)
    if domain.state()[0] == libvirt.VIR_DOMAIN_PAUSED:
        raise Refused("it is paused, and reads no key", advice="p resumes it")
    strokes = arguments.strokes
    for number, stroke in enumerate(strokes):
        control.reach(number, len(strokes), "key")
        begun = time.monotonic()
        hold = round(HOLD * 1000)
        domain.sendKey(libvirt.VIR_KEYCODE_SET_LINUX, hold, list(stroke), len(stroke), 0)
        through = 2 * len(stroke) * HOLD * _SPARE
        control.rest(max(0.0, begun + through - time.monotonic()))
    return f"sent {arguments.label}"
