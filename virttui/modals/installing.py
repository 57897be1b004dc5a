"""The wizard of a new machine: a form a step, then all of it on one page. It makes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from textual import events

from virttui.modals.fields import FieldsSheet, Filled
from virttui.modals.sheet import button, row
from virttui.model.errors import BadInput
from virttui.model.founding import Surroundings
from virttui.model.identity import Key, Kind
from virttui.model.installing import Ground, Level, Proposal, Stage
from virttui.model.machines import Descriptor, HostCan
from virttui.model.making import Wanted
from virttui.model.news import Answer, Ask
from virttui.panes.chrome import KeyHint
from virttui.panes.line import BLANK, Line, Role, Run, clean, cut_end, fit, wrapped

_ORDER = tuple(Stage)
_ROOMY = 90
"""Cells from which on the steps stand further apart."""
_ROLES = {Level.GOOD: Role.OK, Level.WARNING: Role.WARN, Level.BLOCKER: Role.BAD}


Fresh = Callable[[int], tuple[str, tuple[str, ...]]]
"""The UUID and the MAC addresses of the machine with that number."""
Made = tuple[Proposal, ...]


class Thinks(Protocol):
    """What knows of machines; ``virttui.definitions.installing`` does. ``systems`` are those that
    osinfo knows."""

    @property
    def wants(self) -> Callable[[Stage, Mapping[str, str], Ground, Any], tuple[Wanted, ...]]:
        """The fields of a step."""

    @property
    def proposed(
        self,
    ) -> Callable[[Mapping[str, str], Ground, Any, Fresh, Sequence[str]], tuple[Proposal, ...]]:
        """What everything comes to, a machine for each name. Raises BadInput."""

    @property
    def medium_of(self) -> Callable[[Mapping[str, str], Ground], str]:
        """The medium that is to be asked what it is."""


class WizardSheet(FieldsSheet[Made]):
    """Gives back what is to be made, or None. ``kept`` hears what was chosen when it closes.

    ``ground`` makes the ground of what is known; ``read_systems`` and ``read_keys`` work on a
    thread.
    """

    WIDTH = 112

    def __init__(
        self,
        host: Key,
        name: str,
        thinks: Thinks,
        ground: Callable[[HostCan | None, Surroundings], Ground],
        fresh: Fresh,
        pools: Sequence[tuple[str, Key]],
        read_systems: Callable[[], Any],
        read_keys: Callable[[str], Sequence[str]],
        given: Mapping[str, str],
        kept: Callable[[Mapping[str, str]], None],
    ) -> None:
        super().__init__(f"Create domain on {name}", "Next", "next step", "asking its host")
        self._host, self._thinks, self._make_ground = host, thinks, ground
        self._fresh, self._pools = fresh, dict(pools)
        self._read_systems, self._read_keys = read_systems, read_keys
        self._given = dict(given)
        self._kept = kept
        self._resumed = bool(given)
        self._stage = Stage.WHAT
        self._systems: Any = None
        self._can: HostCan | None = None
        self._around: Surroundings | None = None
        self._images: dict[str, tuple[Descriptor | None, str]] = {}
        self._read_in: dict[str, Sequence[str]] = {}
        self._offset = 0

    def on_mount(self) -> None:
        """Ask what the host has, and read what is known of systems."""
        super().on_mount()
        self.console.ask(Ask.CAN, Kind.HOST, self._host)
        self.console.ask(Ask.SURROUNDINGS, Kind.HOST, self._host)
        for key in self._pools.values():
            self.console.ask(Ask.VOLUMES, Kind.POOL, key)
        self.run_worker(self._read())
        self.think()

    async def _read(self) -> None:
        self._systems = await asyncio.to_thread(self._read_systems)
        self.think()

    async def _read_key(self, path: str) -> None:
        self._read_in[path] = await asyncio.to_thread(self._read_keys, path)
        self.think()

    def answered(self, answer: Answer) -> None:
        """More is known."""
        question = answer.question
        if question.ask is Ask.CAN:
            self._can = answer.can or HostCan()
        elif question.ask is Ask.SURROUNDINGS:
            self._around = answer.surroundings or Surroundings()
        elif question.ask is Ask.IMAGE:
            why = answer.trouble.sentence if answer.trouble is not None else ""
            self._images[question.key.uuid] = (answer.image, why)
        self.think()

    # -- what it comes to ------------------------------------------------------------------

    def filled(self, given: dict[str, str]) -> Filled[Made] | None:
        """The fields of this step, and what all of them come to."""
        if self._systems is None or self._can is None or self._around is None:
            return None
        ground = self._make_ground(self._can, self._around)
        told, untold = self._told(self._thinks.medium_of(given, ground))
        ground = replace(ground, told=told, untold=untold)
        wanted = self._thinks.wants(self._stage, given, ground, self._systems)
        keys = self._keys_of(given)
        try:
            made = self._thinks.proposed(given, ground, self._systems, self._fresh, keys)
        except BadInput as error:
            return Filled(wanted, wrong=error.sentence)
        said = [
            f"{check.words}: {check.fix}" if check.fix else check.words
            for check in made[0].checks
            if check.level is not Level.GOOD
        ]
        lines = tuple(part for words in said for part in wrapped(clean(words), self.cells))
        return Filled(wanted, made, lines, ". ".join(said))

    def _told(self, place: str) -> tuple[Descriptor | None, str]:
        """What the medium tells of itself; it is asked once it is chosen and nobody types."""
        pool, _, name = place.partition("/")
        key = self._pools.get(pool)
        if key is None or not name or self.typing_in("medium"):
            return None, ""
        id = f"{key.uuid}/{name}"
        if id not in self._images:
            self._images[id] = (None, "")
            self.console.ask(Ask.IMAGE, Kind.VOLUME, Key(key.host, id))
        return self._images[id]

    def _keys_of(self, given: Mapping[str, str]) -> Sequence[str]:
        path = given.get("keys", "~/.ssh/id_ed25519.pub")
        if not path.startswith(("~", "/")) or self.typing_in("keys"):
            return ()
        if path not in self._read_in:
            self._read_in[path] = ()
            self.run_worker(self._read_key(path))
        return self._read_in[path]

    # -- the steps -------------------------------------------------------------------------

    def done(self, result: Made) -> None:
        """A step is whole: on to the next one."""
        self._go(_ORDER[_ORDER.index(self._stage) + 1])

    def _go(self, stage: Stage) -> None:
        self._stage, self._offset = stage, 0
        self._begin_step()

    def take_key(self, event: events.Key) -> bool:
        """Between the steps; on the last one only ``a`` makes anything."""
        key = event.key
        place = _ORDER.index(self._stage)
        if key == "pageup" and place:
            self._go(_ORDER[place - 1])
        elif key == "f2" and self._possible:
            self._go(Stage.REVIEW)
        elif key == "escape":
            self._close(None)
        elif self._stage is not Stage.REVIEW:
            return super().take_key(event)
        elif key == "enter":
            self._go(_ORDER[place - 1])
        elif key == "a" and self._ready:
            self._close(self._filled.result)
        elif key in ("up", "down", "j", "k"):
            self._offset += 1 if key in ("down", "j") else -1
            self.draw()
        return True

    @property
    def _ready(self) -> bool:
        result = self._filled.result
        return result is not None and not result[0].blocked

    def _close(self, result: Made | None) -> None:
        hidden = {"password"}
        kept = {name: value for name, value in self._given.items() if name not in hidden}
        self._kept({} if result is not None else kept)
        self.finish(result)

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The steps, then the fields before the one with the cursor, or the review."""
        if self._stage is not Stage.REVIEW or self._filled.result is None:
            return [self._steps(), BLANK, *super().body()]
        head = [self._steps(), BLANK]
        told = self._review(self._filled.result)
        acts = button("a", self._verb(self._filled.result), possible=self._ready)
        tail = [BLANK, row(button("enter", "Back", focused=True), acts)]
        room = max(3, self.room - self.taken(head, tail))
        self._offset = max(0, min(self._offset, len(told) - room))
        return [*head, *told[self._offset : self._offset + room], *tail]

    def foot(self) -> list[Line]:
        """Nothing under the review."""
        if self._stage is Stage.REVIEW and self._filled.result is not None:
            return []
        return super().foot()

    def _verb(self, made: Made) -> str:
        verb = "Create and start" if made[0].recipe.start else "Create"
        return f"{verb} {len(made)}" if len(made) > 1 else verb

    def _steps(self) -> Line:
        """Every step in one line, the one at hand lit."""
        here, runs = _ORDER.index(self._stage), []
        gap = "  " if self.cells >= _ROOMY else " "
        for place, stage in enumerate(_ORDER):
            role = Role.ACCENT_STRONG if place == here else Role.MUTED
            mark = self.look.glyphs.running if place < here else str(place + 1)
            runs.append(Run(f"{mark} {stage.value}{gap}", role))
        return tuple(runs)

    def _review(self, made: Made) -> list[Line]:
        """What will be made, what was looked at, in which order, by hand, the XML.

        Of several, all names and the first one in full.
        """
        proposal = made[0]
        cells, machine = self.cells, proposal.machine
        lines: list[Line] = []
        if len(made) > 1:
            names = f"{len(made)} machines: {', '.join(one.machine.name for one in made)}"
            lines = [*((Run(part, Role.STRONG),) for part in wrapped(clean(names), cells)),
                     (Run("the first of them:", Role.MUTED),)]  # fmt: skip
        said = [
            ("name", machine.name, machine.title),
            ("system", machine.os or "unknown", machine.method),
            ("machine", machine.machine, f"{machine.firmware}, {machine.cpu or 'no CPU mode'}"),
            ("size", f"{machine.vcpus} vCPU", f"{machine.memory // 1024**2} MiB"),
        ]
        said += [
            (disk.device, disk.volume or disk.path, f"{disk.pool} {disk.format} {disk.bus}".strip())
            for disk in machine.disks
        ]
        said += [("network", nic.source, f"{nic.model} {nic.mac}") for nic in machine.nics]
        lines += [
            (Run(f"{label:<10}", Role.MUTED), Run(fit(clean(value), 30), Role.STRONG),
             Run(f" {cut_end(clean(note), cells - 42)}", Role.MUTED))
            for label, value, note in said
        ]  # fmt: skip
        lines += [BLANK_LINE, (Run("checks", Role.ACCENT_STRONG),)]
        for check in proposal.checks:
            glyph = self.look.glyphs.running if check.level is Level.GOOD else "!"
            words = check.words + (f": {check.fix}" if check.fix else "")
            runs = (Run(f"{glyph} ", _ROLES[check.level]), Run(cut_end(clean(words), cells - 3)))
            lines.append(runs)
        lines += [BLANK_LINE, (Run("in this order; if one fails, what was made is undone",
                                   Role.ACCENT_STRONG),)]  # fmt: skip
        lines += [
            (Run(f"{number} ", Role.MUTED), Run(cut_end(clean(words), cells - 4)))
            for number, words in enumerate(proposal.recipe.words, 1)
        ]
        lines += [BLANK_LINE, (Run("the same by hand", Role.ACCENT_STRONG),)]
        lines += [(Run(part, Role.MUTED),) for part in wrapped(clean(proposal.recipe.line), cells)]
        lines += [BLANK_LINE, (Run("its XML", Role.ACCENT_STRONG),)]
        lines += [
            (Run(cut_end(clean(part), cells), Role.MUTED),)
            for part in proposal.recipe.xml.split("\n")
        ]
        return lines

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if self._stage is Stage.REVIEW:
            return [
                KeyHint("a", "create", self._ready),
                KeyHint("↑↓", "look on"),
                KeyHint("pgup", "step back"),
                KeyHint("esc", "leave, keep draft", keep=True),
            ]
        choose = [KeyHint("← →", "choose")] if self._now and self._now.options else []
        return [
            KeyHint("enter", "next step", self._possible),
            KeyHint("tab ↑↓", "field"),
            *choose,
            KeyHint("pgup", "step back", self._stage is not Stage.WHAT),
            KeyHint("f2", "to the review", self._possible),
            KeyHint("esc", "leave, keep draft", keep=True),
        ]


BLANK_LINE: Line = (Run(" "),)
"""A blank line that keeps its place in what is scrolled."""
