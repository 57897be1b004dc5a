"""Every action once: its key, its words, what it is for, why it cannot be done, what it asks.

The key map, the keys line, the help page, the palette and the ``:`` line are all made from
``ACTIONS``. An action on objects says *why not* for each subject and which verb it would be
(``panes.plans`` makes commands of them); an action on the screen is only named here and done by
the screen's hands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from virttui.model.commands import Verb
from virttui.model.inventory import (
    Domain,
    DomainState,
    HostState,
    Key,
    Kind,
    Network,
    Phase,
    Pool,
    Volume,
)
from virttui.model.tasks import Task, TaskState

Thing = Domain | Network | Pool | Volume | None


@dataclass(frozen=True, slots=True)
class Subject:
    """One object a key would act on, with all that decides whether it may."""

    kind: Kind
    key: Key
    name: str
    host: HostState
    thing: Thing = None
    task: Task | None = None

    @property
    def domain(self) -> Domain:
        """The subject as a domain."""
        if not isinstance(self.thing, Domain):
            raise TypeError(f"{self.name} is no domain")
        return self.thing

    @property
    def active(self) -> bool:
        """Whether it runs (domains) or can be used (networks, pools)."""
        thing = self.thing
        if isinstance(thing, Domain):
            return thing.state.active
        return isinstance(thing, Network | Pool) and thing.active

    @property
    def persistent(self) -> bool:
        """Whether its definition stays when it stops."""
        return isinstance(self.thing, Domain | Network | Pool) and self.thing.persistent

    @property
    def autostart(self) -> bool:
        """Whether its host starts it by itself."""
        return isinstance(self.thing, Domain | Network | Pool) and self.thing.autostart


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a key is pressed: the pane, the subjects (marks, or the cursor's row), the task."""

    pane: str
    subjects: tuple[Subject, ...] = ()
    marked: bool = False
    task: Task | None = None
    read_only: bool = False
    volumes_open: bool = False
    rows: bool = False


class Place(StrEnum):
    """Where the help page lists an action."""

    OBJECT = "this {kind}"
    TABLE = "this table"
    MOVE = "move"
    EVERYWHERE = "everywhere"


class Asks(StrEnum):
    """When an action asks before it acts."""

    NEVER = "never"
    BULK = "in bulk"
    ALWAYS = "always"


Refusal = Callable[[Subject], str]

