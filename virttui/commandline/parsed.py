"""What a line after ``:`` may ask for, and what is known of one while it is typed."""

from __future__ import annotations

from msgspec import Struct

from virttui.actions.action import Action
from virttui.commandline import virsh
from virttui.model.commands import SettingChange, Target, Verb
from virttui.model.secret_value import hides
from virttui.render.search import PickerItem


class ActionCommand(Struct, frozen=True):
    """An action on named targets. ``verb`` is set where the words say which way it goes."""

    action: Action
    targets: tuple[Target, ...]
    verb: Verb | None = None
    new_name: str = ""


class ConsoleCommand(Struct, frozen=True):
    """Open a console of a domain: ``device`` by libvirt's alias or the guest's name of it, "" for
    any; ``take`` asks whether to take it over where somebody else has it."""

    target: Target
    device: str = ""
    take: bool = False


class HostLogsCommand(Struct, frozen=True):
    """Show the logs of a host, by its id; ``name`` is shown."""

    host: str
    name: str


class PasswordCommand(Struct, frozen=True):
    """Ask for the password of a user of domains, as in ``SetCommand``, and set it."""

    user: str
    targets: tuple[Target, ...] = ()


class SnapshotCommand(Struct, frozen=True):
    """Take a snapshot called ``name`` of domains, as in ``SetCommand``, on its sheet.

    ``memory`` and ``quiesce`` are ticked there already.
    """

    name: str
    memory: bool = False
    quiesce: bool = False
    targets: tuple[Target, ...] = ()


class RevertCommand(Struct, frozen=True):
    """Ask whether a domain is reverted to the snapshot called ``name``; one domain, as in
    ``DiskJobCommand``. ``force`` goes on where libvirt calls it risky."""

    name: str
    force: bool = False
    targets: tuple[Target, ...] = ()


@hides("text")
class GuestKeysCommand(Struct, frozen=True):
    """Send keys to a guest, or type a text; without ``targets`` for the selected domain.

    ``keys`` are names, one sent after the other; where there are none it is the ``text``, which
    may be a password, with the enter key behind it where ``enter`` says so. ``layout`` is "" for
    that of the guest's display.
    """

    targets: tuple[Target, ...] = ()
    keys: tuple[str, ...] = ()
    text: str = ""
    enter: bool = False
    layout: str = ""


class LineCommand(Struct, frozen=True):
    """An action without targets by its id, or a command of the line's own (``sort cpu``)."""

    id: str


class GotoCommand(Struct, frozen=True):
    """Put the cursor on an object."""

    target: Target


class VirshLine(Struct, frozen=True):
    """Run virsh with these arguments on the selected row's host."""

    call: virsh.CheckedVirshLine


class ExportCommand(Struct, frozen=True):
    """Write the list on screen, or the selected domain's ``history``, to a file."""

    path: str
    format: str = ""
    history: bool = False


class ImportArchiveCommand(Struct, frozen=True):
    """Bring in the machine in a file; with ``packs`` write one into it: a target, else the selected
    one."""

    path: str
    packs: bool = False
    targets: tuple[Target, ...] = ()


class ViewCommand(Struct, frozen=True):
    """Show a saved view, ``save`` the present one under a name, or ``delete`` it."""

    name: str
    verb: str = "show"


class SetCommand(Struct, frozen=True):
    """An edit of domains by name. Without ``targets`` it is for the selection or the marks."""

    edit: SettingChange
    targets: tuple[Target, ...] = ()
    autostart: str = ""


class AddCommand(Struct, frozen=True):
    """A new device of a kind, "" for one that is still to be chosen, for domains as in
    ``SetCommand``."""

    kind: str
    targets: tuple[Target, ...] = ()


class DiskJobCommand(Struct, frozen=True):
    """Work on one disk of a running domain; without ``targets`` for the selected one."""

    verb: Verb
    disk: str
    value: str = ""
    targets: tuple[Target, ...] = ()


class DropSnapshotsCommand(Struct, frozen=True):
    """Delete snapshots of one domain: those of ``names``, those taken more than ``older`` seconds
    ago, or all but the newest ``keep``."""

    targets: tuple[Target, ...]
    names: tuple[str, ...] = ()
    older: float | None = None
    keep: int | None = None


Intent = (
    ActionCommand
    | DropSnapshotsCommand
    | HostLogsCommand
    | ConsoleCommand
    | PasswordCommand
    | RevertCommand
    | SnapshotCommand
    | GuestKeysCommand
    | LineCommand
    | GotoCommand
    | VirshLine
    | ExportCommand
    | ImportArchiveCommand
    | ViewCommand
    | SetCommand
    | AddCommand
    | DiskJobCommand
)


class ParseResult(Struct, frozen=True):
    """The result of reading a line.

    ``intent`` is what the line asks for once it is complete. ``choices`` are completions for the
    text from ``start`` on; ``whole`` says that each is a command by itself. ``error`` says why the
    line cannot be run and ``word`` which word is wrong; while ``partial`` the line is only not
    finished. ``note`` is help for what comes next; ``path`` is a path of this machine that is
    being typed, "" for none.
    """

    choices: tuple[PickerItem[str], ...] = ()
    start: int = 0
    whole: bool = False
    intent: Intent | None = None
    error: str = ""
    word: str = ""
    partial: bool = False
    note: str = ""
    path: str = ""
