"""What lines of logs mean: QEMU's, libvirt's and those of a guest's kernel.

Only what is certain from the line itself is here; a line that merely sounds like trouble is a
warning without a meaning.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from virttui.model.domains.logs import LogKind
from virttui.model.severity import Severity


class KnownMessage(NamedTuple):
    """A kind of line: its pattern, what it means and what to do, with groups of the pattern."""

    pattern: str
    meaning: str
    advice: str
    level: Severity = Severity.ERROR


class Meaning(NamedTuple):
    """What a line means, "" where only its level is told, and what to do."""

    level: Severity
    text: str = ""
    advice: str = ""


FAILURES: tuple[KnownMessage, ...] = (
    KnownMessage(
        r"Could not open '(?P<what>[^']+)'.*No such file", "its file {what} is not there",
        "see that its pool is on and the file exists"),
    KnownMessage(
        r"Could not open '(?P<what>[^']+)'.*Permission denied", "QEMU may not open {what}",
        "see who owns the file, and AppArmor or SELinux"),
    KnownMessage(
        r"(?:KVM kernel module|initialize kvm): Permission denied", "QEMU may not use /dev/kvm",
        "see who owns /dev/kvm: the user of QEMU must be in its group"),
    KnownMessage(
        r"Permission denied", "QEMU may not open one of its files",
        "see who owns its files, and AppArmor or SELinux"),
    KnownMessage(
        r"Failed to get .?\w*.? ?lock", "one of its disks is in use by another process",
        "see who uses the disk (3, enter)"),
    KnownMessage(
        r"No space left on device", "the file system is full", "free some space there"),
    KnownMessage(
        r"[Cc]annot (allocate|set up guest) memory", "the host has not enough free memory",
        "stop something, or give it less memory"),
    KnownMessage(
        r"KVM kernel module", "this host has no KVM for it",
        "load kvm_intel or kvm_amd, or set its type to qemu"),
    KnownMessage(
        r"Address already in use", "a port it needs is in use", "let its graphics choose a port"),
    KnownMessage(
        r"[Uu]nsupported machine type|unsupported machine", "this QEMU does not know its machine "
        "type", "choose one of domcapabilities"),
    KnownMessage(
        r"(does not support|unable to find) CPU|host doesn.t support requested feature",
        "its CPU model needs what this host lacks", "choose host-model or host-passthrough"),
    KnownMessage(
        r"(?P<what>-[\w-]+): invalid option", "QEMU does not know the option {what}",
        "look at qemu:commandline in its XML (x)"),
    KnownMessage(
        r"terminating on signal (?P<what>\d+)", "somebody ended its QEMU with signal {what}", ""),
)  # fmt: skip
"""Lines of QEMU's that say why a domain failed; of one line the first that fits counts."""

_QEMU: tuple[KnownMessage, ...] = (
    KnownMessage(
        r"block I/O error in device '(?P<what>[^']*)': No space left",
        "the disk behind {what} could not grow: there is no room left where it lies",
        "free some space there, then s lets a guest that was paused for it go on"),
    KnownMessage(
        r"block I/O error in device '(?P<what>[^']*)': Input/output error",
        "the storage below the disk {what} failed to read or write",
        "look at the host's kernel log, and at the disk or network below its pool"),
    KnownMessage(
        r"terminating on signal 15 from pid \d+ \((?P<what>\S*(?:libvirtd|virtqemud))\)",
        "libvirt ended its QEMU: it was forced off, or had shut down", "", Severity.OK),
    KnownMessage(
        r"warning: (?:host|TCG) doesn.t support requested feature: (?P<what>\S+)",
        "the guest does without the CPU feature {what}: this host lacks it", "",
        Severity.WARNING),
    KnownMessage(
        r"shutting down, reason=crashed", "its QEMU ended by itself: it crashed",
        "the lines above say why, if anything does"),
    KnownMessage(
        r"shutting down, reason=failed", "libvirt could not start it", "the lines above say why"),
    KnownMessage(
        r"shutting down, reason=(?P<what>\S+)", "it went off: {what}", "", Severity.OK),
    KnownMessage(r"starting up libvirt version", "libvirt starts its QEMU", "", Severity.OK),
    KnownMessage(
        r"tainted: (?P<what>.*)", "libvirt counts it as unsupported: {what}", "",
        Severity.OK),
    KnownMessage(
        r"KVM: entry failed|KVM internal error", "KVM could not run the guest on a CPU of the host",
        "it is stopped with its state; R or Z in the list, and the host's kernel log"),
    *FAILURES,
)  # fmt: skip

