"""Deleting several domains: what goes with each, piece by piece, in one list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.widgets import Input

from virttui import formatting
from virttui.modals.base.modal import Dialog, bold, button, row
from virttui.modals.domains.delete import DeleteItem, decided, item_line, items
from virttui.model.commands import Command
from virttui.model.domains.delete_plan import DeletePlan
from virttui.model.queries import DeletePlanResult, QueryResult
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Background, Line, Role, Run, clean, cut, fit, wrapped

_FIXED = 7
"""Lines beside the list: what is asked, what it costs, the field and the buttons."""


class DeleteManyDialog(Dialog[tuple[Command, ...]]):
    """Gives back the commands, each with its storage, or None.

    ``serials`` are those of the queries, in the order of the commands; ``left_out`` says who
    cannot be deleted, and why.
    """

    WIDTH = 70

    def __init__(
        self,
        commands: Sequence[Command],
        hosts: Mapping[str, str],
        serials: Sequence[int],
        left_out: Sequence[str] = (),
    ) -> None:
        self._word = formatting.counted(len(commands), "domain")
        super().__init__(f"delete {self._word}", danger=True, field=True)
        self._commands, self._hosts, self._left_out = tuple(commands), hosts, tuple(left_out)
        self._serials = {serial: place for place, serial in enumerate(serials)}
        self._plans: dict[int, DeletePlan] = {}
        self._trouble: dict[int, str] = {}
        self._rows: list[tuple[int, DeleteItem | None]] = []
        """The lines: of each domain its name, then its pieces."""
        self._ticked: set[int] = set()
        self._out: set[int] = set()
        """The domains that are left out by hand."""
        self._place = 0

    # -- the answers -----------------------------------------------------------------------

    def on_query_result(self, result: QueryResult) -> None:
        """Apply what one of the domains uses."""
        place = self._serials.get(result.query.serial)
        if place is None or not isinstance(result, DeletePlanResult):
            return
        if result.plan is None:
            self._trouble[place] = result.error.message if result.error else "no answer"
        else:
            self._plans[place] = result.plan
        self._arrange()
        if self._known and self._paths():
            self._input.focus()
        self.draw()

    def _arrange(self) -> None:
        self._rows, self._ticked = [], set()
        for place, command in enumerate(self._commands):
            self._rows.append((place, None))
            plan = self._plans.get(place)
            for item in items(plan, command.target.name)[1:] if plan is not None else ():
                if item.ticked:
                    self._ticked.add(len(self._rows))
                self._rows.append((place, item))

    @property
    def _known(self) -> bool:
        """Whether every host has answered."""
        return len(self._plans) + len(self._trouble) == len(self._commands)

    @property
    def _able(self) -> list[int]:
        return [place for place in sorted(self._plans) if place not in self._out]

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """Everything that goes, and what it costs."""
        asks = f"Delete these {self._word}: their definitions and what is ticked."
        lines: list[Line] = [bold(asks, self._word)]
        for words in self._left_out:
            lines.append((Run(cut(clean(f"left out: {words}"), self.width), Role.WARN),))
        lines.append(BLANK)
        if not self._known:
            return [*lines, (Run("asking their hosts which storage they use", Role.MUTED),)]
        room = max(2, self.room - _FIXED - len(lines))
        start = max(0, min(self._place - room // 2, len(self._rows) - room))
        lines += [self._line(start + n) for n in range(min(room, len(self._rows)))]
        lines += [BLANK, *self._cost(), *self._not_known()]
        if self._paths():
            lines += [BLANK, bold(f"Type {self._word} to delete the storage too:", self._word)]
        return lines

    def _line(self, number: int) -> Line:
        place, item = self._rows[number]
        lit = number == self._place and not self._input.has_focus
        if item is not None:
            return item_line(item, self.width, lit=lit, ticked=number in self._ticked)
        target = self._commands[place].target
        host = self._hosts.get(target.key.host, "")
        why = self._trouble.get(place, "")
        words = f"stays: {why}" if why else "left out" if place in self._out else f"on {host}"
        background = Background.CHOSEN if lit else Background.PLAIN
        name = fit(target.name, 24)
        return (
            Run(f"{name} ", Role.STRONG, background),
            Run(fit(words, self.width - 25), Role.BAD if why else Role.MUTED, background),
        )

    def _cost(self) -> list[Line]:
        if not self._paths():
            return [(Run("No data is deleted: all storage stays.", Role.MUTED),)]
        said = (
            f"{self._lost()} of data in {formatting.counted(len(self._paths()), 'volume')} will be "
        )
        return [
            (Run(one, Role.BAD_STRONG),) for one in wrapped(f"{said}gone for good.", self.width)
        ]

    def _not_known(self) -> list[Line]:
        """What could not be looked at of who else uses the storage that would go."""
        plans = (self._plans[place] for place in self._able)
        unknown = dict.fromkeys(words for plan in plans for words in plan.unknown)
        if not unknown or not self._paths():
            return []
        said = wrapped(clean(f"Not known: {'; '.join(unknown)}."), self.width)
        return [(Run(part, Role.WARN),) for part in said[:4]]

    def foot(self) -> list[Line]:
        """The buttons, and what is missing."""
        wants = bool(self._paths())
        self._input.parent.display = wants  # type: ignore[union-attr]
        missing = self._missing()
        verb = f"Delete {len(self._able)}" + (f" with {self._lost()}" if wants else "")
        act = button("enter" if wants else "y", verb, possible=not missing)
        cancel = button("esc", "Cancel") if wants else button("", "Cancel", focused=True)
        self.field_note(" ", (Run("  ", Role.MUTED),))
        said = (Run(f"  {missing}", Role.FAINT),) if missing else BLANK
        return [BLANK, (*row(cancel, act), *said)]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        shown = [KeyHint("space", "choose"), KeyHint("d", "all disks or none")]
        if self._paths():
            shown = [KeyHint("tab", "list or name"), *shown]
        else:
            shown = [KeyHint("y", "delete", not self._missing()), *shown]
        return [*shown, KeyHint("esc", "cancel", keep=True)]

    # -- what is chosen --------------------------------------------------------------------

    def _selected(self, place: int | None = None) -> list[DeleteItem]:
        return [
            item
            for number, (owner, item) in enumerate(self._rows)
            if item is not None
            and number in self._ticked
            and owner not in self._out
            and place in (None, owner)
        ]

    def _paths(self) -> tuple[str, ...]:
        """The storage that would go, each once."""
        return tuple(dict.fromkeys(item.path for item in self._selected() if item.path))

    def _lost(self) -> str:
        sizes = {one.path: one.allocation for plan in self._plans.values() for one in plan.storage}
        return formatting.size(sum(sizes.get(path, 0) for path in self._paths()))

    def _missing(self) -> str:
        if not self._known:
            return "waits for the answers"
        if not self._able:
            return "cannot be done"
        if self._paths() and self._input.value != self._word:
            return f'needs "{self._word}"'
        return ""

    def _decided(self) -> tuple[Command, ...]:
        return tuple(
            decided(self._commands[place], self._selected(place), self._plans[place])
            for place in self._able
        )

    # -- keys ------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Check as it is typed."""
        self.draw()

    def take_key(self, event: events.Key) -> bool:
        """Letters go into the field while it has the cursor, and choose when it has not."""
        key, typing, wants = event.key, self._input.has_focus, bool(self._paths())
        if typing and key not in ("escape", "enter", "tab", "shift+tab", "up", "down"):
            return self._input.take_key(event)
        cancels = ("escape",) if typing else ("escape", "n", "q", *(() if wants else ("enter",)))
        if key in cancels:
            self.finish(None)
        elif (key == "enter" and typing) or (key == "y" and not typing):
            if not self._missing():
                self.finish(self._decided())
        elif key in ("tab", "shift+tab") and wants:
            self.set_focus(None if typing else self._input)
            self.draw()
        elif not typing:
            self._choose(key)
        return True

    def _choose(self, key: str) -> None:
        step = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -8, "pagedown": 8}.get(key, 0)
        self._place = max(0, min(self._place + step, len(self._rows) - 1))
        if key == "space" and self._rows:
            owner, item = self._rows[self._place]
            if item is None:
                self._out ^= {owner}
            elif not item.fixed:
                self._ticked ^= {self._place}
        elif key == "d":
            disks = {n for n, (_, item) in enumerate(self._rows) if item is not None and item.path}
            usual = {n for n in disks if (item := self._rows[n][1]) is not None and item.ticked}
            self._ticked = self._ticked - disks if self._ticked & disks else self._ticked | usual
        self.draw()
