"""The tab for conflicts: the user and another client changed the same lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from virttui.libvirtxml.text.merge import Chunk, Resolution
from virttui.panes.xml_editor import merge_page
from virttui.panes.xml_editor.diff_rows import ScrollState
from virttui.panes.xml_editor.frame import EditorTab
from virttui.panes.xml_editor.merge_page import ConflictPage
from virttui.render.chrome import KeyHint
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run
from virttui.screens.xml_editor.editor_state import EditorActions
from virttui.screens.xml_editor.page_base import TabController


class ConflictTab(TabController):
    """The choices of one merge."""

    def __init__(self, actions: EditorActions) -> None:
        self._actions = actions
        self._on_resolved: Callable[[str], None] | None = None
        self._merge = ConflictPage(())
        self._scroll = ScrollState()

    def begin(self, chunks: Sequence[Chunk], on_resolved: Callable[[str], None]) -> None:
        """Merge the chunks; where both sides changed the same lines, the user chooses first.

        ``on_resolved`` gets the merged text.
        """
        self._on_resolved = on_resolved
        self._merge = ConflictPage(chunks)
        if self._merge.open:
            self._actions.show_tab(EditorTab.MERGE)
        else:
            self._done()

    def _done(self) -> None:
        text = self._merge.outcome()
        if text is not None and self._on_resolved is not None:
            self._on_resolved(text)

    def titles(self) -> tuple[str, str, str]:
        """How many conflicts, and how many are open."""
        return "both changed", str(len(self._merge.places)), f"{self._merge.open} to choose"

    def lines(self, look: RenderContext, width: int, height: int) -> list[Line]:
        """Each conflict with its three texts."""
        drawn, starts = merge_page.conflict_lines(self._merge, look, width)
        self._scroll.fit(len(drawn), height)
        if starts:
            self._scroll.show(starts[self._merge.cursor] + 4)
            self._scroll.show(starts[self._merge.cursor])
        return drawn[self._scroll.window()]

    def sentence(self, width: int) -> Line:
        """What is to be done."""
        if not self._merge.open:
            return (Run("enter", Role.STRONG), Run(" takes these choices to the review"))
        return (
            Run("somebody else changed the same lines", Role.STRONG),
            Run(". What only one of you changed is taken already", Role.MUTED),
        )

    def hints(self) -> list[KeyHint]:
        """The keys."""
        return [
            KeyHint("m", "mine"),
            KeyHint("t", "theirs"),
            KeyHint("b", "both"),
            KeyHint("o", "as it was"),
            KeyHint("n N", "next, before"),
            KeyHint("enter", "go on", not self._merge.open),
            KeyHint("esc", "the text"),
        ]

    def press(self, key: str) -> bool:
        """Choose, move, or go on."""
        merge = self._merge
        if key in merge_page.RESOLUTION_KEYS:
            merge.resolve(Resolution(merge_page.RESOLUTION_KEYS[key]))
        elif key in ("n", "down", "j"):
            merge.move(1)
        elif key in ("N", "up", "k"):
            merge.move(-1)
        elif key in ("enter", "f2") and merge.open:
            self._actions.show_message(
                f"{merge.open} to choose first: m mine, t theirs, b both, o neither"
            )
        elif key in ("enter", "f2"):
            self._done()
        else:
            return False
        return True
