"""The state of the page of several guests' screens: what was seen of each, and their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain
from virttui.panes.guest_screen.tile import ScreenContent, ScreenTile, Standing, sentence, standing
from virttui.panes.tiles.view_state import TilesViewState
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean

_ROLES = {Standing.TROUBLE: Role.WARN, Standing.NO_ANSWER: Role.WARN}


class ScreenTilesViewState(TilesViewState):
    """``tiles`` is what is known of each guest; ``paused`` that no more pictures are asked for."""

    title = "screens"

    def __init__(self, domains: Sequence[Domain], *, read_only: bool = False) -> None:
        super().__init__(domains, read_only=read_only)
        self.tiles: dict[ObjectId, ScreenTile] = {}
        self.by_attention = True
        self.paused = False

    def look_at(self, contents: Mapping[ObjectId, ScreenContent]) -> None:
        """Take what was seen of their screens, and put them in order."""
        owners = self.owners()
        tiles = {key: ScreenTile(owner, contents[key]) for key, owner in owners.items()}
        self.tiles = tiles
        order = list(self.keys_listed)
        if self.by_attention:
            order.sort(key=lambda key: standing(tiles[key]).rank)
        self.set_order(order)

    def notes_and_order(self) -> tuple[list[Run], str]:
        """How many guests stand how."""
        counts = Counter(standing(tile) for tile in self.tiles.values())
        notes = [
            Run(one.counted(counts[one]), _ROLES.get(one, Role.MUTED)) for one in sorted(counts)
        ]
        if self.paused:
            notes.insert(0, Run("frozen", Role.ACCENT))
        return notes, "attention first" if self.by_attention else "as listed"

    def status_text(self, look: RenderContext) -> Line:
        """The guest under the cursor in words."""
        tile = self.tiles[self.chosen]
        well = not tile.unanswered and not tile.content.trouble
        role = Role.TEXT if well or not tile.owner.is_on else Role.WARN
        return Run(tile.owner.name, Role.STRONG), Run(f"  {clean(sentence(tile))}", role)

    def hints(self) -> tuple[list[KeyHint], str]:
        """The keys of the page."""
        return [
            KeyHint("enter", "its screen"),
            KeyHint("c", "console"),
            KeyHint("l", "logs"),
            KeyHint("pgdn", "more", self.pages > 1),
            KeyHint("o", "as listed" if self.by_attention else "attention first"),
            KeyHint("u", "go on" if self.paused else "freeze"),
            KeyHint("esc", "back", keep=True),
            KeyHint("?", "keys", keep=True),
        ], ""
