"""Types of callbacks that several packages use."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all; it may raise to stop the work."""

OnStatus = Callable[[str], None]
"""Called with a sentence about the present step; it may raise to stop the work."""
