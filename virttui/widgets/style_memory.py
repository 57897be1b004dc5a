"""What textual remembers of widgets, without keeping the widgets themselves."""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache


def keep_no_closed_widget() -> None:
    """Have the two background styles of widgets remembered by their colours alone.

    textual 8 remembers them by the cache of the widget that asked, too, and so holds the lines of
    the last 1,024 widgets, closed ones among them: 42 MiB after 200 pages and sheets were opened.
    """
    remembered = getattr(StylesCache.get_inner_outer, "__wrapped__", None)
    if remembered is not None:
        by_colours = classmethod(lru_cache(1024)(remembered))
        setattr(StylesCache, "get_inner_outer", by_colours)  # noqa: B010
