"""Deleting a domain: what goes with it, piece by piece, and its name typed where data is lost."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.widgets import Input

from virttui import formatting
from virttui.modals.base.modal import Dialog, bold, button, row
from virttui.model.commands import Command, DeleteDomainArguments
from virttui.model.domains.delete_plan import DeletePlan, DomainStorage, StorageRole
from virttui.model.queries import DeletePlanResult, QueryResult
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, cut, fit, wrapped

SEED = "-seed.iso"
"""What the volume of a seed made here ends in, behind the name of its domain."""


class DeleteItem(Struct, frozen=True):
    """One line of the list. ``fixed`` ones cannot be unticked (or ticked)."""

    label: str
    size: str = ""
    note: str = ""
    ticked: bool = True
    fixed: bool = False
    warns: bool = False
    path: str = ""
    part: str = ""


def items(plan: DeletePlan, name: str) -> list[DeleteItem]:
    """What goes with a domain, the definition first.

    Storage that others may use is unticked, storage in no pool stays; a seed that was made for
    this domain alone goes with it. What its disks lie on stays unless it is ticked: it may have
    been a base for others.
    """
    found = [DeleteItem("definition", fixed=True)]
    found += [_storage(storage, name) for storage in plan.storage]
    if plan.nvram:
        found.append(DeleteItem("NVRAM", note=plan.nvram.rpartition("/")[2], part="nvram"))
    if plan.saved:
        found.append(DeleteItem("saved state", note="the saved memory of the guest", part="saved"))
    if plan.snapshots:
        what = formatting.counted(plan.snapshots, "snapshot")
        found.append(DeleteItem(what, note="their metadata in libvirt", part="snapshots"))
    return found


def _storage(storage: DomainStorage, domain: str) -> DeleteItem:
    name = storage.path.rpartition("/")[2] or storage.path
    label = f"{storage.target}  {name}"
    size = formatting.size(storage.allocation or None)
    role = "" if storage.role is StorageRole.DISK else f"{storage.role.value}, "
    if not storage.volume:
        return DeleteItem(label, size, f"{role}in no pool, stays", ticked=False, fixed=True)
    if storage.also:
        note = f"{storage.pool}, also in {formatting.listed(storage.also)}"
        return DeleteItem(label, size, note, ticked=False, warns=True, path=storage.path)
    if name == f"{domain}{SEED}":
        return DeleteItem(label, size, f"{storage.pool}, its own seed", path=storage.path)
    if storage.role in (StorageRole.UNDER, StorageRole.SNAPSHOT):
        note = f"{role}stays in {storage.pool}"
        return DeleteItem(label, size, note, ticked=False, path=storage.path)
    if storage.shared:
        note = f"{storage.pool}, shareable"
        return DeleteItem(label, size, note, ticked=False, warns=True, path=storage.path)
    return DeleteItem(label, size, f"{role}{storage.pool}", path=storage.path)


def item_line(item: DeleteItem, width: int, *, lit: bool, ticked: bool) -> Line:
    """One line of the list."""
    label = max(18, width - 40)
    box = Run("[x] " if ticked else "[ ] ", Role.ACCENT_STRONG if ticked else Role.MUTED)
    line = (
        box,
        Run(f"{fit(item.label, label)} {item.size:>6}  "),
        Run(fit(item.note, width - label - 13), Role.WARN if item.warns else Role.MUTED),
    )
    return tuple(
        run._replace(background=Background.CHOSEN if lit else Background.PLAIN) for run in line
    )


def decided(command: Command, chosen: Sequence[DeleteItem], plan: DeletePlan) -> Command:
    """The command with what was ticked, despite what is not known of its storage."""
    parts = {item.part for item in chosen}
    paths = tuple(item.path for item in chosen if item.path)
    return replace(
        command,
        arguments=DeleteDomainArguments(
            volumes=paths,
            despite=plan.unknown if paths else (),
            with_saved="saved" in parts,
            with_nvram="nvram" in parts,
            with_snapshots="snapshots" in parts,
        ),
    )


class DeleteDialog(Dialog[Command]):
    """Gives back the whole command, or None."""

    WIDTH = 62

    def __init__(self, command: Command, host: str, serial: int) -> None:
        self._target = command.target.name
        super().__init__(f"delete {self._target}", danger=True, field=True)
        self._command, self._host, self._serial = command, host, serial
        self._plan: DeletePlan | None = None
        self._items: list[DeleteItem] = []
        self._ticked: set[int] = set()
        self._place = 0
        self._trouble = ""

    # -- the answer ------------------------------------------------------------------------

    def on_query_result(self, result: QueryResult) -> None:
        """Apply what the domain uses; results of other queries are ignored."""
        if not isinstance(result, DeletePlanResult) or result.query.serial != self._serial:
            return
        if result.plan is None:
            self._trouble = result.error.message if result.error else "no answer"
        else:
            self._plan = result.plan
            self._items = items(result.plan, self._target)
            self._ticked = {place for place, item in enumerate(self._items) if item.ticked}
            self._place = next((p for p, item in enumerate(self._items) if not item.fixed), 0)
            if self._needs_name():
                self._input.focus()
        self.draw()

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The list, and what it costs."""
        lines: list[Line] = [
            bold(f"Delete {self._target} on {self._host}. Also to delete:", self._target),
            BLANK,
        ]
        if self._trouble:
            lines += [(Run(cut(clean(self._trouble), self.width), Role.BAD),), BLANK]
            lines.append((Run("Its storage is not known, so nothing is deleted.", Role.MUTED),))
        elif self._plan is None:
            lines.append((Run(f"asking {clean(self._host)} which storage it uses", Role.MUTED),))
        else:
            room = max(1, self.room - (5 if self.tight else 10) - len(self._not_known()))
            start = max(0, min(self._place - room // 2, len(self._items) - room))
            shown = self._items[start : start + room]
            lines += [self._item(start + place, item) for place, item in enumerate(shown)]
            lines += [BLANK, self._cost(), *self._not_known()]
        if self._needs_name():
            lines += [BLANK, (Run("Type the name to delete the storage too:"),)]
        return lines

    def _item(self, place: int, item: DeleteItem) -> Line:
        lit = place == self._place and not self._input.has_focus
        return item_line(item, self.width, lit=lit, ticked=place in self._ticked)

    def _cost(self) -> Line:
        if not self._paths():
            return (Run("No data is deleted: all storage stays.", Role.MUTED),)
        return (Run(f"{self._lost()} of data will be gone for good.", Role.BAD_STRONG),)

    def _not_known(self) -> list[Line]:
        """What could not be looked at of who else uses the storage that would go."""
        if self._plan is None or not self._plan.unknown or not self._paths():
            return []
        words = f"Not known: {'; '.join(self._plan.unknown)}."
        return [(Run(part, Role.WARN),) for part in wrapped(clean(words), self.width)[:4]]

    def foot(self) -> list[Line]:
        """The buttons, and what is missing."""
        wants = self._needs_name()
        self._input.parent.display = wants  # type: ignore[union-attr]
        missing = self._missing()
        verb = f"Delete with {self._lost()}" if self._paths() else "Delete"
        act = button("enter" if wants else "y", verb, possible=not missing)
        cancel = button("esc", "Cancel") if wants else button("", "Cancel", focused=True)
        note = "" if wants and not self._input.value else self._letters()
        self.field_note(" ", (Run(f"  {fit(note, 18)}", Role.MUTED),))
        said = (Run(f"  {missing}", Role.FAINT),) if missing else BLANK
        return [BLANK, (*row(cancel, act), *said)]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        shown = [KeyHint("space", "choose"), KeyHint("esc", "cancel", keep=True)]
        if self._needs_name():
            return [KeyHint("tab", "next"), *shown]
        return [KeyHint("y", "delete", not self._missing()), *shown]

    # -- what is chosen --------------------------------------------------------------------

    def _paths(self) -> tuple[str, ...]:
        """The storage that would go."""
        chosen = (self._items[place].path for place in sorted(self._ticked))
        return tuple(path for path in chosen if path)

    def _lost(self) -> str:
        paths = set(self._paths())
        storage = self._plan.storage if self._plan else ()
        return formatting.size(sum(one.allocation for one in storage if one.path in paths))

    def _needs_name(self) -> bool:
        return bool(self._paths())

    def _letters(self) -> str:
        typed, name = self._input.value, self._target
        if typed == name:
            return ""
        if name.startswith(typed):
            left = len(name) - len(typed)
            return "1 more letter" if left == 1 else f"{left} more letters"
        return "not its name"

    def _missing(self) -> str:
        if self._plan is None:
            return "waits for the answer" if not self._trouble else "cannot be done"
        if self._needs_name() and self._input.value != self._target:
            return "needs the name"
        return ""

    def _decided(self) -> Command:
        plan = self._plan or DeletePlan()
        return decided(self._command, [self._items[place] for place in sorted(self._ticked)], plan)

    # -- keys ------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Letters go into the field while it has the cursor, and choose when it has not."""
        key, typing = event.key, self._input.has_focus
        if typing and key not in ("escape", "enter", "tab", "shift+tab", "up", "down"):
            return self._input.take_key(event)
        if (
            key == "escape"
            or (key in ("n", "q") and not typing)
            or (key == "enter" and not self._needs_name())
        ):
            self.finish(None)
        elif (key == "enter" and typing) or (key == "y" and not typing):
            if not self._missing():
                self.finish(self._decided())
        elif key in ("tab", "shift+tab") and self._needs_name():
            self.set_focus(None if typing else self._input)
            self.draw()
        elif not typing:
            self._choose(key)
        return True

    def _choose(self, key: str) -> None:
        step = {"up": -1, "k": -1, "down": 1, "j": 1}.get(key, 0)
        self._place = max(0, min(self._place + step, len(self._items) - 1))
        if key == "space" and self._items and not self._items[self._place].fixed:
            self._ticked ^= {self._place}
        self.draw()
