"""The serial console: the terminal is lent to virsh until its escape is typed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys

from textual.app import SuspendNotSupported

from virttui.actions.target import ActionTarget
from virttui.panes.virsh_equivalent import console_line
from virttui.screens.base.screen_protocol import ActionScreen


def console(screen: ActionScreen, subject: ActionTarget) -> None:
    """Give the terminal to virsh until its escape is typed, then come back."""
    line = console_line(subject)
    if shutil.which(line[0]) is None:
        screen.show_message("virsh is not installed here: libvirt-clients has it", bad=True)
        return
    try:
        with screen.app.suspend():
            sys.stdout.write(
                f"\n{subject.name!r} on {subject.host.name!r}. ctrl+] leaves the console.\n\n"
            )
            sys.stdout.flush()
            status, said = _attended(line)
    except SuspendNotSupported:
        screen.show_message("this terminal cannot be lent to another program", bad=True)
        return
    if status:
        why = said or f"virsh ended with status {status}"
        screen.show_message(f"its console: {why}", bad=True, name=subject.name)
    else:
        screen.show_message("its console is closed", name=subject.name)


def _attended(line: list[str]) -> tuple[int, str]:
    """Run a program that has the terminal; returns its status and its last word on stderr."""
    # ctrl+c is for the program. A handler of ours, unlike SIG_IGN, is not inherited by it.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        done = subprocess.run(line, stderr=subprocess.PIPE, text=True, errors="replace")
    finally:
        signal.signal(signal.SIGINT, before)
    words = [said for said in done.stderr.splitlines() if said.strip()]
    return done.returncode, words[-1].removeprefix("error: ") if words else ""
