"""The state of the page of a domain's snapshots, and the page as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virttui import formatting
from virttui.model.domains.snapshots import Snapshot, SnapshotKind
from virttui.panes.domain_page.list_state import DomainListViewState
from virttui.panes.domains.rows import word
from virttui.panes.snapshots import page
from virttui.panes.snapshots.tree import Moment, moments
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, within

_AROUND = 6
"""Lines of the page that are neither list nor facts: tabs, crumb, rule, header, answer, keys."""
_FACTS = (7, 12)
"""Lines of what is known of one snapshot, with their rule: at 24 lines, and at 36 and more."""


class SnapshotsViewState(DomainListViewState):
    """The state behind the page. ``snapshots`` is None until they are told, ``why_not`` says why
    they could not be, "" where they were."""

    snapshots: tuple[Snapshot, ...] | None = None
    why_not: str = ""
    screenshots: Mapping[str, str] = {}
    tree: Sequence[Moment] = ()
    marked: frozenset[str] = frozenset()

    def take_snapshots(self, snapshots: tuple[Snapshot, ...]) -> None:
        """Take what was told; the cursor stays on its moment, at first on now."""
        if snapshots == self.snapshots:
            return
        at = self.tree[self.place].name if self.snapshots is not None and self.tree else ""
        self.snapshots, self.tree = snapshots, moments(snapshots)
        names = [one.name for one in self.tree]
        self.marked &= frozenset(names)
        self.place = names.index(at) if at in names else min(self.place, len(names) - 1)

    @property
    def moment(self) -> Moment | None:
        """The moment under the cursor; None while there are no snapshots."""
        return self.tree[self.place] if self.snapshots and self.tree else None

    @property
    def chosen_names(self) -> tuple[str, ...]:
        """The snapshots that are marked, else the one under the cursor, by name."""
        if self.marked:
            return tuple(one.name for one in self.tree if one.name in self.marked)
        moment = self.moment
        return () if moment is None or moment.snapshot is None else (moment.name,)

    @property
    def _can_clone(self) -> bool:
        moment = self.moment
        if moment is None or moment.snapshot is None or moment.snapshot.being_deleted:
            return False
        return moment.snapshot.kind is SnapshotKind.EXTERNAL

    def toggle_mark(self) -> None:
        """Mark the snapshot under the cursor, or unmark it, and go on to the next."""
        moment = self.moment
        if moment is not None and moment.snapshot is not None:
            self.marked ^= {moment.name}
        self.move(1)

    def unmark(self) -> None:
        """Mark none."""
        self.marked = frozenset()

    @property
    def length(self) -> int:
        """The number of rows."""
        return len(self.tree)

    @property
    def list_height(self) -> int:
        """Lines of the list."""
        low, high = _FACTS
        facts = low if self.size[1] < 36 else high
        return max(3, self.size[1] - _AROUND - facts)

    def body(self, look: RenderContext) -> list[Line]:
        """The list and what is known of the row under the cursor."""
        width, height = self.size[0], self.size[1] - 4
        count = formatting.UNKNOWN if self.snapshots is None else str(len(self.snapshots) or "none")
        rule = chrome.pane_rule(
            "snapshots", count, (), "", self._order(), focused=True, look=look, width=width
        )
        if not self.snapshots:
            words = within((Run(f" {self._words()}", Role.MUTED),), width)
            return [rule, BLANK, words, *[BLANK] * (height - 3)][:height]
        rows = self.list_height
        self.offset = max(self.place - rows + 1, min(self.offset, self.place))
        state = word(self._last)
        lines = [
            page.list_line(
                one, state, look, width, chosen=place == self.place, marked=one.name in self.marked
            )
            for place, one in enumerate(self.tree)
        ][self.offset : self.offset + rows]
        lines += [BLANK] * (rows - len(lines))
        moment = self.tree[self.place]
        facts = height - rows - 3
        about = page.about(
            moment, self.snapshots, self._last, width, facts, self.screenshots.get(moment.name, "")
        )
        title = clean(moment.name) or "now"
        body = [rule, page.header(width), *lines, chrome.rule(title, "", look, width), *about]
        return [*body, *[BLANK] * (height - len(body))][:height]

    def _order(self) -> str:
        """What stands at the right of the rule: their kind, and their order."""
        kinds = {one.kind for one in self.snapshots or ()} - {SnapshotKind.EMPTY}
        if not kinds:
            return ""
        return f"{kinds.pop().value if len(kinds) == 1 else 'mixed'}, oldest first"

    def _words(self) -> str:
        """What stands in place of a list."""
        name = clean(self._last.name)
        if self.why_not:
            return clean(self.why_not)
        if self.snapshots is None:
            return f"asking for the snapshots of {name}"
        if self._last.os_type == "exe":
            return "containers have no snapshots"
        return f"{name} has no snapshot. n takes one"

    def status_text(self, look: RenderContext) -> Line:
        """The moment under the cursor in one line."""
        return page.sentence(self.moment, self._last.name, self.size[0])

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        on_one = self.moment is not None and self.moment.snapshot is not None
        return [
            chrome.KeyHint("n", "new", self._last.os_type != "exe" and not self.read_only),
            chrome.KeyHint("r", "revert", on_one and not self.read_only),
            chrome.KeyHint("=", "compare", on_one),
            chrome.KeyHint("e", "note", on_one and not self.read_only),
            chrome.KeyHint("esc", "back"),
            chrome.KeyHint("enter", "XML", on_one),
            chrome.KeyHint("U", "delete", on_one and not self.read_only),
            chrome.KeyHint("C", "clone of it", self._can_clone and not self.read_only),
            chrome.KeyHint("space", "mark", on_one),
            chrome.KeyHint("y", "copy the name", on_one),
            chrome.KeyHint("ctrl+r", "ask again"),
            chrome.KeyHint("?", "keys", keep=True),
        ], ""
