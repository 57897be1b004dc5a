"""One frame when the app has come to rest, in place of each on the way there.

Without a terminal, Textual still renders each frame: a new screen blank, then laid out, then
filled. No test sees those. What is there when a test goes on is rendered, and so is the last frame
of each test: what cannot be rendered fails its test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.screen import Screen

_render = Screen._compositor_refresh


def render_frame(screen: Screen[object]) -> None:
    """Render what changed since the last frame of the screen on top."""
    if screen._compositor._dirty_regions:
        _render(screen)


def _leave_to_rest(screen: Screen[object]) -> None:
    """Keep in mind what has to be rendered; a screen below the top hands it on as ever."""
    if screen is screen.app.screen:
        screen._dirty_widgets.clear()
    else:
        _render(screen)


@contextmanager
def only_at_rest() -> Iterator[None]:
    """Leave the rendering to ``render_frame``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Screen, "_compositor_refresh", _leave_to_rest)
        yield
