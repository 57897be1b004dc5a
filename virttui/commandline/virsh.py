"""virsh lines: which may be run here, which ask first, and what can be completed in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

from msgspec import Struct

from virttui.commandline.virsh_reads import reads
from virttui.model.identity import Kind

_SHELL = "it belongs to virsh's own shell, which is not used here"
REFUSED = {
    "connect": "the host is that of the selected row",
    "cd": _SHELL,
    "exit": _SHELL,
    "quit": _SHELL,
}
"""Commands that are not run, and what to do instead."""

EDITS: Mapping[str, Kind | None] = {
    "edit": Kind.DOMAIN,
    "net-edit": Kind.NETWORK,
    "pool-edit": Kind.POOL,
    "nwfilter-edit": Kind.NWFILTER,
    "iface-edit": Kind.INTERFACE,
    "snapshot-edit": Kind.SNAPSHOT,
    "managedsave-edit": Kind.SAVED_IMAGE,
    "checkpoint-edit": None,
    "save-image-edit": None,
}
"""Commands that open an editor, and the kind of what it edits; None where no history keeps that."""

TERMINAL = frozenset({*EDITS, "console", "lxc-enter-namespace"})
"""Commands that want a terminal."""

_ON_TERMINAL = (("start", "--console"), ("create", "--console"))
"""Options that make a command one of those; so does ``--edit`` of any command."""

ASKS = frozenset(
    {
        "blockcommit", "blockpull", "blockresize", "checkpoint-delete", "define", "destroy",
        "detach-device", "detach-device-alias", "detach-disk", "detach-interface",
        "domfsfreeze", "domjobabort", "iface-bridge", "iface-destroy", "iface-rollback",
        "iface-unbridge", "iface-undefine", "inject-nmi", "managedsave-remove", "migrate",
        "net-destroy", "net-port-delete", "net-undefine", "net-update", "nodedev-destroy",
        "nodedev-detach", "nodedev-dettach", "nodedev-reset", "nodedev-undefine",
        "nodesuspend", "nwfilter-binding-delete", "nwfilter-undefine", "pool-build",
        "pool-delete", "pool-destroy", "pool-undefine", "qemu-agent-command",
        "qemu-monitor-command", "reboot", "reset", "restore", "save", "screenshot",
        "secret-set-value", "secret-undefine", "send-key", "send-process-signal",
        "set-user-password", "shutdown", "snapshot-delete", "snapshot-revert", "undefine",
        "vol-delete", "vol-download", "vol-resize", "vol-upload", "vol-wipe",
    }
)  # fmt: skip
"""Commands that surely may lose work, data or a definition, or write over a file."""

_OPTIONS = (
    ("dump", "--crash"), ("dump", "--reset"), ("start", "--force-boot"),
    ("create", "--autodestroy"), ("managedsave", "--paused"), ("metadata", "--remove"),
    ("blockcopy", "--reuse-external"), ("snapshot-create", "--reuse-external"),
    ("snapshot-create-as", "--reuse-external"), ("checkpoint-create", "--redefine"),
    ("backup-begin", "--reuse-external"),
)  # fmt: skip
"""Options that make a command one of those."""

_SECRET = re.compile(
    r"secret|passw|passphrase|passcode|token|base64|domsetlaunchsecstate|-(monitor|agent)-command"
    r"|send-key|private|api[-_]?key|credential|://[^/\s:@]*:[^/\s@]+@",
    re.I,
)
_KINDS = {
    "domain": Kind.DOMAIN,
    "monitor": Kind.DOMAIN,
    "snapshot": Kind.DOMAIN,
    "checkpoint": Kind.DOMAIN,
    "backup": Kind.DOMAIN,
    "network": Kind.NETWORK,
    "pool": Kind.POOL,
    "volume": Kind.POOL,
}


class VirshCommand(Struct, frozen=True):
    """One command of the installed virsh; ``kind`` is what it is about, as far as that is told."""

    name: str
    help: str
    kind: Kind | None


def catalogue(help: str) -> tuple[VirshCommand, ...]:
    """The commands that ``virsh help`` lists."""
    found: list[VirshCommand] = []
    kind: Kind | None = None
    for line in help.splitlines():
        if group := re.search(r"\(help keyword '(\w+)'\)", line):
            kind = _KINDS.get(group[1])
        elif command := re.match(r" {4}([a-z0-9-]+)\s+(.*)", line):
            found.append(VirshCommand(command[1], command[2].strip(), kind))
    return tuple(found)


class CheckedVirshLine(Struct, frozen=True):
    """A line that may be run, or ``wrong`` says why not.

    It ``asks`` unless it is known to read only, or opens an editor whose text the history keeps;
    ``consequence`` says that data or work is at stake. ``terminal``: it needs one.
    """

    arguments: tuple[str, ...] = ()
    asks: bool = False
    consequence: bool = False
    error: str = ""
    terminal: bool = False

    @property
    def kept(self) -> Kind | None:
        """The kind of definition that it edits and whose history keeps what is replaced."""
        return EDITS.get(self.arguments[0]) if self.arguments else None


def check(line: str, known: Sequence[VirshCommand] = ()) -> CheckedVirshLine:
    """Read what is typed after ``virsh``; no shell ever sees it."""
    try:
        arguments = tuple(shlex.split(line))
    except ValueError as error:
        return CheckedVirshLine(error=f"this line cannot be read: {str(error).lower()}")
    if not arguments:
        return CheckedVirshLine(error="virsh needs a command, such as dominfo NAME")
    name = arguments[0]
    if name.startswith("-"):
        return CheckedVirshLine(error="a command comes first: the host is that of the selected row")
    # virsh would run a lone argument with blanks or semicolons as a line of its own language.
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        return CheckedVirshLine(error=f"virsh has no command {name}")
    if known and name not in {one.name for one in known}:
        return CheckedVirshLine(error=f"the virsh installed here has no command {name}")
    if name in REFUSED:
        return CheckedVirshLine(error=f"virsh {name}: {REFUSED[name]}")
    terminal = (
        name in TERMINAL
        or "--edit" in arguments
        or any(name == one and option in arguments for one, option in _ON_TERMINAL)
    )
    consequence = name in ASKS or any(
        name == one and option in arguments for one, option in _OPTIONS
    )
    harmless = EDITS.get(name) is not None or name == "lxc-enter-namespace"
    harmless = harmless or (name == "console" and "--force" not in arguments)
    asks = not harmless and not reads(arguments)
    return CheckedVirshLine(arguments, asks, consequence, terminal=terminal)


def argument_list(uri: str, arguments: Sequence[str], *, read_only: bool) -> list[str]:
    """The process to start."""
    return ["virsh", "-c", uri, *(["-r"] if read_only else []), *arguments]


def secret(line: str) -> bool:
    """Whether a line may hold something that must not be kept."""
    return _SECRET.search(line) is not None