PANES = ("domains", "networks", "storage", "hosts", "tasks", "events")
_OBJECTS = frozenset({Kind.DOMAIN, Kind.NETWORK, Kind.POOL})
_DOMAIN = frozenset({Kind.DOMAIN})


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    ``word`` is for the keys line, ``title`` for buttons and the palette, ``help`` for the help
    page. ``kinds`` are the objects it acts on, empty for actions on the screen; ``panes`` limits
    those. ``refuses`` gives the reason in words, "" when it can be done; ``verb`` says what would
    be asked of a subject. ``loses`` and ``gentler`` are the sentences of its confirmation.
    """

    id: str
    keys: tuple[str, ...]
    word: str
    title: str
    help: str
    place: Place = Place.EVERYWHERE
    kinds: frozenset[Kind] = frozenset()
    panes: frozenset[str] = frozenset(PANES)
    asks: Asks = Asks.NEVER
    refuses: Refusal = lambda subject: ""
    verb: Callable[[Subject], Verb] | None = None
    loses: str = ""
    gentler: str = ""
    shown: str = ""
    one: bool = False

    @property
    def key(self) -> str:
        """The key as people read it."""
        return self.shown or self.keys[0]

    def fits(self, situation: Situation) -> bool:
        """Whether the key means this action here at all."""
        if situation.pane not in self.panes:
            return False
        if not self.kinds:
            return True
        kind = situation.subjects[0].kind if situation.subjects else _KIND.get(situation.pane)
        return kind in self.kinds

    def why_not(self, situation: Situation) -> str:
        """Why it cannot be done here, in words; "" when it can for at least one subject."""
        if self.id in _SCREEN_REASONS:
            return _SCREEN_REASONS[self.id](situation)
        if not self.kinds:
            return ""
        if not situation.subjects:
            return "nothing is selected"
        if self.one and len(situation.subjects) > 1:
            return "one at a time: esc clears the marks"
        if situation.read_only:
            return "this run is read-only"
        reasons = [self.refuses(subject) for subject in situation.subjects]
        return "" if "" in reasons else reasons[0]


_KIND = {"domains": Kind.DOMAIN, "networks": Kind.NETWORK, "storage": Kind.POOL}


# -- reasons -----------------------------------------------------------------------------------


def _barred(subject: Subject, *, silent: bool = True, busy: bool = True) -> str:
    """What stands in the way of any change: the host, a task at work, a QEMU that hangs."""
    host, name = subject.host, subject.name
    if host.phase is not Phase.LIVE:
        return f"{host.name} does not answer"
    if host.read_only:
        return f"{host.name} was opened for reading only"
    if busy and subject.task is not None:
        return f"{subject.task.command.verb.value} is at work on {name}"
    if silent and isinstance(subject.thing, Domain) and subject.thing.silent_at is not None:
        return f"{name} does not answer; D forces it off"
    return ""


def _start(subject: Subject) -> str:
    reason = _barred(subject, silent=False)
    if reason or subject.kind is not Kind.DOMAIN:
        return reason or (f"{subject.name} is already active" if subject.active else "")
    domain = subject.domain
    if domain.state is DomainState.PAUSED:
        return _barred(subject)
    if domain.state is DomainState.PMSUSPENDED:
        return f"{subject.name} is asleep; only its guest wakes it"
    if domain.state is DomainState.CRASHED and domain.id is not None:
        return f"{subject.name} crashed and is kept as it was; D ends it first"
    return f"{subject.name} is already running" if domain.state.active else ""


def _needs_guest(subject: Subject) -> str:
    """For what only a guest whose CPUs run can do."""
    reason = _barred(subject)
    if reason:
        return reason
    state = subject.domain.state
    if state is DomainState.PAUSED:
        return f"{subject.name} is paused and cannot answer"
    if state is DomainState.PMSUSPENDED:
        return f"{subject.name} is asleep and cannot answer"
    return "" if state.active else _is_off(subject)


def _is_off(subject: Subject) -> str:
    crashed = isinstance(subject.thing, Domain) and subject.thing.state is DomainState.CRASHED
    return f"{subject.name} has crashed" if crashed else f"{subject.name} is off"


def _needs_process(subject: Subject) -> str:
    """For what wants a running process, whatever its guest does."""
    return _barred(subject) or ("" if subject.active else _is_off(subject))


def _force_off(subject: Subject) -> str:
    # The one key that must work on a hung guest, and while a shutdown is waited for.
    busy = subject.task is not None and subject.task.command.verb is Verb.FORCE_OFF
    reason = _barred(subject, silent=False, busy=busy)
    kept = subject.domain.state is DomainState.CRASHED and subject.domain.id is not None
    return reason or ("" if subject.active or kept else f"{subject.name} is off")


def _pause(subject: Subject) -> str:
    reason = _needs_process(subject)
    if reason:
        return reason
    if subject.domain.state is DomainState.PMSUSPENDED:
        return f"{subject.name} is asleep; only its guest wakes it"
    return ""


def _save(subject: Subject) -> str:
    reason = _needs_process(subject)
    return reason or ("" if subject.persistent else f"{subject.name} is gone once it stops")


def _stop(subject: Subject) -> str:
    return _barred(subject) or ("" if subject.active else f"{subject.name} is off")


def _needs_definition(subject: Subject) -> str:
    reason = _barred(subject, silent=False)
    return reason or ("" if subject.persistent else f"{subject.name} has no definition to keep it")


def _needs_off(subject: Subject) -> str:
    reason = _needs_definition(subject)
    if subject.active:
        return reason or f"only when off: {subject.name} is {_state_word(subject)}"
    return reason


def _state_word(subject: Subject) -> str:
    return subject.domain.state.value if subject.kind is Kind.DOMAIN else "active"


def _console(subject: Subject) -> str:
    if subject.host.read_only:
        return f"a console writes, and {subject.host.name} was opened for reading only"
    if subject.host.phase is not Phase.LIVE:
        return f"{subject.host.name} does not answer"
    return "" if subject.active else f"{subject.name} is off"


def _task_retry(situation: Situation) -> str:
    if situation.task is None:
        return "no task is selected"
    if situation.read_only:
        return "this run is read-only"
    states = (TaskState.FAILED, TaskState.CANCELLED)
    return "" if situation.task.state in states else "only what failed or was cancelled"


def _task_cancel(situation: Situation) -> str:
    if situation.task is None:
        return "no task is selected"
    if situation.task.state is TaskState.WAITING:
        return ""
    if situation.task.command.verb is Verb.SHUTDOWN and not situation.task.state.ended:
        return ""
    ended = situation.task.state.ended
    return "it has ended" if ended else "it is at work already; libvirt cannot take it back"


_SCREEN_REASONS: dict[str, Callable[[Situation], str]] = {
    "retry": _task_retry,
    "cancel": _task_cancel,
    "open": lambda situation: "" if situation.rows else "nothing is selected",
}


# -- verbs -------------------------------------------------------------------------------------


def is_paused(subject: Subject) -> bool:
    """Whether it is a domain whose CPUs stand still."""
    return isinstance(subject.thing, Domain) and subject.thing.state is DomainState.PAUSED


def _start_verb(subject: Subject) -> Verb:
    return Verb.RESUME if is_paused(subject) else Verb.START


def _pause_verb(subject: Subject) -> Verb:
    return Verb.RESUME if is_paused(subject) else Verb.PAUSE


def _autostart_verb(subject: Subject) -> Verb:
    return Verb.AUTOSTART_OFF if subject.autostart else Verb.AUTOSTART_ON


def _always(verb: Verb) -> Callable[[Subject], Verb]:
    return lambda subject: verb


ACTIONS: tuple[Action, ...] = (
    Action(
        "start", ("s",), "start", "Start", "start or resume", Place.OBJECT, _OBJECTS,
        asks=Asks.BULK, refuses=_start, verb=_start_verb,
    ),
    Action(
        "shutdown", ("S",), "shut down", "Shut down", "shut down", Place.OBJECT, _DOMAIN,
        asks=Asks.BULK, refuses=_needs_guest, verb=_always(Verb.SHUTDOWN),
    ),
    Action(
        "stop", ("S",), "stop", "Stop", "stop", Place.OBJECT,
        frozenset({Kind.NETWORK, Kind.POOL}), asks=Asks.ALWAYS, refuses=_stop,
        verb=_always(Verb.STOP), loses="What uses it is cut off until it starts again.",
    ),
    Action(
        "force-off", ("D",), "force off", "Force off", "force off", Place.OBJECT, _DOMAIN,
        asks=Asks.ALWAYS, refuses=_force_off, verb=_always(Verb.FORCE_OFF),
        loses="Like pulling the plug: what the guest has not written to disk is lost.",
        gentler="Gentler: S asks the guest to shut down.",
    ),
    Action(
        "reboot", ("R",), "reboot", "Reboot", "reboot", Place.OBJECT, _DOMAIN,
        asks=Asks.ALWAYS, refuses=_needs_guest, verb=_always(Verb.REBOOT),
        loses="The guest is asked to restart; who uses it is cut off for a while.",
    ),
    Action(
        "reset", ("Z",), "reset", "Reset", "hard reset", Place.OBJECT, _DOMAIN,
        asks=Asks.ALWAYS, refuses=_needs_process, verb=_always(Verb.RESET),
        loses="Like the reset button: what the guest has not written to disk is lost.",
        gentler="Gentler: R asks the guest to reboot.",
    ),
    Action(
        "pause", ("p",), "pause", "Pause", "pause or resume", Place.OBJECT, _DOMAIN,
        asks=Asks.BULK, refuses=_pause, verb=_pause_verb,
    ),
    Action(
        "save", ("w",), "save", "Save", "save to disk", Place.OBJECT, _DOMAIN,
        asks=Asks.BULK, refuses=_save, verb=_always(Verb.SAVE),
    ),
    Action(
        "autostart", ("a",), "autostart", "Autostart", "autostart on or off", Place.OBJECT,
        _OBJECTS, asks=Asks.BULK, refuses=_needs_definition, verb=_autostart_verb,
    ),
    Action(
        "rename", ("r",), "rename", "Rename", "rename", Place.OBJECT, _DOMAIN,
        asks=Asks.ALWAYS, refuses=_needs_off, verb=_always(Verb.RENAME), one=True,
    ),
    Action(
        "delete", ("U",), "delete", "Delete", "delete", Place.OBJECT, _OBJECTS,
        asks=Asks.ALWAYS, refuses=_needs_off, verb=_always(Verb.DELETE), one=True,
        loses="Its definition is removed from libvirt. What it holds stays where it is.",
    ),
    Action(
        "console", ("c",), "console", "Serial console", "serial console", Place.OBJECT, _DOMAIN,
        refuses=_console, one=True,
    ),
    Action(
        "retry", ("r",), "retry", "Retry", "retry this task", Place.TABLE,
        panes=frozenset({"tasks"}),
    ),
    Action(
        "cancel", ("X",), "cancel", "Cancel", "cancel this task", Place.TABLE,
        panes=frozenset({"tasks"}),
    ),
    Action(
        "open", ("enter",), "open", "Open", "open, or go to it", Place.TABLE,
        panes=frozenset({"storage", "hosts", "tasks", "events"}),
    ),
    Action("filter", ("slash",), "filter", "Filter", "filter", Place.TABLE, shown="/"),
    Action(
        "mark", ("space",), "mark", "Mark", "mark", Place.TABLE,
        panes=frozenset({"domains", "networks", "storage"}),
    ),
    Action(
        "mark-others", ("asterisk",), "invert marks", "Invert marks", "invert marks", Place.TABLE,
        panes=frozenset({"domains", "networks", "storage"}), shown="*",
    ),
    Action(
        "sort-left", ("less_than_sign",), "sort", "Sort by the column to the left",
        "sort by the column left", Place.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts"}), shown="<",
    ),
    Action(
        "sort-right", ("greater_than_sign",), "sort", "Sort by the column to the right",
        "sort by the column right", Place.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts"}), shown=">",
    ),
    Action(
        "sort-turn", ("I",), "invert", "Invert the sort", "invert the sort", Place.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts"}),
    ),
    Action("follow", ("F",), "follow", "Follow the row", "follow the row", Place.TABLE),
    Action("freeze", ("u",), "freeze", "Freeze the display", "freeze the display", Place.TABLE),
    Action(
        "eyes", ("ctrl+z",), "trouble only", "Only what needs eyes", "only what needs eyes",
        Place.TABLE,
    ),
    Action(
        "window-less", ("left_square_bracket",), "window", "Shorter graphs", "shorter graphs",
        Place.TABLE, panes=frozenset({"domains"}), shown="[",
    ),
    Action(
        "window-more", ("right_square_bracket",), "window", "Longer graphs", "longer graphs",
        Place.TABLE, panes=frozenset({"domains"}), shown="]",
    ),
    Action("up", ("up", "k"), "up", "Up", "up", Place.MOVE, shown="↑ k"),
    Action("down", ("down", "j"), "down", "Down", "down", Place.MOVE, shown="↓ j"),
    Action("first", ("g", "home"), "first", "First row", "first", Place.MOVE),
    Action("last", ("G", "end"), "last", "Last row", "last", Place.MOVE),
    Action("page-down", ("ctrl+d", "pagedown"), "page", "Half a page down", "half a page down",
           Place.MOVE),
    Action("page-up", ("ctrl+u", "pageup"), "page", "Half a page up", "half a page up",
           Place.MOVE),
    Action("next-part", ("tab",), "next part", "Next part", "next part", Place.MOVE),
    Action("last-part", ("shift+tab",), "part", "Part before", "part before", Place.MOVE),
    Action("zoom", ("plus",), "zoom", "Zoom the pane", "zoom the pane", Place.MOVE, shown="+"),
    Action("unzoom", ("underscore",), "unzoom", "Zoom out", "zoom out", Place.MOVE, shown="_"),
    *(
        Action(f"pane-{name}", (str(number),), name, name.capitalize(), name)
        for number, name in enumerate(PANES, 1)
    ),
    Action("command", ("colon",), "command", "Command line", "command line", shown=":"),
    Action("palette", ("ctrl+p",), "palette", "Palette", "palette"),
    Action("copy", ("y",), "copy", "Copy", "copy name, uuid, address"),
    Action("refresh", ("ctrl+r",), "refresh", "Refresh now", "refresh now"),
    Action("back", ("escape",), "back", "One layer back", "one layer back", shown="esc"),
    Action("help", ("question_mark", "f1"), "keys", "Keys", "this page", shown="?"),
    Action("quit", ("q",), "quit", "Quit", "quit"),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}


def meant(key: str, situation: Situation) -> Action | None:
    """The action a key means here."""
    return next(
        (action for action in ACTIONS if key in action.keys and action.fits(situation)), None
    )
