"""All actions, in the order the help page lists them."""

from __future__ import annotations

from virttui.actions import availability
from virttui.actions.action import PANES, Action, ConfirmWhen, HelpSection
from virttui.actions.target import ActionContext
from virttui.model.commands import Verb
from virttui.model.identity import Kind

_OBJECTS = frozenset({Kind.DOMAIN, Kind.NETWORK, Kind.POOL})
_DOMAIN = frozenset({Kind.DOMAIN})
_NETWORK = frozenset({Kind.NETWORK})
_VOLUME = frozenset({Kind.VOLUME})
_POOL = frozenset({Kind.POOL})
_LISTS = frozenset(PANES)
_PAGE = frozenset({"details"})

ACTIONS: tuple[Action, ...] = (
    Action(
        "start", ("s",), "start", "Start", "start or resume", HelpSection.OBJECT, _OBJECTS,
        asks=ConfirmWhen.BULK, refuses=availability.start, verb=availability.start_verb,
    ),
    Action(
        "shutdown", ("S",), "shut down", "Shut down", "shut down", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.BULK, refuses=availability.needs_guest,
        verb=availability.always(Verb.SHUTDOWN),
    ),
    Action(
        "stop", ("S",), "stop", "Stop", "stop", HelpSection.OBJECT,
        frozenset({Kind.NETWORK, Kind.POOL}), asks=ConfirmWhen.ALWAYS,
        refuses=availability.needs_active,
        verb=availability.always(Verb.STOP),
        consequence="What uses it is cut off until it starts again.",
    ),
    Action(
        "force-off", ("D",), "force off", "Force off", "force off", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.force_off,
        verb=availability.always(Verb.FORCE_OFF),
        consequence="Like pulling the plug: what the guest has not written to disk is lost.",
        alternative="Gentler: S asks the guest to shut down.",
    ),
    Action(
        "reboot", ("R",), "reboot", "Reboot", "reboot", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.needs_guest,
        verb=availability.always(Verb.REBOOT),
        consequence="The guest is asked to restart; its users are cut off for a while.",
    ),
    Action(
        "reset", ("Z",), "reset", "Reset", "hard reset", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.needs_process,
        verb=availability.always(Verb.RESET),
        consequence="Like the reset button: what the guest has not written to disk is lost.",
        alternative="Gentler: R asks the guest to reboot.",
    ),
    Action(
        "nmi", (), "inject NMI", "Inject NMI", "inject a non-maskable interrupt",
        HelpSection.OBJECT, _DOMAIN, asks=ConfirmWhen.ALWAYS, refuses=availability.inject_nmi,
        verb=availability.always(Verb.INJECT_NMI),
        consequence="Its kernel's settings decide what follows: most guests panic or write a crash "
        "dump; others only log it.",
        shown=":nmi",
    ),
    Action(
        "pause", ("p",), "pause", "Pause", "pause or resume", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.BULK, refuses=availability.pause, verb=availability.pause_verb,
    ),
    Action(
        "save", ("w",), "save", "Save", "save to disk", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.BULK, refuses=availability.save, verb=availability.always(Verb.SAVE),
    ),
    Action(
        "drop-save", ("W",), "drop saved state", "Drop saved state", "drop its saved state",
        HelpSection.OBJECT, _DOMAIN, asks=ConfirmWhen.ALWAYS, refuses=availability.drop_save,
        verb=availability.always(Verb.REMOVE_SAVED_STATE),
        consequence="What the guest had in memory is lost: it boots anew at its next start.",
        alternative="Gentler: s goes on from where it was saved.",
    ),
    Action(
        "autostart", ("a",), "autostart", "Autostart", "autostart on or off", HelpSection.OBJECT,
        _OBJECTS, asks=ConfirmWhen.BULK, refuses=availability.needs_definition,
        verb=availability.autostart_verb,
    ),
    Action(
        "tags", ("T",), "tags", "Edit tags", "edit tags", HelpSection.OBJECT, _DOMAIN,
        refuses=availability.needs_domain,
    ),
    Action(
        "rename", ("r",), "rename", "Rename", "rename", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.needs_off,
        verb=availability.always(Verb.RENAME),
        one=True,
    ),
    Action(
        "delete", ("U",), "delete", "Delete", "delete", HelpSection.OBJECT, _OBJECTS | _VOLUME,
        asks=ConfirmWhen.ALWAYS, refuses=availability.delete, verb=availability.always(Verb.DELETE),
        consequence="Its definition is removed from libvirt. What it holds stays where it is.",
    ),
    Action(
        "clone", ("C",), "clone", "Clone", "clone it: full, linked, many at once",
        HelpSection.OBJECT,
        _DOMAIN, refuses=availability.needs_domain, one=True,
    ),
    Action(
        "archive", ("A",), "archive", "Archive", "pack it into one file of this machine",
        HelpSection.OBJECT, _DOMAIN, refuses=availability.needs_off, one=True,
    ),
    Action(
        "new-volume", ("n",), "new volume", "New volume", "make a volume in this pool",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_pool, of_pool=True,
    ),
    Action(
        "resize", ("z",), "resize", "Resize", "grow or shrink it, live where it runs",
        HelpSection.OBJECT, _VOLUME, asks=ConfirmWhen.ALWAYS, refuses=availability.needs_change,
        verb=availability.always(Verb.RESIZE), one=True,
    ),
    Action(
        "clone-volume", ("o",), "clone", "Clone", "copy it, to any pool of any host",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_change, one=True,
    ),
    Action(
        "wipe", ("W",), "wipe", "Wipe", "overwrite it with zeros", HelpSection.OBJECT, _VOLUME,
        asks=ConfirmWhen.ALWAYS, refuses=availability.unused, verb=availability.always(Verb.WIPE),
    ),
    Action(
        "upload", ("i",), "upload", "Upload", "make a volume of a file of this machine",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_pool, of_pool=True,
    ),
    Action(
        "download", ("e",), "download", "Download", "copy its content to a file of this machine",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_change, one=True,
    ),
    Action(
        "console", ("c",), "console", "Serial console", "serial console", HelpSection.OBJECT,
        _DOMAIN,
        refuses=availability.console, one=True,
    ),
    Action(
        "fix-lease", ("f",), "fix lease", "Fix a lease", "turn a lease into a reservation",
        HelpSection.OBJECT, _NETWORK, refuses=availability.needs_network, one=True,
    ),
    Action(
        "hands-out", ("enter",), "records", "Reservations and DNS", "reservations and DNS records",
        HelpSection.OBJECT, _NETWORK, refuses=availability.needs_network, one=True,
    ),
    Action(
        "restart-network", ("R",), "restart", "Restart", "stop, start, plug its guests in again",
        HelpSection.OBJECT, _NETWORK, asks=ConfirmWhen.ALWAYS, refuses=availability.restart_network,
        one=True,
    ),
    Action(
        "plug", ("P",), "plug in", "Plug in", "plug in again what lost its link",
        HelpSection.OBJECT,
        _NETWORK, asks=ConfirmWhen.BULK, refuses=availability.plug,
        verb=availability.always(Verb.REATTACH_NICS),
    ),
    Action(
        "logs", ("l",), "logs", "Log", "its log, why it failed", HelpSection.OBJECT, _DOMAIN,
        refuses=availability.needs_answer, one=True, read_only_safe=True,
    ),
    Action(
        "edit", ("e",), "edit", "Edit a setting", "settings; add, remove devices",
        HelpSection.OBJECT,
        _DOMAIN, refuses=availability.needs_domain,
    ),
    Action(
        "xml", ("x",), "XML", "XML", "its XML: edit, compare, history", HelpSection.OBJECT,
        _OBJECTS | _VOLUME | {Kind.HOST}, refuses=availability.needs_answer, one=True,
        read_only_safe=True,
    ),
    Action(
        "refresh-pool", ("r",), "refresh", "Refresh", "look for its volumes again",
        HelpSection.OBJECT,
        _POOL, refuses=availability.needs_active, verb=availability.always(Verb.REFRESH),
    ),
    Action(
        "build", ("B",), "prepare", "Prepare its place", "make its place, if nothing is there",
        HelpSection.OBJECT, _POOL, asks=ConfirmWhen.ALWAYS, refuses=availability.builds, one=True,
        verb=availability.always(Verb.BUILD),
    ),
    Action(
        "format", ("O",), "format", "Format its place", "format its place, whatever is on it",
        HelpSection.OBJECT, _POOL, asks=ConfirmWhen.ALWAYS, refuses=availability.formats, one=True,
        verb=availability.always(Verb.BUILD),
    ),
    Action(
        "erase", ("X",), "remove place", "Remove its place", "remove its place: folder, group",
        HelpSection.OBJECT, _POOL, asks=ConfirmWhen.ALWAYS, refuses=availability.erases, one=True,
        verb=availability.always(Verb.DELETE_POOL_TARGET),
    ),
    Action(
        "create", ("n",), "new", "New", "make a new one, step by step", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage"}), unavailable=availability.create,
    ),
    Action(
        "import", ("i",), "import", "Import", "a machine from OVA, VMX, XML or an archive",
        HelpSection.TABLE, panes=frozenset({"domains"}), unavailable=availability.create,
    ),
    Action(
        "topology", ("t",), "topology", "Topology", "network, bridge, NIC, guest, address: a tree",
        HelpSection.TABLE, panes=frozenset({"networks"}),
    ),
    Action(
        "task-logs", ("l",), "log", "Log of its domain", "log of its domain", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_logs,
    ),
    Action(
        "retry", ("r",), "retry", "Retry", "retry this task", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_retry,
    ),
    Action(
        "cancel", ("X",), "cancel", "Cancel", "cancel this task", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_cancel,
    ),
    Action(
        "finish-job", ("f",), "finish", "Finish the job", "switch a disk to its finished copy",
        HelpSection.TABLE, panes=frozenset({"tasks"}), unavailable=availability.task_finish,
    ),
    Action(
        "open", ("enter",), "open", "Open", "open, or go to it", HelpSection.TABLE,
        panes=frozenset({"domains", "storage", "hosts", "tasks", "events", "details"}),
        unavailable=lambda situation: "" if situation.rows else "nothing is selected",
    ),
    Action(
        "export-events", ("e",), "export", "Export the events", "export to a file",
        HelpSection.TABLE,
        panes=frozenset({"events"}),
        unavailable=lambda situation: "" if situation.rows else "nothing happened yet",
    ),
    Action(
        "fold", ("space",), "open or shut", "Open or shut", "open or shut", HelpSection.TABLE,
        panes=_PAGE,
    ),
    Action("shut", ("left",), "shut", "Shut", "shut", HelpSection.TABLE, panes=_PAGE),
    Action("unfold", ("right",), "open", "Open", "open", HelpSection.TABLE, panes=_PAGE),
    Action(
        "filter", ("slash",), "filter", "Filter", "filter", HelpSection.TABLE, panes=_LISTS,
        shown="/"
    ),
    Action(
        "mark", ("space",), "mark", "Mark", "mark", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage"}),
    ),
    Action(
        "mark-others", ("asterisk",), "invert marks", "Invert marks", "invert marks",
        HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage"}), shown="*",
    ),
    Action(
        "sort-left", ("less_than_sign",), "sort", "Sort by the column to the left",
        "sort by the column left", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}), shown="<",
    ),
    Action(
        "sort-right", ("greater_than_sign",), "sort", "Sort by the column to the right",
        "sort by the column right", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}), shown=">",
    ),
    Action(
        "sort-turn", ("I",), "invert", "Invert the sort", "invert the sort", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}),
    ),
    Action(
        "group", ("b",), "group", "Group the rows", "group the rows", HelpSection.TABLE,
        panes=frozenset({"domains"}),
    ),
    Action(
        "columns", ("vertical_line",), "columns", "Columns", "choose columns", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts"}), shown="|",
    ),
    Action("views", ("V",), "views", "Saved views", "saved views", HelpSection.TABLE, panes=_LISTS),
    Action("follow", ("F",), "follow", "Follow the row", "follow the row", HelpSection.TABLE,
           panes=_LISTS),
    Action("freeze", ("u",), "freeze", "Freeze the display", "freeze the display",
        HelpSection.TABLE,
           panes=_LISTS),
    Action(
        "attention", ("ctrl+z",), "trouble only", "Only what needs attention",
        "only what needs attention",
        HelpSection.TABLE, panes=_LISTS,
    ),
    Action(
        "window-less", ("left_square_bracket",), "window", "Shorter graphs", "shorter graphs",
        HelpSection.TABLE, panes=frozenset({"domains", "details"}), shown="[",
    ),
    Action(
        "window-more", ("right_square_bracket",), "window", "Longer graphs", "longer graphs",
        HelpSection.TABLE, panes=frozenset({"domains", "details"}), shown="]",
    ),
    Action("up", ("up", "k"), "up", "Up", "up", HelpSection.MOVE, shown="↑ k"),
    Action("down", ("down", "j"), "down", "Down", "down", HelpSection.MOVE, shown="↓ j"),
    Action("first", ("g", "home"), "first", "First row", "first", HelpSection.MOVE),
    Action("last", ("G", "end"), "last", "Last row", "last", HelpSection.MOVE),
    Action("page-down", ("ctrl+d", "pagedown"), "page", "Half a page down", "half a page down",
           HelpSection.MOVE),
    Action("page-up", ("ctrl+u", "pageup"), "page", "Half a page up", "half a page up",
           HelpSection.MOVE),
    Action("next-part", ("tab",), "next part", "Next part", "next part", HelpSection.MOVE),
    Action("last-part", ("shift+tab",), "part", "Part before", "part before", HelpSection.MOVE),
    Action("zoom", ("plus",), "zoom", "Zoom the pane", "zoom the pane", HelpSection.MOVE,
           panes=_LISTS, shown="+"),
    Action("unzoom", ("underscore",), "unzoom", "Zoom out", "zoom out", HelpSection.MOVE,
           panes=_LISTS, shown="_"),
    *(
        Action(f"pane-{name}", (str(number),), name, name.capitalize(), name)
        for number, name in enumerate(PANES, 1)
    ),
    Action("command", ("colon",), "command", "Command line", "command line",
           panes=_LISTS, shown=":"),
    Action("palette", ("ctrl+p",), "palette", "Palette", "palette", panes=_LISTS),
    Action("copy", ("y",), "copy", "Copy", "copy name, uuid, address"),
    Action("refresh", ("ctrl+r",), "refresh", "Refresh now", "refresh now"),
    Action("back", ("escape",), "back", "One layer back", "one layer back", shown="esc"),
    Action("help", ("question_mark", "f1"), "keys", "Keys", "this page", shown="?"),
    Action("quit", ("q",), "quit", "Quit", "quit"),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}


def meant(key: str, situation: ActionContext) -> Action | None:
    """The action a key means here."""
    return next(
        (action for action in ACTIONS if key in action.keys and action.fits(situation)), None
    )
