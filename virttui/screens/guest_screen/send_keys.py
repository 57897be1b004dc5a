"""Keys and text for the guest on the page: chosen, asked about, sent, followed to their end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace
from textual import events

from virttui import formatting
from virttui.actions import availability
from virttui.commandline.parsed import GuestKeysCommand
from virttui.model.commands import Verb
from virttui.model.domains.guest_keys import chord, loses
from virttui.model.domains.guest_screen import Chord, GuestDisplays, KeysArguments
from virttui.model.domains.keyboard_layouts import (
    LAYOUTS,
    KeyboardLayout,
    layout_of_keymap,
    typed,
)
from virttui.model.errors import InvalidInput
from virttui.model.tasks import Task, TaskState
from virttui.panes.action_plan import command
from virttui.panes.guest_screen.key_menu import (
    KeyMenuAction,
    KeyMenuItem,
    key_menu,
    meaning_of,
)
from virttui.panes.guest_screen.view_state import GuestScreenViewState
from virttui.render.chrome import KeyHint
from virttui.render.line import Role, Run
from virttui.render.search import PickerItem
from virttui.screens.base.screen_protocol import ActionScreen
from virttui.screens.guest_screen.watch import ScreenWatch
from virttui.widgets.prompt import Prompt

TEXT, PASSWORD, OTHER = "type", "type (hidden)", "key"
"""The signs of the line in which something for the guest is typed."""

_LOOK_AFTER = 0.7
"""Seconds after the last key until the screen is looked at: what came of it."""


class KeysPage(ActionScreen, Protocol):
    """The parts of the page that sending keys uses."""

    prompt: Prompt
    screen_watch: ScreenWatch
    displays: GuestDisplays | None
    view_state: GuestScreenViewState


class KeySender:
    """What is sent to the guest of a page. One thing at a time; ``place`` is the item chosen."""

    def __init__(self, page: KeysPage) -> None:
        self._page = page
        self._layout: KeyboardLayout | None = None
        self._task: int | None = None
        self._asked: Callable[[], None] | None = None
        self.place = 0
        self.focused = False

    # -- what there is ---------------------------------------------------------------------

    @property
    def layout(self) -> KeyboardLayout:
        """The layout that was chosen, else that of the guest's display."""
        displays = self._page.displays
        return self._layout or layout_of_keymap(displays.keymap if displays is not None else "")

    @property
    def windows(self) -> bool:
        """Whether the guest is described as a Windows."""
        return self._page.displays is not None and self._page.displays.windows

    @property
    def items(self) -> list[KeyMenuItem]:
        """The menu."""
        return key_menu(self.layout.name, windows=self.windows)

    def why_not(self) -> str:
        """Why nothing can be sent now; "" where it can."""
        situation = self._page.view_state.situation()
        if not situation.subjects:
            return "the domain is gone"
        if situation.read_only:
            return "this run is read-only"
        return availability.needs_guest(situation.subjects[0])

    # -- the menu --------------------------------------------------------------------------

    def open_menu(self) -> None:
        """Give the menu the keys, beside the screen or over it; or say why nothing can be sent."""
        if reason := self.why_not():
            self._page.show_message(f"send keys: {reason}")
        elif self._page.view_state.side_width:
            self.focused = True
        else:
            self._page.run_flow(self._choose())

    def take_menu_key(self, key: str) -> None:
        """A key while the menu has them."""
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -10, "pagedown": 10}
        if key in steps:
            self.place = max(0, min(self.place + steps[key], len(self.items) - 1))
        elif key == "enter":
            self.choose(self.items[self.place])
        elif key in ("escape", "tab"):
            self.focused = False

    async def _choose(self) -> None:
        from virttui.modals.base.chooser import PickerDialog

        items = [
            PickerItem(item, item.words, meaning_of(item, windows=self.windows))
            for item in self.items
        ]
        name = self._page.view_state.content.name
        item = await self._page.show_dialog(PickerDialog(f"send keys to {name}", items))
        if item is not None:
            self.choose(item)
            self._page.paint()

    def choose(self, item: KeyMenuItem) -> None:
        """Send what an item stands for, or ask for what is missing."""
        match item.action:
            case KeyMenuAction.SEND:
                self.send(item.keys, item.words)
            case KeyMenuAction.TEXT:
                self._open_prompt(TEXT, "enter types it and enter; tab types it alone")
            case KeyMenuAction.PASSWORD:
                self._open_prompt(PASSWORD, "enter types it and enter; tab types it alone")
            case KeyMenuAction.OTHER:
                self._open_prompt(OTHER, "as ctrl+alt+f7, shift+f10, sysrq h")
            case KeyMenuAction.LAYOUT:
                self._page.run_flow(self._choose_layout())

    async def _choose_layout(self) -> None:
        from virttui.modals.base.chooser import PickerDialog

        items = [PickerItem(one, one, "what the guest has chosen counts") for one in LAYOUTS]
        chosen = await self._page.show_dialog(PickerDialog("keyboard layout of the guest", items))
        if chosen is not None:
            self._layout = LAYOUTS[chosen]
            self._page.show_message(f"text is typed as on a {chosen} keyboard")

    def _open_prompt(self, sign: str, note: str) -> None:
        prompt = self._page.prompt
        prompt.open(f"{sign}: ", "", hidden=sign == PASSWORD)
        prompt.note((Run(f" {note} ", Role.MUTED),), "")

    def take_prompt(self, sign: str, text: str, key: str) -> None:
        """Use what was typed in the line: ``key`` is "enter" or "tab"."""
        if sign.startswith(OTHER):
            self._send_named((text,))
        else:
            self.type(text, enter=key == "enter")

    # -- sending ---------------------------------------------------------------------------

    def run(self, intent: GuestKeysCommand) -> None:
        """Do what was asked for on the ``:`` line."""
        if intent.layout:
            self._layout = LAYOUTS[intent.layout]
        if intent.keys:
            self._send_named(intent.keys)
        else:
            self.type(intent.text, enter=intent.enter)

    def _send_named(self, names: tuple[str, ...]) -> None:
        """Send keys by their names, one after the other."""
        try:
            chords = tuple(chord(name, self.layout) for name in names)
        except InvalidInput as error:
            self._page.show_message(f"send keys: {error.message}", bad=True)
            return
        lost = next((words for keys in chords if (words := loses(keys, windows=self.windows))), "")
        self._send(chords, " ".join(names), lost)

    def send(self, keys: Chord, label: str) -> None:
        """Send keys that are pressed together; what may lose work asks first."""
        self._send((keys,), label, loses(keys, windows=self.windows))

    def type(self, text: str, *, enter: bool = False) -> None:
        """Type a text as on the guest's keyboard; nothing is sent where a character is missing."""
        strokes, missing = typed(text, self.layout)
        if missing:
            some = " ".join(missing[:8])
            self._page.show_message(
                f"type: not on a {self.layout.name} keyboard: {some}; the menu has other layouts",
                bad=True,
            )
            return
        label = formatting.counted(len(text), "character")
        if enter:
            strokes += typed("\n", self.layout)[0]
            label = f"{label} and enter" if text else "enter"
        if strokes:
            self._send(strokes, label, "")

    def paste(self, text: str) -> None:
        """Ask whether to type what was pasted."""
        if reason := self.why_not():
            self._page.show_message(f"paste: {reason}")
            return
        name = self._page.view_state.content.name
        many = formatting.counted(len(text), "character")
        lines = formatting.counted(len(text.splitlines()), "line")
        words = f"types {many} in {lines} into {name}, as on a {self.layout.name} keyboard"
        self._ask(words, lambda: self.type(text))

    def _send(self, strokes: tuple[Chord, ...], label: str, lost: str) -> None:
        if reason := self.why_not():
            self._page.show_message(f"send keys: {reason}")
        elif self._task is not None:
            self._page.show_message("keys are being sent already; esc stops that")
        elif lost:
            self._page.run_flow(self._confirm(strokes, label, lost))
        else:
            self._submit(strokes, label)

    async def _confirm(self, strokes: tuple[Chord, ...], label: str, lost: str) -> None:
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        page = self._page.view_state.content
        question = Confirmation(
            "send keys",
            f"Send {label} to {page.name} on {page.host}?",
            "Send",
            name=page.name,
            consequence=lost,
            danger=True,
        )
        if await self._page.show_dialog(ConfirmDialog(question)) is not None:
            self._submit(strokes, label)

    def _submit(self, strokes: tuple[Chord, ...], label: str) -> None:
        subjects = self._page.view_state.situation().subjects
        if not subjects:
            return
        made = replace(
            command(subjects[0], Verb.SEND_KEYS), arguments=KeysArguments(strokes, label)
        )
        ids = self._page.console.submit((made,))
        self._task = ids[0] if ids else None

    # -- until the end ---------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether keys are on their way, or something is asked."""
        return self._task is not None or self._asked is not None

    def on_task(self, task: Task) -> None:
        """Say how far the keys are, and look at what came of them."""
        if task.id != self._task:
            return
        state = self._page.view_state
        if task.state.ended:
            self._task = None
            state.question = ""
            now = self._page.look.now
            self._page.screen_watch.look_soon(now, _LOOK_AFTER)
            if task.state is TaskState.CANCELLED:
                sent = task.progress.done if task.progress is not None else 0
                self._page.show_message(f"stopped after {formatting.counted(sent, 'key')}")
        elif task.progress is not None and task.progress.counts:
            far = task.progress
            keys = formatting.counted(far.total, far.counts)
            state.question = f"sends {keys} to {state.content.name}: {far.done} so far"
            state.question_keys = (KeyHint("esc", "stop"),)
        self._page.paint()

    def _ask(self, words: str, then: Callable[[], None]) -> None:
        """Ask in the line above the keys."""
        state = self._page.view_state
        self._asked = then
        state.question = words
        state.question_keys = (KeyHint("y", "type it"), KeyHint("n esc enter", "do not"))
        self._page.paint()

    def take_key(self, event: events.Key) -> None:
        """A key while something is asked, or on its way: esc stops it."""
        asked = self._asked
        if asked is not None:
            if event.key in ("y", "n", "escape", "enter"):
                self._asked = None
                self._page.view_state.question = ""
            if event.key == "y":
                asked()
        elif event.key == "escape" and self._task is not None:
            self._page.console.cancel(self._task)
