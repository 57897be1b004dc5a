"""The layout of the main screen: the lines of its parts."""

from __future__ import annotations

from msgspec import Struct

LEAST_WIDTH, LEAST_HEIGHT = 40, 10
_FIXED = 4
"""Tabs, pane rule, answer line and keys line."""


class Grid(Struct, frozen=True):
    """Heights in lines. ``rows`` are the table's rows without its header.

    ``below`` is the drawer or story under the table; ``lower`` is a second list with its own
    rule and header.
    """

    strip: int
    rows: int
    below: int = 0
    lower: int = 0


def fits(width: int, height: int) -> bool:
    """Return true if the main screen can be drawn at all."""
    return width >= LEAST_WIDTH and height >= LEAST_HEIGHT


def strip_lines(height: int, hosts: int) -> int:
    """Lines of the host strip: it depends on the number of hosts, never on their health."""
    most = 5 if height >= 50 else 3 if height >= 16 else 1
    return max(1, min(hosts, most))


def drawer_lines(width: int, height: int) -> int:
    """Lines of the drawer under the domains."""
    if width >= 160 and height >= 56:
        return 18
    return 10 if width >= 120 and height >= 30 else 0


def grid(
    width: int,
    height: int,
    *,
    hosts: int,
    pane: str,
    rows: int,
    opened: bool = False,
    zoomed: bool = False,
    lower: bool = False,
) -> Grid:
    """Share out ``height`` lines.

    ``rows`` is how many rows the pane has; ``opened`` whether a second list is open under it and
    ``lower`` whether that one has the focus.
    """
    strip = strip_lines(height, hosts)
    room = height - _FIXED - strip - 1
    if opened:
        # Zoomed, the focused list takes all but one row: the other can be seen to be there.
        zoom = 1 if lower else room - 4
        upper = zoom if zoomed else max(1, min(rows, room // 2 - 2))
        return Grid(strip, upper, lower=room - upper)
    # What became of a task, and who eats a host, is told even where there is no room for a drawer.
    if zoomed or height < (20 if pane in ("tasks", "hosts") else 30):
        return Grid(strip, room)
    if pane == "domains":
        below = drawer_lines(width, height)
        return Grid(strip, room - below, below)
    if pane == "hosts":
        # As many as there are, filtered or not: the story stays where it is while one types.
        upper_height = min(hosts, max(room - 11, room // 3))
        return Grid(strip, upper_height, room - upper_height)
    if pane in ("networks", "tasks", "storage"):
        least = {"networks": 14, "storage": 10}.get(pane, min(12, room // 2))
        upper_height = max(min(rows, room - least), room // 3)
        return Grid(strip, upper_height, room - upper_height)
    return Grid(strip, room)
