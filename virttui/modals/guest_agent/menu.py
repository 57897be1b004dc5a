"""What can be done inside guests by their agents: a menu over what the agents told."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from virttui import formatting
from virttui.modals.base.chooser import PickerDialog
from virttui.model.errors import TimedOut
from virttui.model.identity import ObjectId
from virttui.model.queries import GuestAgentQuery, GuestAgentResult, QueryResult
from virttui.panes.guest_agent.menu import AskedGuest, entries, facts, footer
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run


class GuestAgentDialog(PickerDialog[str]):
    """Returns the id of the chosen action, or None. ``guests`` has what was told meanwhile."""

    LEAST_WORDS = 13

    def __init__(self, guests: Sequence[AskedGuest]) -> None:
        self.guests: dict[ObjectId, AskedGuest] = {guest.key: guest for guest in guests}
        name = guests[0].name if len(guests) == 1 else formatting.counted(len(guests), "guest")
        super().__init__(f"inside {name}", entries(guests), typed=False)

    def on_mount(self) -> None:
        """Ask each agent."""
        super().on_mount()
        for guest in self.guests.values():
            if not guest.why_not:
                self.console.ask(GuestAgentQuery(guest.key))

    def on_query_result(self, result: QueryResult) -> None:
        """Take what an agent told; the cursor stays."""
        guest = self.guests.get(result.query.key)
        if guest is None or not isinstance(result, GuestAgentResult):
            return
        silent = isinstance(result.error, TimedOut)
        report = result.report
        self.guests[guest.key] = replace(
            guest, report=report, why_not=result.why_not, is_silent=silent
        )
        self.renew(entries(self._asked))

    @property
    def _asked(self) -> list[AskedGuest]:
        return list(self.guests.values())

    @property
    def list_room(self) -> int:
        """The facts and the last line stand beside the list."""
        beside: list[Line] = [*facts(self._asked, self.width), BLANK, BLANK, BLANK]
        return max(1, self.room - self.taken(beside))

    def body(self) -> list[Line]:
        """What was told, the actions, and what happens to held writes."""
        return [
            *facts(self._asked, self.width),
            BLANK,
            *super().body(),
            BLANK,
            (Run(f" {footer(self._asked)}", Role.MUTED),),
        ]

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("enter", "do it"),
            KeyHint("↑↓", "choose"),
            KeyHint("esc", "close", keep=True),
        ]
