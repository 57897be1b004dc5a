"""What a screen of text says: what the guest waits for, or what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from msgspec import Struct


class Situation(Struct, frozen=True):
    """``word`` is short ("boot menu"), ``sentence`` says what it means; ``trouble`` that somebody
    has to do something. ``types`` says that it waits for text."""

    word: str
    sentence: str
    trouble: bool = False
    types: bool = False


Found = Callable[[re.Match[str]], Situation]


def _always(word: str, sentence: str, *, trouble: bool = False, types: bool = False) -> Found:
    situation = Situation(word, sentence, trouble, types)
    return lambda match: situation


def _panic(match: re.Match[str]) -> Situation:
    why = match[1].strip()
    return Situation(
        "kernel panic", f"Its kernel stopped: {why}. It does nothing any more.", trouble=True
    )


def _unmounted(match: re.Match[str]) -> Situation:
    return Situation(
        "emergency mode",
        "It waits for root's password in emergency mode: something that /etc/fstab names was not "
        "mounted, or a unit failed that the boot needs.",
        trouble=True,
        types=True,
    )


# The first that is found counts: what went wrong before what waits.
_ANYWHERE: tuple[tuple[str, Found], ...] = (
    (r"Kernel panic - not syncing: (.*)", _panic),
    (r"You are in emergency mode|Give root password for maintenance", _unmounted),
    (r"Entering emergency mode|^dracut:/#", _always(
        "dracut", "Its initramfs did not find the root file system and gives a shell.",
        trouble=True, types=True)),
    (r"No bootable (?:device|medium)|Operating System not found|Boot failed: not a bootable",
     _always("nothing to boot", "Its firmware found nothing to boot: a disk is missing or empty, "
             "or the order of devices is wrong.", trouble=True)),
    (r"BdsDxe: (?:failed to load|No bootable option)", _always(
        "nothing to boot", "Its UEFI found nothing to boot: a disk is missing or empty, or its "
        "NVRAM names another one.", trouble=True)),
    (r"Your PC ran into a problem|A problem has been detected and Windows has been shut down",
     _always("stop screen", "Windows stopped with an error.", trouble=True)),
    (r"GNU GRUB +version", _always("boot menu", "GRUB shows its menu, or its command line.")),
)  # fmt: skip

_LAST: tuple[tuple[str, Found], ...] = (
    (r"^grub rescue> ?.*$", _always(
        "grub rescue", "GRUB did not find its own files: a disk or partition is missing.",
        trouble=True, types=True)),
    (r"^grub> ?.*$", _always("grub", "GRUB's command line: it found no menu to show.", types=True)),
    (r"^\(initramfs\) ?.*$", _always(
        "initramfs", "Its initramfs did not find the root file system and gives a shell.",
        trouble=True, types=True)),
    (r"^Shell> ?.*$", _always(
        "UEFI shell", "The shell of its UEFI: it found nothing else to boot.", trouble=True,
        types=True)),
    (r"login: ?$", _always("login", "It waits for a login.", types=True)),
    (r"[Pp]assword(?: for [^:]+)?: ?$", _always("password", "It waits for a password.",
                                                types=True)),
    (r"[Pp]assphrase(?: for [^:]+)?: ?$", _always("passphrase", "It waits for a passphrase.",
                                                  types=True)),
    (r"[#$] ?$", _always("shell", "A shell waits for a command; somebody is logged in.",
                         types=True)),
)  # fmt: skip


_STAMP = re.compile(r"\[ *\d+\.\d+\] ")
"""What a line of the Linux kernel begins with: no row that goes on with the one above does."""


def situation_of(lines: Sequence[str], columns: int) -> Situation | None:
    """What lines of a screen of so many columns say; None where nothing is recognised."""
    for pattern, found in _ANYWHERE:
        for number in reversed(range(len(lines))):
            if re.search(pattern, lines[number]):
                match = re.search(pattern, _whole_line(lines, number, columns))
                return found(match) if match is not None else None
    last = next((line.rstrip() for line in reversed(lines) if line.strip()), "")
    for pattern, found in _LAST:
        if match := re.search(pattern, last):
            return found(match)
    return None


def _whole_line(lines: Sequence[str], number: int, columns: int) -> str:
    """A line with the rows on which it goes on: a row that is full to its last column may."""
    whole = lines[number]
    for row in lines[number + 1 :]:
        if len(lines[number]) < columns or _STAMP.match(row):
            break
        whole += row
        number += 1
    return whole
