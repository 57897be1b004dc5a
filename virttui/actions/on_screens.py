"""The actions on lists, tasks and the screen itself, in the order of the help page."""

from __future__ import annotations

from virttui.actions import availability
from virttui.actions.action import PANES, Action, HelpSection

_LISTS = frozenset(PANES)
_PAGE = frozenset({"details"})

SCREEN_ACTIONS: tuple[Action, ...] = (
    Action(
        "create", ("n",), "new", "New", "create one, step by step", HelpSection.TABLE,
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
        "task-logs", ("l",), "logs", "Logs of its domain", "logs of its domain", HelpSection.TABLE,
        panes=frozenset({"tasks"}), unavailable=availability.task_logs,
        aliases=("log of its domain",),
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
        "open", ("enter",), "open", "Open", "open it, or go to it", HelpSection.TABLE,
        panes=frozenset({"domains", "storage", "hosts", "tasks", "events", "details"}),
        unavailable=lambda situation: "" if situation.rows else "nothing is selected",
        handler="view.open",
    ),
    Action(
        "export-events", ("e",), "export", "Export the events", "export to a file",
        HelpSection.TABLE,
        panes=frozenset({"events"}),
        unavailable=lambda situation: "" if situation.rows else "no events yet",
        handler="view.export_events",
    ),
    Action(
        "fold", ("space",), "expand or collapse", "Expand or collapse", "expand or collapse",
        HelpSection.TABLE, panes=_PAGE,
        handler="view.toggle_fold",
    ),
    Action("shut", ("left",), "collapse", "Collapse", "collapse", HelpSection.TABLE, panes=_PAGE,
           handler="view.fold"),
    Action("unfold", ("right",), "expand", "Expand", "expand", HelpSection.TABLE, panes=_PAGE,
           handler="view.unfold"),
    Action(
        "filter", ("slash",), "filter", "Filter", "filter", HelpSection.TABLE, panes=_LISTS,
        key_label="/",
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
        panes=frozenset({"domains", "networks", "storage"}), key_label="*",
        handler="view.invert_marks",
    ),
    Action(
        "sort-left", ("less_than_sign",), "sort", "Sort by the column to the left",
        "sort by the column left", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}), key_label="<",
        handler="view.sort_left",
    ),
    Action(
        "sort-right", ("greater_than_sign",), "sort", "Sort by the column to the right",
        "sort by the column right", HelpSection.TABLE,
        panes=frozenset({"domains", "networks", "storage", "hosts", "details"}), key_label=">",
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
        panes=frozenset({"domains", "networks", "storage", "hosts"}), key_label="|",
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
        HelpSection.TABLE, panes=frozenset({"domains", "details"}), key_label="[",
        handler="view.shorten_window",
    ),
    Action(
        "window-more", ("right_square_bracket",), "window", "Longer graphs", "longer graphs",
        HelpSection.TABLE, panes=frozenset({"domains", "details"}), key_label="]",
        handler="view.lengthen_window",
    ),
    Action("up", ("up", "k"), "up", "Up", "up", HelpSection.MOVE, key_label="↑ k",
           handler="view.move_up"),
    Action("down", ("down", "j"), "down", "Down", "down", HelpSection.MOVE, key_label="↓ j",
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
    Action("last-part", ("shift+tab",), "part", "Previous part", "previous part", HelpSection.MOVE,
           handler="view.next_part"),
    Action("zoom", ("plus",), "zoom", "Zoom the pane", "zoom the pane", HelpSection.MOVE,
           panes=_LISTS, key_label="+",
           handler="view.zoom"),
    Action("unzoom", ("underscore",), "unzoom", "Zoom out", "zoom out", HelpSection.MOVE,
           panes=_LISTS, key_label="_",
           handler="view.unzoom"),
    *(
        Action(f"pane-{name}", (str(number),), name, name.capitalize(), name,
           handler="view.show_pane", argument=name)
        for number, name in enumerate(PANES, 1)
    ),
    Action("command", ("colon",), "command", "Command line", "command line",
           panes=_LISTS, key_label=":",
           handler="view.open_command_line"),
    Action("palette", ("ctrl+p",), "palette", "Palette", "palette", panes=_LISTS,
           handler="view.show_palette"),
    Action("copy", ("y",), "copy", "Copy", "copy name, uuid, address",
           handler="view.copy"),
    Action("refresh", ("ctrl+r",), "refresh", "Refresh now", "refresh now",
           handler="view.refresh"),
    Action("back", ("escape",), "back", "One layer back", "one layer back", key_label="esc",
           handler="view.back"),
    Action("help", ("question_mark", "f1"), "keys", "Keys", "this page", key_label="?",
           handler="view.show_help"),
    Action("quit", ("q",), "quit", "Quit", "quit", handler="view.quit"),
)  # fmt: skip
