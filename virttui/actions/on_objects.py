"""The actions on domains, networks, pools and volumes, in the order of the help page."""

from __future__ import annotations

from virttui.actions import availability
from virttui.actions.action import Action, ConfirmWhen, HelpSection
from virttui.model.commands import Verb
from virttui.model.identity import Kind

_OBJECTS = frozenset({Kind.DOMAIN, Kind.NETWORK, Kind.POOL})
_DOMAIN = frozenset({Kind.DOMAIN})
_NETWORK = frozenset({Kind.NETWORK})
_VOLUME = frozenset({Kind.VOLUME})
_POOL = frozenset({Kind.POOL})

OBJECT_ACTIONS: tuple[Action, ...] = (
    Action(
        "start", ("s",), "start", "Start", "start or resume", HelpSection.OBJECT, _OBJECTS,
        confirm_when=ConfirmWhen.BULK,
        unavailable_for=availability.start, verb=availability.start_verb,
        handler="objects.start",
    ),
    Action(
        "shutdown", ("S",), "shut down", "Shut down", "shut down", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.BULK, unavailable_for=availability.needs_guest,
        verb=Verb.SHUTDOWN,
        handler="objects.run_plan",
    ),
    Action(
        "stop", ("S",), "stop", "Stop", "stop", HelpSection.OBJECT,
        frozenset({Kind.NETWORK, Kind.POOL}), confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_active,
        verb=Verb.STOP,
        consequence="Its users are cut off until it starts again.",
        plural="What uses them is cut off until they start again.",
        handler="objects.run_plan",
    ),
    Action(
        "force-off", ("D",), "force off", "Force off", "force off", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.force_off,
        verb=Verb.FORCE_OFF,
        consequence="Like pulling the plug: what the guest has not written to disk is lost.",
        alternative="Gentler: S asks the guest to shut down.",
        plural="Like pulling the plugs: what the guests have not written to disk is lost.",
        danger=True,
        handler="objects.run_plan",
    ),
    Action(
        "reboot", ("R",), "reboot", "Reboot", "reboot", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.needs_guest,
        verb=Verb.REBOOT,
        consequence="The guest is asked to restart; its users are cut off for a while.",
        plural="The guests are asked to restart; their users are cut off for a while.",
        handler="objects.run_plan",
    ),
    Action(
        "reset", ("Z",), "reset", "Reset", "hard reset", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.needs_process,
        verb=Verb.RESET,
        consequence="Like the reset button: what the guest has not written to disk is lost.",
        alternative="Gentler: R asks the guest to reboot.",
        plural="Like the reset buttons: what the guests have not written to disk is lost.",
        danger=True,
        handler="objects.run_plan",
    ),
    Action(
        "nmi", (), "inject NMI", "Inject NMI", "inject a non-maskable interrupt",
        HelpSection.OBJECT, _DOMAIN, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.inject_nmi,
        verb=Verb.INJECT_NMI,
        consequence="The guest kernel's settings decide what follows: most guests panic or write a "
        "crash dump; others only log it.",
        plural="Their kernels' settings decide what follows: most guests panic or write a crash "
        "dump; others only log it.",
        danger=True,
        key_label=":nmi",
        handler="objects.run_plan",
    ),
    Action(
        "pause", ("p",), "pause", "Pause", "pause or resume", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.BULK,
        unavailable_for=availability.pause, verb=availability.pause_verb,
        handler="objects.run_plan",
    ),
    Action(
        "save", ("w",), "save", "Save", "save to disk", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.BULK, unavailable_for=availability.save, verb=Verb.SAVE,
        handler="objects.run_plan",
    ),
    Action(
        "drop-save", ("W",), "drop saved state", "Drop saved state", "drop its saved state",
        HelpSection.OBJECT, _DOMAIN, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.remove_saved_state,
        verb=Verb.REMOVE_SAVED_STATE,
        consequence="What the guest had in memory is lost: its next start is a fresh boot.",
        alternative="Gentler: s resumes it from there.",
        plural="What the guests had in memory is lost: their next start is a fresh boot.",
        danger=True,
        handler="objects.run_plan",
    ),
    Action(
        "autostart", ("a",), "autostart", "Autostart", "autostart on or off", HelpSection.OBJECT,
        _OBJECTS, confirm_when=ConfirmWhen.BULK, unavailable_for=availability.needs_definition,
        verb=availability.autostart_verb,
        handler="objects.run_plan",
    ),
    Action(
        "tags", ("T",), "tags", "Edit tags", "edit tags", HelpSection.OBJECT, _DOMAIN,
        unavailable_for=availability.needs_domain,
        handler="objects.edit_tags",
    ),
    Action(
        "rename", ("r",), "rename", "Rename", "rename", HelpSection.OBJECT, _DOMAIN,
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.needs_off,
        verb=Verb.RENAME, confirm_retry=False, single_target=True,
        handler="objects.rename",
    ),
    Action(
        "delete", ("U",), "delete", "Delete", "delete", HelpSection.OBJECT, _OBJECTS | _VOLUME,
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.delete, verb=Verb.DELETE,
        consequence="Its definition is removed from libvirt. What it holds stays where it is.",
        plural="Their definitions are removed from libvirt. What they hold stays where it is.",
        danger=True,
        handler="objects.delete",
    ),
    Action(
        "clone", ("C",), "clone", "Clone", "clone it: full, linked, many at once",
        HelpSection.OBJECT,
        _DOMAIN, unavailable_for=availability.needs_domain, single_target=True,
        handler="objects.clone",
    ),
    Action(
        "archive", ("A",), "archive", "Archive", "pack it into one file on this machine",
        HelpSection.OBJECT, _DOMAIN, unavailable_for=availability.needs_off, single_target=True,
        handler="objects.archive",
    ),
    Action(
        "new-volume", ("n",), "new volume", "New volume", "create a volume in this pool",
        HelpSection.OBJECT, _VOLUME, unavailable_for=availability.needs_pool, of_pool=True,
        handler="objects.new_volume",
    ),
    Action(
        "resize", ("z",), "resize", "Resize", "grow or shrink it, live where it runs",
        HelpSection.OBJECT, _VOLUME, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_change,
        verb=Verb.RESIZE, single_target=True,
        handler="objects.resize_volume",
    ),
    Action(
        "clone-volume", ("o",), "clone", "Clone", "copy it, to any pool of any host",
        HelpSection.OBJECT, _VOLUME, unavailable_for=availability.needs_change, single_target=True,
        handler="objects.clone_volume",
    ),
    Action(
        "wipe", ("W",), "wipe", "Wipe", "overwrite it with zeros", HelpSection.OBJECT, _VOLUME,
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.unused, verb=Verb.WIPE,
        handler="objects.wipe_volume",
    ),
    Action(
        "upload", ("i",), "upload", "Upload", "create a volume from a file on this machine",
        HelpSection.OBJECT, _VOLUME, unavailable_for=availability.needs_pool, of_pool=True,
        handler="objects.upload_volume",
    ),
    Action(
        "download", ("e",), "download", "Download", "copy its content to a file on this machine",
        HelpSection.OBJECT, _VOLUME, unavailable_for=availability.needs_change, single_target=True,
        handler="objects.download_volume",
    ),
    Action(
        "console", ("c",), "console", "Serial console", "serial console", HelpSection.OBJECT,
        _DOMAIN,
        unavailable_for=availability.console, single_target=True,
        handler="objects.open_console",
    ),
    Action(
        "snapshots", ("t",), "snapshots", "Snapshots", "its snapshots, and what each holds",
        HelpSection.OBJECT, _DOMAIN, unavailable_for=availability.needs_answer, single_target=True,
        read_only_safe=True, handler="objects.open_snapshots",
    ),
    Action(
        "snapshot", (), "snapshot", "Snapshot", "take a snapshot of it", HelpSection.OBJECT,
        _DOMAIN, unavailable_for=availability.snapshot, verb=Verb.SNAPSHOT,
        key_label=":snapshot",
        handler="objects.take_snapshot",
    ),
    Action(
        "undo-revert", (), "undo revert", "Undo revert", "put back what its last revert replaced",
        HelpSection.OBJECT, _DOMAIN, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_off, verb=Verb.UNDO_REVERT, single_target=True,
        consequence="Its disks are those from before the revert. What was written since the revert "
        "stays in a file of its own that no definition names.",
        key_label=":undo revert",
        handler="objects.run_plan",
    ),
    Action(
        "backups", ("B",), "backups", "Backups", "its backups: take, verify, restore, delete",
        HelpSection.OBJECT, _DOMAIN, unavailable_for=availability.needs_answer, single_target=True,
        handler="objects.open_backups",
    ),
    Action(
        "back-up", (), "back up", "Back up", "back up into a pool of its host",
        HelpSection.OBJECT, _DOMAIN, aliases=("backup",),
        unavailable_for=availability.back_up, key_label=":back up",
        handler="objects.back_up",
    ),
    Action(
        "agent", ("E",), "inside", "Inside", "inside it, by its agent", HelpSection.OBJECT,
        _DOMAIN, aliases=("guest agent",),
        unavailable_for=availability.needs_running_guest,
        handler="objects.open_guest_agent",
    ),
    Action(
        "trim", (), "trim", "Trim", "trim: give unused blocks back", HelpSection.OBJECT, _DOMAIN,
        aliases=("fstrim",), confirm_when=ConfirmWhen.BULK,
        unavailable_for=availability.needs_agent, verb=Verb.TRIM,
        key_label=":trim",
        handler="objects.run_plan",
    ),
    Action(
        "hold-writes", (), "hold writes", "Hold writes", "freeze its file systems, 60 s at most",
        HelpSection.OBJECT, _DOMAIN, aliases=("freeze", "fsfreeze"),
        confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_agent, verb=Verb.FREEZE, asks="Hold the writes of",
        consequence="Its file systems are frozen: what writes waits, until they are let go. After "
        "60 s they are by themselves, even if virttui is gone by then.",
        plural="Their file systems are frozen: what writes waits, until they are let go. After "
        "60 s they are by themselves, even if virttui is gone by then.",
        key_label=":hold writes",
        handler="objects.run_plan",
    ),
    Action(
        "let-go", (), "let go", "Let go", "thaw its file systems", HelpSection.OBJECT, _DOMAIN,
        aliases=("thaw", "fsthaw"),
        unavailable_for=availability.thaw, verb=Verb.THAW,
        key_label=":let go",
        handler="objects.run_plan",
    ),
    Action(
        "guest-time", (), "guest time", "Guest time", "set its clock by this computer's",
        HelpSection.OBJECT, _DOMAIN, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_agent, verb=Verb.SET_TIME, asks="Set the clock of",
        consequence="Its clock jumps to this computer's time: programs that wait or keep times "
        "notice it.",
        plural="Their clocks jump to this computer's time: programs that wait or keep times "
        "notice it.",
        key_label=":guest time",
        handler="objects.run_plan",
    ),
    Action(
        "password", (), "password", "Password", "set the password of a user in it",
        HelpSection.OBJECT, _DOMAIN, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_agent, verb=Verb.SET_PASSWORD,
        key_label=":password",
        handler="objects.set_password",
    ),
    Action(
        "ssh-keys", (), "ssh keys", "SSH keys", "ssh keys of a user in it", HelpSection.OBJECT,
        _DOMAIN,
        unavailable_for=availability.needs_agent,
        key_label=":ssh keys",
        handler="objects.change_ssh_keys",
    ),
    Action(
        "run", (), "run", "Run", "run a program in it, by its agent",
        HelpSection.OBJECT, _DOMAIN, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.needs_agent,
        key_label=":run",
        handler="objects.run_program",
    ),
    Action(
        "screen", ("v",), "screen", "Guest screen",
        "its screen, as text where it shows text; of marked ones all at once",
        HelpSection.OBJECT, _DOMAIN,
        unavailable_for=availability.guest_screen, read_only_safe=True,
        handler="objects.open_guest_screen",
    ),
    Action(
        "ssh", (), "ssh", "SSH", "log in to it by ssh", HelpSection.OBJECT, _DOMAIN,
        unavailable_for=availability.ssh, single_target=True,
        key_label=":ssh",
        handler="objects.log_in",
    ),
    Action(
        "shell", (), "shell", "Shell", "a shell in a container", HelpSection.OBJECT,
        _DOMAIN,
        unavailable_for=availability.shell, single_target=True,
        key_label=":shell",
        handler="objects.open_shell",
    ),
    Action(
        "fix-lease", ("f",), "fix lease", "Fix a lease", "turn a lease into a reservation",
        HelpSection.OBJECT, _NETWORK,
        unavailable_for=availability.needs_network, single_target=True,
        handler="objects.reserve_lease",
    ),
    Action(
        "hands-out", ("enter",), "records", "Reservations and DNS", "reservations and DNS records",
        HelpSection.OBJECT, _NETWORK,
        unavailable_for=availability.needs_network, single_target=True,
        handler="objects.show_network_records",
    ),
    Action(
        "restart-network", ("R",), "restart", "Restart", "stop, start, reattach its guests",
        HelpSection.OBJECT, _NETWORK, confirm_when=ConfirmWhen.ALWAYS,
        unavailable_for=availability.restart_network,
        single_target=True,
        handler="objects.restart_network",
    ),
    Action(
        "plug", ("P",), "reattach", "Reattach NICs", "reattach NICs that lost their link",
        HelpSection.OBJECT,
        _NETWORK, aliases=("plug in",), confirm_when=ConfirmWhen.BULK,
        unavailable_for=availability.reattach_nics,
        verb=Verb.REATTACH_NICS,
        handler="objects.run_plan",
    ),
    Action(
        "logs", ("l",), "logs", "Logs",
        "QEMU, console, libvirt and tasks in one order of time; of marked ones the last lines",
        HelpSection.OBJECT, _DOMAIN, read_only_safe=True, aliases=("log",),
        handler="objects.show_log",
    ),
    Action(
        "edit", ("e",), "edit", "Edit a setting", "settings; add, remove devices",
        HelpSection.OBJECT,
        _DOMAIN, unavailable_for=availability.needs_domain,
        handler="objects.edit_settings",
    ),
    Action(
        "xml", ("x",), "XML", "XML", "its XML: edit, compare, history", HelpSection.OBJECT,
        _OBJECTS | _VOLUME | {Kind.HOST},
        unavailable_for=availability.needs_answer, single_target=True,
        read_only_safe=True,
        handler="objects.open_xml",
    ),
    Action(
        "refresh-pool", ("r",), "refresh", "Refresh", "read its volumes again",
        HelpSection.OBJECT,
        _POOL, unavailable_for=availability.needs_active, verb=Verb.REFRESH,
        handler="objects.run_plan",
    ),
    Action(
        "build", ("B",), "build", "Build its target", "build its target; keeps existing data",
        HelpSection.OBJECT, _POOL, aliases=("prepare its place", "prepare"),
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.builds, single_target=True,
        verb=Verb.BUILD,
        handler="objects.build_pool",
    ),
    Action(
        "format", ("O",), "format", "Format its target", "format its target; existing data is lost",
        HelpSection.OBJECT, _POOL, aliases=("format its place",),
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.formats, single_target=True,
        verb=Verb.BUILD,
        handler="objects.format_pool",
    ),
    Action(
        "erase", ("X",), "delete target", "Delete its target", "delete its target: folder, group",
        HelpSection.OBJECT, _POOL, aliases=("remove its place", "remove place"),
        confirm_when=ConfirmWhen.ALWAYS, unavailable_for=availability.erases, single_target=True,
        verb=Verb.DELETE_POOL_TARGET,
        handler="objects.delete_pool_target",
    ),
)  # fmt: skip
