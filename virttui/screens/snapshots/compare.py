"""The page that shows a definition at the moment of a snapshot against the present one."""

from __future__ import annotations

from collections.abc import Iterator

from virttui.libvirtxml.canonical import canonical
from virttui.libvirtxml.text.diff import hunks
from virttui.model.snapshots.changes import SnapshotComparison
from virttui.planning.snapshots.revert import difference_words
from virttui.render.line import clean
from virttui.screens.base.text_screen import TextScreen
from virttui.screens.guest_agent.pages import FixedText

_AROUND = 2
"""Equal lines that are shown around what differs."""


def comparison_screen(comparison: SnapshotComparison, name: str) -> TextScreen:
    """The page of one comparison; ``name`` is the domain's."""
    lines = list(comparison_lines(comparison))
    return TextScreen(clean(f"{name}: definition now, and at {comparison.name}"), FixedText(lines))


def comparison_lines(comparison: SnapshotComparison) -> Iterator[str]:
    """What a revert changes back, disks and devices first; then both texts, line by line.

    ``-`` is what the definition has now, ``+`` what a revert puts in its place.
    """
    if not comparison.then:
        yield f"libvirt kept no definition with {comparison.name}"
        return
    if not comparison.differences:
        yield "A revert changes nothing that this page knows of the definition."
    for words in difference_words(comparison.differences):
        yield f"  {words}"
    now, then = canonical(comparison.now).splitlines(), canonical(comparison.then).splitlines()
    yield ""
    yield "- now   + after a revert"
    end = 0
    for hunk in hunks(now, then):
        begin = max(end, hunk.old_start - _AROUND)
        if begin > end:
            yield "  …"
        yield from (f"  {line}" for line in now[begin : hunk.old_start])
        yield from (f"- {line}" for line in now[hunk.old_start : hunk.old_end])
        yield from (f"+ {line}" for line in then[hunk.new_start : hunk.new_end])
        end = hunk.old_end
        following = now[end : end + _AROUND]
        yield from (f"  {line}" for line in following)
        end += len(following)
