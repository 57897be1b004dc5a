"""An edit before it is made: what it changes in each domain, when, and the line by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct
from textual import events

from virttui import formatting
from virttui.modals.base.modal import Dialog, button, row
from virttui.model.commands import ApplyWhen, LiveChange, Target
from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    HostValuesQuery,
    HostValuesResult,
    QueryResult,
)
from virttui.panes.xml_editor.diff_rows import Difference, draw
from virttui.render.chrome import KeyHint
from virttui.render.line import (
    BLANK,
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    within,
    wrapped,
)

PATIENCE = 5.0
"""Seconds that a host gets to tell what it has, before an edit is shown without checks."""
_WORDS = {
    ApplyWhen.NEXT_BOOT: "next boot",
    ApplyWhen.LIVE: "now",
    ApplyWhen.BOTH: "now and next boot",
}


class Preview(Struct, frozen=True):
    """What an edit would do to one domain; ``refused`` says why nothing, "" when it can.

    ``device`` is what the device is known by to libvirt, whatever it was called. ``warnings`` are
    what is wrong with the definition then and was not before.
    """

    difference: Difference | None = None
    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()
    running: bool = False
    refused: str = ""
    device: str = ""
    warnings: tuple[str, ...] = ()


class EditDecision(Struct, frozen=True):
    """What was agreed to: when, and for which domains."""

    when: ApplyWhen
    targets: tuple[Target, ...]


@dataclass(slots=True)
class _Shown:
    previews: dict[ObjectId, Preview] = field(default_factory=dict)
    read: dict[ObjectId, DocumentText] = field(default_factory=dict)
    known: dict[ObjectId, HostValues | None] = field(default_factory=dict)
    place: int = 0
    offset: int = 0


class EditDialog(Dialog[EditDecision]):
    """Gives back what was agreed to, or None. ``preview`` works on a thread; ``by_hand`` gives
    the line for a moment. ``knowing``: it is held against what the hosts know. With ``from_form``
    leaving it leads back there. ``warns`` says what may be lost by it, and then ``y`` is asked for
    twice."""

    WIDTH = 78

    def __init__(
        self,
        words: str,
        targets: Sequence[Target],
        hosts: Mapping[str, str],
        preview: Callable[[DocumentText, HostValues | None], Preview],
        by_hand: Callable[[Target, ApplyWhen, str], str],
        *,
        knowing: bool = False,
        warns: str = "",
        from_form: bool = False,
    ) -> None:
        super().__init__(words, danger=bool(warns))
        self._knowing = knowing
        self._warns, self._asked = warns, False
        self._cancel = "Back" if from_form else "Cancel"
        self._targets = tuple(targets)
        self._hosts = hosts
        self._preview = preview
        self._by_hand = by_hand
        self._shown = _Shown()
        self._when: ApplyWhen | None = None

    def on_mount(self) -> None:
        """Ask for the definition of each."""
        super().on_mount()
        for target in self._targets:
            document = Document(Kind.DOMAIN, target.key, target.name)
            self.console.ask(DefinitionQuery(target.key, document))
            if self._knowing:
                self.console.ask(HostValuesQuery(target.key, document))
        if self._knowing:
            self.set_timer(PATIENCE, self._wait_no_longer)
        else:
            self._wait_no_longer()

    def _wait_no_longer(self) -> None:
        """Go on without what no host has told by now."""
        for target in self._targets:
            if target.key not in self._shown.known:
                self._on_host_values(target.key, None)

    def on_query_result(self, result: QueryResult) -> None:
        """A definition, or why it cannot be had; what its host knows, or that it does not tell."""
        key, shown = result.query.key, self._shown
        if isinstance(result, HostValuesResult):
            self._on_host_values(key, result.host_values)
        elif not isinstance(result, DefinitionResult):
            return
        elif result.definition is not None:
            shown.read[key] = result.definition
            self._begin(key)
        elif result.error is not None:
            shown.previews[key] = Preview(refused=result.error.message)
            self.draw()

    def _on_host_values(self, key: ObjectId, known: HostValues | None) -> None:
        self._shown.known[key] = known
        self._begin(key)

    def _begin(self, key: ObjectId) -> None:
        shown = self._shown
        if key in shown.read and key in shown.known:
            self.run_worker(self._work(key, shown.read[key], shown.known[key]))

    async def _work(
        self, key: ObjectId, definition: DocumentText, known: HostValues | None
    ) -> None:
        self._shown.previews[key] = await asyncio.to_thread(self._preview, definition, known)
        self.draw()

    # -- what it comes to ------------------------------------------------------------------

    @property
    def when(self) -> ApplyWhen:
        """When: as chosen, else at once where something can be, else at the next boot."""
        if self._when is not None:
            return self._when
        able = any(preview.steps for preview in self._shown.previews.values())
        return ApplyWhen.BOTH if able else ApplyWhen.NEXT_BOOT

    def _able(self) -> list[Target]:
        """Those that would change."""
        return [target for target in self._targets if not self._why_not(target)]

    def _why_not(self, target: Target) -> str:
        preview = self._shown.previews.get(target.key)
        if preview is None:
            return "reading"
        if preview.refused:
            return preview.refused
        changes = preview.difference is not None and bool(preview.difference.changes)
        if self.when is ApplyWhen.LIVE:
            return (
                "" if preview.steps else ("is off" if not preview.running else "not while it runs")
            )
        if changes or (self.when is ApplyWhen.BOTH and preview.steps):
            return ""
        return "has this value already"

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The domains, the change of the one under the cursor, when, by hand, the buttons."""
        target = self._targets[self._shown.place]
        lines = self._list() if len(self._targets) > 1 else []
        lines += [*self._change(target), BLANK]
        preview = self._shown.previews.get(target.key, Preview())
        if not preview.refused:
            said = self._by_hand(target, self.when, preview.device)
            lines += [*self._moment(target), BLANK]
            lines += [(Run(part, Role.MUTED),) for part in wrapped(said, self.width)[:8]]
            lines.append(BLANK)
        if self._warns:
            lines += [*((Run(part, Role.BAD),) for part in wrapped(self._warns, self.width)), BLANK]
        able = self._able()
        word = "Apply" if len(self._targets) == 1 else f"Apply to {len(able)}"
        again = "Anyway: " if self._warns and self._asked else ""
        buttons = row(
            button("n", self._cancel, focused=True),
            button("y", f"{again}{word}, {_WORDS[self.when]}", possible=bool(able)),
        )
        return [*lines, buttons]

    def _list(self) -> list[Line]:
        room = max(3, min(len(self._targets), self.room // 3))
        shown = self._shown
        shown.offset = max(min(shown.offset, shown.place), shown.place - room + 1)
        lines: list[Line] = []
        for number in range(shown.offset, min(shown.offset + room, len(self._targets))):
            target = self._targets[number]
            why = self._why_not(target)
            background = Background.CHOSEN if number == shown.place else Background.PLAIN
            host = self._hosts.get(target.key.host, "")
            words = why or "changes"
            lines.append(
                within(
                    (
                        Run(f" {fit(target.name, 26)} ", Role.FAINT if why else Role.TEXT,
                        background),
                        Run(f"{fit(host, 10)} ", Role.MUTED, background),
                        Run(cut_end(clean(words), self.width - 40),
                            Role.WARN if why not in ("", "reading") else Role.MUTED, background),
                    ),
                    self.width,
                    background,
                )
            )  # fmt: skip
        return [*lines, BLANK]

    def _change(self, target: Target) -> list[Line]:
        preview = self._shown.previews.get(target.key)
        if preview is None:
            return [(Run("reading its definition", Role.MUTED),)]
        if preview.refused:
            return [(Run(part, Role.BAD),) for part in wrapped(preview.refused, self.width)]
        if preview.difference is None or not preview.difference.changes:
            return [(Run("the stored definition already has this value", Role.MUTED),)]
        room = max(3, self.room // 2)
        rows = preview.difference.rows
        lines = [draw(one, self.look, self.width) for one in rows[:room]]
        if len(rows) > room:
            lines.append(
                (Run(f"and {formatting.counted(len(rows) - room, 'line')} more", Role.MUTED),)
            )
        for words in preview.warnings:
            lines += [(Run(part, Role.WARN),) for part in wrapped(f"! {clean(words)}", self.width)]
        return lines

    def _moment(self, target: Target) -> list[Line]:
        preview = self._shown.previews.get(target.key)
        runs = [Run("w when      ", Role.ACCENT_STRONG)]
        for when, words in _WORDS.items():
            chosen = when is self.when
            runs += [
                Run("(•) " if chosen else "( ) ", Role.ACCENT_STRONG if chosen else Role.MUTED),
                Run(f"{words}   ", Role.STRONG if chosen else Role.TEXT),
            ]
        lines: list[Line] = [tuple(runs)]
        if preview is not None and preview.waiting and self.when.now:
            names = formatting.listed(list(dict.fromkeys(preview.waiting)))
            lines.append((Run(f"{names}: from the next boot on; nothing is restarted", Role.WARN),))
        return lines

    def hints(self) -> list[KeyHint]:
        """The keys."""
        several = [KeyHint("↑↓", "choose")] if len(self._targets) > 1 else []
        return [
            KeyHint("y", "apply", bool(self._able())),
            KeyHint("w", "when"),
            *several,
            KeyHint("esc", self._cancel.lower(), keep=True),
        ]

    def take_key(self, event: events.Key) -> bool:
        """Agree, choose when, choose another, or leave."""
        key = event.key
        if key in ("escape", "n", "q", "enter"):
            self.finish(None)
        elif key == "y" and self._able() and self._warns and not self._asked:
            self._asked = True
            self.draw()
        elif key == "y" and self._able():
            self.finish(EditDecision(self.when, tuple(self._able())))
        elif key == "w":
            order = list(ApplyWhen)
            self._when = order[(order.index(self.when) + 1) % len(order)]
            self.draw()
        elif key in ("up", "down", "j", "k"):
            by = 1 if key in ("down", "j") else -1
            self._shown.place = max(0, min(self._shown.place + by, len(self._targets) - 1))
            self.draw()
        return True
