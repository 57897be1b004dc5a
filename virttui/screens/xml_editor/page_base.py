"""What each tab of the XML editor gives the screen: titles, lines, key hints, key handling."""

from __future__ import annotations

from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line


class TabController:
    """The controller of one tab. By default it has no side column and no lines below."""

    def titles(self) -> tuple[str, str, str]:
        """Title, counts, and the words at the end of the rule."""
        return "", "", ""

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """The page itself, where it is no text."""
        return []

    def side(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """What stands beside it on wide terminals."""
        return []

    def below(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """What stands under it."""
        return []

    def sentence(self, width: int) -> Line:
        """What the answer line says while nothing else is to be said."""
        return ()

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return []

    def press(self, key: str) -> bool:
        """A key on the page; false when it means nothing."""
        return False
