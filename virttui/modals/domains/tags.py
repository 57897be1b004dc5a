"""Tags of one domain, or of many at once: what is added and what is dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from virttui import formatting
from virttui.modals.base.modal import bold, button, row
from virttui.modals.base.single_field import InputDialog
from virttui.panes.tag_input import TagChange, change_of, tag_error
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, cut_end, wrapped


class TagsDialog(InputDialog[TagChange]):
    """Gives back what is added and dropped, or None. ``known`` are the tags of each subject."""

    WIDTH = 62

    def __init__(
        self, name: str, known: Sequence[tuple[str, ...]], elsewhere: Sequence[str]
    ) -> None:
        super().__init__(f"tags of {name}", field=True)
        self._who, self._known, self._elsewhere = name, known, elsewhere

    def on_mount(self) -> None:
        """One domain's tags are edited; for many one writes what changes."""
        if not self._many:
            self._input.fill(" ".join(self._known[0]))
        self._input.focus()

    @property
    def _many(self) -> bool:
        return len(self._known) > 1

    def body(self) -> list[Line]:
        """The question, and what they have now."""
        if not self._many:
            return [bold(f"Tags of {self._who}, separated by spaces:", self._who), BLANK]
        counts = Counter(tag for tags in self._known for tag in tags)
        now = ", ".join(f"{tag} on {number}" for tag, number in counts.most_common(8))
        lines: list[Line] = [(Run(f"Tags to add to these {len(self._known)}; -tag removes one:"),)]
        if now:
            lines.append((Run(cut_end(f"now {now}", self.width), Role.MUTED),))
        return [*lines, BLANK]

    def foot(self) -> list[Line]:
        """What will change, and the buttons."""
        self.field_note(" tags          ", BLANK)
        error, change = self._error(), self._change()
        role = Role.BAD if error else Role.MUTED
        said = error or _in_words(change)
        offered = [tag for tag in self._elsewhere if tag not in self._input.value.split()][:8]
        lines: list[Line] = [BLANK, *((Run(part, role),) for part in wrapped(said, self.width))]
        if offered:
            used = f"used elsewhere: {' '.join(offered)}"
            lines.append((Run(cut_end(used, self.width), Role.FAINT),))
        verb = f"Tag {len(self._known)}" if self._many else "Tag"
        acting = button("enter", verb, possible=bool(change) and not error)
        return [*lines, BLANK, row(button("esc", "Cancel"), acting)]

    def _change(self) -> TagChange:
        return change_of(self._input.value, None if self._many else self._known[0])

    def _error(self) -> str:
        return tag_error(self._input.value)

    def hints(self) -> list[KeyHint]:
        """The keys."""
        possible = bool(self._change()) and not self._error()
        return [KeyHint("enter", "tag", possible), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> TagChange | None:
        """What is in the field, as far as it can be used."""
        return self._change() if self._change() and not self._error() else None


def _in_words(change: TagChange) -> str:
    """``adds web, drops db``."""
    parts = [
        f"{verb} {formatting.listed(tags)}"
        for verb, tags in (("adds", change.add), ("drops", change.drop))
        if tags
    ]
    return ", ".join(parts) or "nothing changes"