_GUEST: tuple[KnownMessage, ...] = (
    KnownMessage(
        r"Kernel panic - not syncing(?:: )?(?P<what>.*)", "the guest's kernel stopped: {what}",
        "Z resets it; the lines above say what led to it"),
    KnownMessage(
        r"Out of memory: Killed process \d+ \((?P<what>[^)]*)\)",
        "the guest had no memory left, and its kernel ended {what}",
        "more memory for the guest, or less for its programs"),
    KnownMessage(
        r"(?P<what>\S+) \((?P<disk>[^)]*)\): Remounting filesystem read-only",
        "the guest writes no more to its file system on {disk}",
        "the lines above say which error led to it; fsck inside, once the disk is well"),
    KnownMessage(
        r"(?:blk_update_request: |Buffer )?I/O error.*dev(?:ice)? (?P<what>[\w-]+)",
        "the guest could not read or write its disk {what}", "see what qemu says of that moment"),
    KnownMessage(
        r"You are in emergency mode|Give root password for maintenance",
        "its boot stopped in emergency mode", "c, then log in as root there"),
    KnownMessage(
        r"soft lockup - CPU#(?P<what>\d+) stuck for (?P<time>\d+)s",
        "CPU {what} of the guest got nothing done for {time} s",
        "often the host gives it no time: see steal on its page (enter)"),
    KnownMessage(
        r"blocked for more than (?P<time>\d+) seconds",
        "a process in the guest waits for its disk or network for {time} s",
        "see what its disks do on its page (enter)", Severity.WARNING),
    KnownMessage(
        r"No space left on device", "a file system inside the guest is full",
        "free some space inside, or make its disk larger"),
    KnownMessage(r"segfault at", "a program in the guest crashed", "", Severity.WARNING),
)  # fmt: skip

_TABLES = {
    LogKind.QEMU: _QEMU,
    LogKind.LIBVIRT: _QEMU,
    LogKind.DAEMON: _QEMU,
    LogKind.CONSOLE: _GUEST,
    LogKind.SEEN: _GUEST,
}

_BAD = re.compile(
    r"\b(?:panic|fatal|emergency|oops|BUG:|call trace|corrupt(?:ed|ion)?|abort(?:ed|ing)?)\b",
    re.IGNORECASE,
)
_WARNS = re.compile(
    r"\b(?:errors?|fail(?:ed|ure|s)?|warn(?:ing)?|cannot|could not|denied|refused|timed out"
    r"|unable to|invalid|critical)\b",
    re.IGNORECASE,
)
_OFTEN = re.compile(r"errors=|no errors|0 errors|0 failed|error-correct|-device|-blockdev|^\S*=")
"""What has such a word and is no trouble: options, arguments of QEMU, and counts of none."""


def meaning_of(kind: LogKind, line: str) -> Meaning:
    """The level of a line, and what it means."""
    table = _TABLES.get(kind, ())
    for known in table:
        if found := re.search(known.pattern, line):
            told = {name: value or "" for name, value in found.groupdict().items()}
            return Meaning(known.level, known.meaning.format(**told).rstrip(": "), known.advice)
    if kind is LogKind.TASKS or _OFTEN.search(line):
        return Meaning(Severity.OK)
    if _BAD.search(line):
        return Meaning(Severity.ERROR)
    return Meaning(Severity.WARNING if _WARNS.search(line) else Severity.OK)
