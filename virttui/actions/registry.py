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
        handler="objects.start",
    ),
    Action(
        "shutdown", ("S",), "shut down", "Shut down", "shut down", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.BULK, refuses=availability.needs_guest,
        verb=availability.always(Verb.SHUTDOWN),
        handler="objects.run_plan",
    ),
    Action(
        "stop", ("S",), "stop", "Stop", "stop", HelpSection.OBJECT,
        frozenset({Kind.NETWORK, Kind.POOL}), asks=ConfirmWhen.ALWAYS,
        refuses=availability.needs_active,
        verb=availability.always(Verb.STOP),
        consequence="What uses it is cut off until it starts again.",
        handler="objects.run_plan",
    ),
    Action(
        "force-off", ("D",), "force off", "Force off", "force off", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.force_off,
        verb=availability.always(Verb.FORCE_OFF),
        consequence="Like pulling the plug: what the guest has not written to disk is lost.",
        alternative="Gentler: S asks the guest to shut down.",
        handler="objects.run_plan",
    ),
    Action(
        "reboot", ("R",), "reboot", "Reboot", "reboot", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.needs_guest,
        verb=availability.always(Verb.REBOOT),
        consequence="The guest is asked to restart; its users are cut off for a while.",
        handler="objects.run_plan",
    ),
    Action(
        "reset", ("Z",), "reset", "Reset", "hard reset", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.needs_process,
        verb=availability.always(Verb.RESET),
        consequence="Like the reset button: what the guest has not written to disk is lost.",
        alternative="Gentler: R asks the guest to reboot.",
        handler="objects.run_plan",
    ),
    Action(
        "nmi", (), "inject NMI", "Inject NMI", "inject a non-maskable interrupt",
        HelpSection.OBJECT, _DOMAIN, asks=ConfirmWhen.ALWAYS, refuses=availability.inject_nmi,
        verb=availability.always(Verb.INJECT_NMI),
        consequence="Its kernel's settings decide what follows: most guests panic or write a crash "
        "dump; others only log it.",
        shown=":nmi",
        handler="objects.run_plan",
    ),
    Action(
        "pause", ("p",), "pause", "Pause", "pause or resume", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.BULK, refuses=availability.pause, verb=availability.pause_verb,
        handler="objects.run_plan",
    ),
    Action(
        "save", ("w",), "save", "Save", "save to disk", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.BULK, refuses=availability.save, verb=availability.always(Verb.SAVE),
        handler="objects.run_plan",
    ),
    Action(
        "drop-save", ("W",), "drop saved state", "Drop saved state", "drop its saved state",
        HelpSection.OBJECT, _DOMAIN, asks=ConfirmWhen.ALWAYS, refuses=availability.drop_save,
        verb=availability.always(Verb.REMOVE_SAVED_STATE),
        consequence="What the guest had in memory is lost: it boots anew at its next start.",
        alternative="Gentler: s goes on from where it was saved.",
        handler="objects.run_plan",
    ),
    Action(
        "autostart", ("a",), "autostart", "Autostart", "autostart on or off", HelpSection.OBJECT,
        _OBJECTS, asks=ConfirmWhen.BULK, refuses=availability.needs_definition,
        verb=availability.autostart_verb,
        handler="objects.run_plan",
    ),
    Action(
        "tags", ("T",), "tags", "Edit tags", "edit tags", HelpSection.OBJECT, _DOMAIN,
        refuses=availability.needs_domain,
        handler="objects.edit_tags",
    ),
    Action(
        "rename", ("r",), "rename", "Rename", "rename", HelpSection.OBJECT, _DOMAIN,
        asks=ConfirmWhen.ALWAYS, refuses=availability.needs_off,
        verb=availability.always(Verb.RENAME),
        one=True,
        handler="objects.rename",
    ),
    Action(
        "delete", ("U",), "delete", "Delete", "delete", HelpSection.OBJECT, _OBJECTS | _VOLUME,
        asks=ConfirmWhen.ALWAYS, refuses=availability.delete, verb=availability.always(Verb.DELETE),
        consequence="Its definition is removed from libvirt. What it holds stays where it is.",
        handler="objects.delete",
    ),
    Action(
        "clone", ("C",), "clone", "Clone", "clone it: full, linked, many at once",
        HelpSection.OBJECT,
        _DOMAIN, refuses=availability.needs_domain, one=True,
        handler="objects.clone",
    ),
    Action(
        "archive", ("A",), "archive", "Archive", "pack it into one file of this machine",
        HelpSection.OBJECT, _DOMAIN, refuses=availability.needs_off, one=True,
        handler="objects.archive",
    ),
    Action(
        "new-volume", ("n",), "new volume", "New volume", "make a volume in this pool",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_pool, of_pool=True,
        handler="objects.new_volume",
    ),
    Action(
        "resize", ("z",), "resize", "Resize", "grow or shrink it, live where it runs",
        HelpSection.OBJECT, _VOLUME, asks=ConfirmWhen.ALWAYS, refuses=availability.needs_change,
        verb=availability.always(Verb.RESIZE), one=True,
        handler="objects.resize_volume",
    ),
    Action(
        "clone-volume", ("o",), "clone", "Clone", "copy it, to any pool of any host",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_change, one=True,
        handler="objects.clone_volume",
    ),
    Action(
        "wipe", ("W",), "wipe", "Wipe", "overwrite it with zeros", HelpSection.OBJECT, _VOLUME,
        asks=ConfirmWhen.ALWAYS, refuses=availability.unused, verb=availability.always(Verb.WIPE),
        handler="objects.wipe_volume",
    ),
    Action(
        "upload", ("i",), "upload", "Upload", "make a volume of a file of this machine",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_pool, of_pool=True,
        handler="objects.upload_volume",
    ),
    Action(
        "download", ("e",), "download", "Download", "copy its content to a file of this machine",
        HelpSection.OBJECT, _VOLUME, refuses=availability.needs_change, one=True,
        handler="objects.download_volume",
    ),
    Action(
        "console", ("c",), "console", "Serial console", "serial console", HelpSection.OBJECT,
        _DOMAIN,
        refuses=availability.console, one=True,
        handler="objects.open_console",
    ),
    Action(
        "fix-lease", ("f",), "fix lease", "Fix a lease", "turn a lease into a reservation",
        HelpSection.OBJECT, _NETWORK, refuses=availability.needs_network, one=True,
        handler="objects.reserve_lease",
    ),
    Action(
        "hands-out", ("enter",), "records", "Reservations and DNS", "reservations and DNS records",
        HelpSection.OBJECT, _NETWORK, refuses=availability.needs_network, one=True,
        handler="objects.show_network_records",
    ),
    Action(
        "restart-network", ("R",), "restart", "Restart", "stop, start, plug its guests in again",
        HelpSection.OBJECT, _NETWORK, asks=ConfirmWhen.ALWAYS, refuses=availability.restart_network,
        one=True,
        handler="objects.restart_network",
    ),
    Action(
        "plug", ("P",), "plug in", "Plug in", "plug in again what lost its link",
        HelpSection.OBJECT,
        _NETWORK, asks=ConfirmWhen.BULK, refuses=availability.plug,
        verb=availability.always(Verb.REATTACH_NICS),
        handler="objects.run_plan",
    ),
    Action(
        "logs", ("l",), "logs", "Log", "its log, why it failed", HelpSection.OBJECT, _DOMAIN,
        refuses=availability.needs_answer, one=True, read_only_safe=True,
        handler="objects.show_log",
    ),
    Action(
        "edit", ("e",), "edit", "Edit a setting", "settings; add, remove devices",
        HelpSection.OBJECT,
        _DOMAIN, refuses=availability.needs_domain,
        handler="objects.edit_settings",
    ),
    Action(
        "xml", ("x",), "XML", "XML", "its XML: edit, compare, history", HelpSection.OBJECT,
        _OBJECTS | _VOLUME | {Kind.HOST}, refuses=availability.needs_answer, one=True,
        read_only_safe=True,
        handler="objects.open_xml",
    ),
    Action(
        "refresh-pool", ("r",), "refresh", "Refresh", "look for its volumes again",
        HelpSection.OBJECT,
        _POOL, refuses=availability.needs_active, verb=availability.always(Verb.REFRESH),
        handler="objects.run_plan",
    ),
    Action(
        "build", ("B",), "prepare", "Prepare its place", "make its place, if nothing is there",
        HelpSection.OBJECT, _POOL, asks=ConfirmWhen.ALWAYS, refuses=availability.builds, one=True,
        verb=availability.always(Verb.BUILD),
        handler="objects.build_pool",
    ),
    Action(
        "format", ("O",), "format", "Format its place", "format its place, whatever is on it",
        HelpSection.OBJECT, _POOL, asks=ConfirmWhen.ALWAYS, refuses=availability.formats, one=True,
        verb=availability.always(Verb.BUILD),
        handler="objects.format_pool",
    ),
    Action(
        "erase", ("X",), "remove place", "Remove its place", "remove its place: folder, group",
        HelpSection.OBJECT, _POOL, asks=ConfirmWhen.ALWAYS, refuses=availability.erases, one=True,
        verb=availability.always(Verb.DELETE_POOL_TARGET),
        handler="objects.delete_pool_target",
    ),
    Action(
        "create", ("n",), "new", "New", "make a new one, step by step", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage"}), unavailable=availability.create,
        handler="objects.create",
    ),
    Action(
        "import", ("i",), "import", "Import", "a machine from OVA, VMX, XML or an archive",
        HelpSection.TABLE, panes=frozenset({"domains"}), unavailable=availability.create,
        handler="objects.import_machine",
    ),
    Action(
        "topology", ("t",), "topology", "Topology", "network, bridge, NIC, guest, address: a tree",
        HelpSection.TABLE, panes=frozenset({"networks"}),
        handler="view.show_topology",
    ),
    Action(
        "task-logs", ("l",), "log", "Log of its domain", "log of its domain", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_logs,
        handler="objects.show_log",
    ),
    Action(
        "retry", ("r",), "retry", "Retry", "retry this task", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_retry,
        handler="objects.retry",
    ),
    Action(
        "cancel", ("X",), "cancel", "Cancel", "cancel this task", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_cancel,
        handler="objects.cancel",
    ),
    Action(
        "finish-job", ("f",), "finish", "Finish the job", "switch a disk to its finished copy",
        HelpSection.TABLE, panes=frozenset({"tasks"}), unavailable=availability.task_finish,
        handler="objects.finish_job",
    ),
    Action(
        "open", ("enter",), "open", "Open", "open, or go to it", HelpSection.TABLE,
        panes=frozenset({"domains", "storage", "hosts", "tasks", "events", "details"}),
        unavailable=lambda situation: "" if situation.rows else "nothing is selected",
        handler="view.open",
    ),
    Action(
        "export-events", ("e",), "export", "Export the events", "export to a file",
        HelpSection.TABLE,
        panes=frozenset({"events"}),
        unavailable=lambda situation: "" if situation.rows else "nothing happened yet",
        handler="view.export_events",
    ),
    Action(
        "fold", ("space",), "open or shut", "Open or shut", "open or shut", HelpSection.TABLE,
        panes=_PAGE,
        handler="view.toggle_fold",
    ),
    Action("shut", ("left",), "shut", "Shut", "shut", HelpSection.TABLE, panes=_PAGE,
           handler="view.fold"),
    Action("unfold", ("right",), "open", "Open", "open", HelpSection.TABLE, panes=_PAGE,
           handler="view.unfold"),
    Action(
        "filter", ("slash",), "filter", "Filter", "filter", HelpSection.TABLE, panes=_LISTS,
        shown="/",
        handler="view.open_filter",
    ),
    Action(
        "mark", ("space",), "mark", "Mark", "mark", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage"}),
        handler="view.toggle_mark",
    ),
    Action(
        "mark-others", ("asterisk",), "invert marks", "Invert marks", "invert marks",
        HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage"}), shown="*",
        handler="view.invert_marks",
    ),
    Action(
        "sort-left", ("less_than_sign",), "sort", "Sort by the column to the left",
        "sort by the column left", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}), shown="<",
        handler="view.sort_left",
    ),
    Action(
        "sort-right", ("greater_than_sign",), "sort", "Sort by the column to the right",
        "sort by the column right", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}), shown=">",
        handler="view.sort_right",
    ),
    Action(
        "sort-turn", ("I",), "invert", "Invert the sort", "invert the sort", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}),
        handler="view.invert_sort",
    ),
    Action(
        "group", ("b",), "group", "Group the rows", "group the rows", HelpSection.TABLE,
        panes=frozenset({"domains"}),
        handler="view.choose_grouping",
    ),
    Action(
        "columns", ("vertical_line",), "columns", "Columns", "choose columns", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts"}), shown="|",
        handler="view.choose_columns",
    ),
    Action("views", ("V",), "views", "Saved views", "saved views", HelpSection.TABLE, panes=_LISTS,
           handler="view.choose_view"),
    Action("follow", ("F",), "follow", "Follow the row", "follow the row", HelpSection.TABLE,
           panes=_LISTS,
           handler="view.toggle_follow"),
    Action("freeze", ("u",), "freeze", "Freeze the display", "freeze the display",
        HelpSection.TABLE,
           panes=_LISTS,
           handler="view.toggle_freeze"),
    Action(
        "attention", ("ctrl+z",), "trouble only", "Only what needs attention",
        "only what needs attention",
        HelpSection.TABLE, panes=_LISTS,
        handler="view.toggle_attention_only",
    ),
    Action(
        "window-less", ("left_square_bracket",), "window", "Shorter graphs", "shorter graphs",
        HelpSection.TABLE, panes=frozenset({"domains", "details"}), shown="[",
        handler="view.shorten_window",
    ),
    Action(
        "window-more", ("right_square_bracket",), "window", "Longer graphs", "longer graphs",
        HelpSection.TABLE, panes=frozenset({"domains", "details"}), shown="]",
        handler="view.lengthen_window",
    ),
    Action("up", ("up", "k"), "up", "Up", "up", HelpSection.MOVE, shown="↑ k",
           handler="view.move_up"),
    Action("down", ("down", "j"), "down", "Down", "down", HelpSection.MOVE, shown="↓ j",
           handler="view.move_down"),
    Action("first", ("g", "home"), "first", "First row", "first", HelpSection.MOVE,
           handler="view.go_first"),
    Action("last", ("G", "end"), "last", "Last row", "last", HelpSection.MOVE,
           handler="view.go_last"),
    Action("page-down", ("ctrl+d", "pagedown"), "page", "Half a page down", "half a page down",
           HelpSection.MOVE,
           handler="view.page_down"),
    Action("page-up", ("ctrl+u", "pageup"), "page", "Half a page up", "half a page up",
           HelpSection.MOVE,
           handler="view.page_up"),
    Action("next-part", ("tab",), "next part", "Next part", "next part", HelpSection.MOVE,
           handler="view.next_part"),
    Action("last-part", ("shift+tab",), "part", "Part before", "part before", HelpSection.MOVE,
           handler="view.next_part"),
    Action("zoom", ("plus",), "zoom", "Zoom the pane", "zoom the pane", HelpSection.MOVE,
           panes=_LISTS, shown="+",
           handler="view.zoom"),
    Action("unzoom", ("underscore",), "unzoom", "Zoom out", "zoom out", HelpSection.MOVE,
           panes=_LISTS, shown="_",
           handler="view.unzoom"),
    *(
        Action(f"pane-{name}", (str(number),), name, name.capitalize(), name,
           handler="view.show_pane", argument=name)
        for number, name in enumerate(PANES, 1)
    ),
    Action("command", ("colon",), "command", "Command line", "command line",
           panes=_LISTS, shown=":",
           handler="view.open_command_line"),
    Action("palette", ("ctrl+p",), "palette", "Palette", "palette", panes=_LISTS,
           handler="view.show_palette"),
    Action("copy", ("y",), "copy", "Copy", "copy name, uuid, address",
           handler="view.copy"),
    Action("refresh", ("ctrl+r",), "refresh", "Refresh now", "refresh now",
           handler="view.refresh"),
    Action("back", ("escape",), "back", "One layer back", "one layer back", shown="esc",
           handler="view.back"),
    Action("help", ("question_mark", "f1"), "keys", "Keys", "this page", shown="?",
           handler="view.show_help"),
    Action("quit", ("q",), "quit", "Quit", "quit", handler="view.quit"),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}

ALIASES = {"set": "edit", "unhealthy": "attention"}
"""Words of the ``:`` line that mean an action of another id."""
LINE_COMMANDS = {
    "add": "add_device",
    "documents": "choose_document",
    "secrets": "show_secrets",
    "nwfilters": "show_nwfilters",
    "orphans": "show_unused_volumes",
    "topology": "show_topology",
    "drafts": "choose_draft",
    "leftovers": "show_leftovers",
    "demo": "open_demo",
}
"""Words of the ``:`` line that have no key: the method of ``LineCommands`` that runs each."""


def meant(key: str, situation: ActionContext) -> Action | None:
    """The action a key means here."""
    return next(
        (action for action in ACTIONS if key in action.keys and action.fits(situation)), None
    )
