"""A machine that comes in: a form, then all of it on one page. It makes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from textual import events

from virttui.modals.base.checked_form import CheckedFormDialog, ReopenableFormDialog
from virttui.modals.base.form import FormState
from virttui.modals.base.modal import button, row
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.form_fields import FormField
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceFormat,
    ExistingIds,
    ImportPlan,
    NativeConfig,
)
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import QueryKind, QueryResult
from virttui.model.severity import Severity
from virttui.panes.provision.failure import failure
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, wrapped

_ROLES = {Severity.OK: Role.OK, Severity.WARNING: Role.WARN, Severity.ERROR: Role.BAD}
_BLANK_LINE: Line = (Run(" "),)
"""A blank line that keeps its place in what is scrolled."""

IdGeneratorFunction = Callable[[int], tuple[str, tuple[str, ...]]]


class FilePathDialog(CheckedFormDialog[str]):
    """Gives back the path of a file of this machine, or None. ``about`` says what is done to it.

    ``check`` is asked, on a thread, before it closes; it raises InvalidInput. With ``named`` a path
    was typed already, and is tried at once.
    """

    TRYING = "looking at the file"

    def __init__(
        self,
        title: str,
        act: str,
        usual: str,
        about: str,
        check: Callable[[str], object],
        named: str = "",
    ) -> None:
        super().__init__(title, act, act.lower(), "")
        self._usual, self._about, self._check = usual, about, check
        if named:
            self._entered["file"] = named

    def on_mount(self) -> None:
        """There is nothing to wait for."""
        super().on_mount()
        self.recompute()
        if self._entered and self._evaluate.result is not None:
            self.done(self._evaluate.result)

    def attempt(self, result: str) -> None:
        """Whether that file will do."""
        self._check(result)

    def evaluate(self, entered: dict[str, str]) -> FormState[str]:
        """The one field."""
        file = entered.get("file", self._usual)
        wanted = (
            FormField("file", "file", file, note="of this machine; tab completes", file=True),
        )
        if not file or not PurePath(file).name or file.endswith("/"):
            return FormState(wanted, error="the name of a file is missing", about=self._about)
        return FormState(wanted, file, about=self._about)


@dataclass(frozen=True, slots=True)
class Knows:
    """What knows of machines that come in; ``virttui.planning.imports`` does.

    ``wants`` gives the fields, ``arrival`` what they come to (it raises InvalidInput),
    ``described`` a parcel with what its definition tells; ``shown`` takes the passwords out of a
    definition."""

    wants: Callable[
        [Mapping[str, str], Appliance, CreateContext, Any, ExistingIds], tuple[FormField, ...]
    ]
    arrival: Callable[..., ImportPlan]
    described: Callable[[Appliance], Appliance]
    shown: Callable[[str], str]


class ImportDialog(ReopenableFormDialog[ImportPlan]):
    """Gives back what is to be made, or None.

    ``around`` tells the ground and who is there, of what is known; ``read_systems`` works on a
    thread. A configuration of another tool's is first given to the host to translate.
    """

    WIDTH = 112

    def __init__(
        self,
        host: ObjectId,
        name: str,
        appliance: Appliance,
        knows: Knows,
        around: Callable[
            [HostCapabilities | None, HostEnvironment], tuple[CreateContext, ExistingIds]
        ],
        new_ids: IdGeneratorFunction,
        pools: Sequence[ObjectId],
        read_systems: Callable[[], Any],
        scratch: str,
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        what = PurePath(appliance.path).name
        title = f"import {what} into {name}"
        super().__init__(title, "Next", "what it makes", "asking its host", entered, failed)
        self._host, self._appliance, self._knows = host, appliance, knows
        self._make, self._new_ids, self._pools = around, new_ids, tuple(pools)
        self._read_systems, self._scratch = read_systems, scratch
        self._systems: Any = None
        self._can: HostCapabilities | None = None
        self._around: HostEnvironment | None = None
        self._wrong = ""
        self._reviewing = failed is not None
        self._offset = 0

    def on_mount(self) -> None:
        """Ask what the host has, and read what is known of systems."""
        super().on_mount()
        self.console.ask(QueryKind.CAPABILITIES, Kind.HOST, self._host)
        self.console.ask(QueryKind.SURROUNDINGS, Kind.HOST, self._host)
        self.console.ask(QueryKind.SNAPSHOT_FILES, Kind.HOST, self._host)
        if self._appliance.wrapping is ApplianceFormat.NATIVE:
            native = NativeConfig(self._appliance.format, self._appliance.config)
            self.console.ask(QueryKind.NATIVE, Kind.HOST, self._host, native=native)
        for key in self._pools:
            self.console.ask(QueryKind.VOLUMES, Kind.POOL, key)
        self.run_worker(self._read())
        self.recompute()

    async def _read(self) -> None:
        self._systems = await asyncio.to_thread(self._read_systems)
        self.recompute()

    def on_query_result(self, answer: QueryResult) -> None:
        """More is known."""
        ask = answer.question.ask
        if ask is QueryKind.CAPABILITIES:
            self._can = answer.can or HostCapabilities(untold=answer.why_not)
        elif ask is QueryKind.SURROUNDINGS:
            self._around = answer.surroundings or HostEnvironment(untold=answer.why_not)
        elif ask is QueryKind.NATIVE:
            self._translated(answer)
        self.recompute()

    def _translated(self, answer: QueryResult) -> None:
        """The definition that libvirt makes of a configuration."""
        if answer.trouble is not None:
            self._wrong = answer.trouble.sentence
            return
        try:
            self._appliance = self._knows.described(replace(self._appliance, xml=answer.translated))
        except InvalidInput as error:
            self._wrong = error.sentence

    # -- what it comes to ------------------------------------------------------------------

    def evaluate(self, entered: dict[str, str]) -> FormState[ImportPlan] | None:
        """The fields, and what all of them come to."""
        if self._wrong:
            return FormState(error=self._wrong)
        waits = self._appliance.wrapping is ApplianceFormat.NATIVE and not self._appliance.xml
        if waits or self._systems is None or self._can is None or self._around is None:
            return None
        context, others = self._make(self._can, self._around)
        wanted = self._knows.wants(entered, self._appliance, context, self._systems, others)
        try:
            made = self._knows.arrival(
                entered,
                self._appliance,
                context,
                self._systems,
                others,
                self._new_ids,
                self._scratch,
            )
        except InvalidInput as error:
            return FormState(wanted, error=error.sentence)
        said = [(f"{one.words}: {one.fix}" if one.fix else one.words)
                for one in made.checks if one.level is not Severity.OK]  # fmt: skip
        lines = tuple(part for words in said for part in wrapped(clean(words), self.width))
        return FormState(wanted, made, lines, f"{len(said)} things to know; the next page has them")

    # -- two pages -------------------------------------------------------------------------

    def done(self, result: ImportPlan) -> None:
        """The form is whole: on to the review."""
        self._reviewing, self._offset = True, 0
        self.recompute()

    def take_key(self, event: events.Key) -> bool:
        """Only ``a`` on the review makes anything."""
        key = event.key
        if not self._reviewing or self._evaluate.result is None:
            return super().take_key(event)
        if key == "escape":
            self.finish(None)
        elif key in ("enter", "pageup"):
            self._reviewing, self._refused = False, None
            self.recompute()
        elif key == "a" and self._ready:
            self.finish(self._evaluate.result)
        elif key in ("up", "down", "j", "k"):
            self._offset += 1 if key in ("down", "j") else -1
            self.draw()
        return True

    @property
    def _ready(self) -> bool:
        return self._evaluate.result is not None and not self._evaluate.result.blocked

    def _show_value(self) -> None:
        super()._show_value()
        field = self._input.parent
        if field is not None and self._reviewing and self._evaluate.result is not None:
            field.display = False

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The fields before the one with the cursor, or the review."""
        made = self._evaluate.result
        if not self._reviewing or made is None:
            return super().body()
        told = self._review(made)
        verb = "Import and start" if made.plan.start else "Import"
        acts = button("a", verb, possible=self._ready)
        tail = [BLANK, row(button("enter", "Back", focused=True), acts)]
        room = max(3, self.room - self.taken(tail))
        self._offset = max(0, min(self._offset, len(told) - room))
        return [*told[self._offset : self._offset + room], *tail]

    def foot(self) -> list[Line]:
        """Nothing under the review."""
        if self._reviewing and self._evaluate.result is not None:
            return []
        return super().foot()

    def _review(self, made: ImportPlan) -> list[Line]:
        """What will be there, what was looked at, in which order, the XML without its passwords."""
        width = self.width
        lines: list[Line] = []
        if self._refused is not None:
            lines += [*failure(self._refused, width), _BLANK_LINE]
        lines += [(Run(made.plan.name, Role.STRONG),
                              Run(f"  of {clean(self._appliance.path)}", Role.MUTED))]  # fmt: skip
        lines += [(Run(part),) for line in made.lines for part in wrapped(clean(line), width)]
        lines += [_BLANK_LINE, (Run("checks", Role.ACCENT_STRONG),)]
        for check in made.checks:
            glyph = self.look.glyphs.running if check.level is Severity.OK else "!"
            words = check.words + (f": {check.fix}" if check.fix else "")
            parts = wrapped(clean(words), width - 2)
            lines.append((Run(f"{glyph} ", _ROLES[check.level]), Run(parts[0])))
            lines += [(Run(f"  {part}"),) for part in parts[1:]]
        lines += [_BLANK_LINE, (Run("in this order; if one fails, what was created is undone",
                                    Role.ACCENT_STRONG),)]  # fmt: skip
        for number, words in enumerate(made.plan.words, 1):
            parts = wrapped(clean(words), width - 3)
            lines.append((Run(f"{number:<3}", Role.MUTED), Run(parts[0])))
            lines += [(Run(f"   {part}"),) for part in parts[1:]]
        lines += [_BLANK_LINE, (Run("about the same by hand", Role.ACCENT_STRONG),)]
        lines += [(Run(part, Role.MUTED),) for part in wrapped(clean(made.plan.line), width)]
        lines += [_BLANK_LINE, (Run("its XML", Role.ACCENT_STRONG),)]
        lines += [
            (Run(cut_end(clean(part), width) or " ", Role.MUTED),)
            for part in self._knows.shown(made.plan.xml).split("\n")
        ]
        return lines

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if not self._reviewing or self._evaluate.result is None:
            return super().hints()
        return [
            KeyHint("a", "import", self._ready),
            KeyHint("↑↓", "look on"),
            KeyHint("enter", "back"),
            KeyHint("esc", "cancel", keep=True),
        ]
