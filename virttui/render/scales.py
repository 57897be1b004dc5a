"""One scale for all rows, so that graphs compare: it grows at once and shrinks with patience."""

from __future__ import annotations

from virttui.render.graph import scale


class GraphScales:
    """The scale of each mirrored strip, by its name, in bytes a second."""

    def __init__(self) -> None:
        self._tops: dict[str, tuple[float, float]] = {}

    def top(self, name: str, highest: float, now: float, patience: float) -> float:
        """The scale that holds ``highest``.

        A lower step is taken only when the present one was not needed for ``patience`` seconds;
        until then every row is drawn on the same.
        """
        top = scale([highest])
        known, needed_at = self._tops.get(name, (0.0, now))
        if top >= known or now - needed_at > patience:
            known, needed_at = top, now
        self._tops[name] = (known, needed_at)
        return known
