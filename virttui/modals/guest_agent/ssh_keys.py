"""The ssh keys that a user of a guest is let in with: listed, added, removed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui import formatting
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.model.identity import ObjectId
from virttui.model.queries import QueryResult, SshKeysQuery, SshKeysResult
from virttui.panes.guest_agent.users import key_error, key_words, user_error
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, wrapped
from virttui.render.search import PickerItem


class SshKeyChoice(Struct, frozen=True):
    """A key to ``remove``; "" is for one that is to be added."""

    remove: str = ""


class UserDialog(InputDialog[str]):
    """Returns the name of a user of the guest, or None."""

    WIDTH = 62

    def __init__(self, title: str, user: str = "root") -> None:
        super().__init__(title, field=True)
        self._user = user

    def on_mount(self) -> None:
        """Begin with the likely one."""
        super().on_mount()
        self._input.fill(self._user)
        self._input.focus()

    def body(self) -> list[Line]:
        """What is asked."""
        return [(Run("Of which user of the guest?"),), BLANK]

    def foot(self) -> list[Line]:
        """What is wrong, and the buttons."""
        self.field_note(" user  ", BLANK)
        error = user_error(self._input.value)
        said: Line = (Run(f" {error}", Role.BAD),) if error else BLANK
        buttons = row(button("esc", "Cancel"), button("enter", "Next", possible=not error))
        return [said or (Run(""),), BLANK, buttons]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("enter", "next", self.result() is not None),
            KeyHint("esc", "cancel", keep=True),
        ]

    def result(self) -> str | None:
        """The name, if it is one."""
        return None if user_error(self._input.value) else self._input.value


class SshKeysDialog(PickerDialog[SshKeyChoice]):
    """Returns what is to be done with the keys of a user in one guest or several, or None.

    ``shared`` are the keys that can be removed: of several guests, those of any.
    """

    WIDTH = 76
    LEAST_WORDS = 44

    def __init__(self, name: str, user: str, guests: Sequence[ObjectId]) -> None:
        super().__init__(f"ssh keys of {user} inside {name}", [self._waiting()], typed=False)
        self._user = user
        self._told: dict[ObjectId, tuple[str, ...] | str | None] = dict.fromkeys(guests)

    @staticmethod
    def _waiting() -> PickerItem[SshKeyChoice | None]:
        return PickerItem(None, "its keys", why_not="its agent is being asked")

    def on_mount(self) -> None:
        """Ask for the keys."""
        super().on_mount()
        for key in self._told:
            self.console.ask(SshKeysQuery(key, self._user))

    def on_query_result(self, result: QueryResult) -> None:
        """Take the keys of a guest, or why it does not tell them."""
        if not isinstance(result, SshKeysResult) or result.query.user != self._user:
            return
        if result.query.key in self._told:
            self._told[result.query.key] = result.why_not or result.keys
            self.replace(self._entries_of())

    def _entries_of(self) -> list[PickerItem[SshKeyChoice | None]]:
        told = [one for one in self._told.values() if isinstance(one, tuple)]
        refused = [one for one in self._told.values() if isinstance(one, str)]
        if not told:
            waits = not refused
            return [self._waiting() if waits else PickerItem(None, "its keys", why_not=refused[0])]
        found: list[PickerItem[SshKeyChoice | None]] = [
            PickerItem(SshKeyChoice(), "add a key…", "of a .pub file, or typed", "a")
        ]
        counts: dict[str, int] = {}
        for keys in told:
            for line in keys:
                counts[line] = counts.get(line, 0) + 1
        for line, number in counts.items():
            where = f" of {number} guests" if len(self._told) > 1 else ""
            found.append(PickerItem(SshKeyChoice(line), f"remove {key_words(line)}", where))
        if not counts:
            found.append(PickerItem(None, "no key is there", why_not=f"{self._user} has none"))
        if refused:
            guests = formatting.counted(len(refused), "guest")
            found.append(PickerItem(None, f"not of {guests}", why_not=refused[0]))
        return found

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("↑↓", "move"),
            KeyHint("enter", "choose"),
            KeyHint("a", "add a key"),
            KeyHint("esc", "close", keep=True),
        ]


class NewKeyDialog(InputDialog[str]):
    """Returns the line of a public key, or None; the field begins with ``first``."""

    WIDTH = 78

    def __init__(self, user: str, first: str) -> None:
        super().__init__(f"a new ssh key of {user}", field=True)
        self._first = first

    def on_mount(self) -> None:
        """Begin with a key of this computer, if there is one."""
        super().on_mount()
        self._input.fill(self._first)
        self._input.focus()

    def body(self) -> list[Line]:
        """How it is given."""
        return [
            (Run("One line, as a .pub file holds it: who has its private half is let in."),),
            BLANK,
        ]

    def foot(self) -> list[Line]:
        """What is wrong, and the buttons."""
        self.field_note(" ", BLANK)
        typed = self._input.value.strip()
        error = key_error(typed) if typed else ""
        said: list[Line] = [(Run(part, Role.BAD),) for part in wrapped(error, self.width)]
        able = self.result() is not None
        return [
            BLANK,
            *(said or [(Run(""),)]),
            BLANK,
            row(button("esc", "Cancel"), button("enter", "Add", possible=able)),
        ]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "add", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> str | None:
        """The line, if it is a key."""
        typed = self._input.value.strip()
        return None if not typed or key_error(typed) else typed
