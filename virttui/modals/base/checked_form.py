"""A form that checks its result before it closes, and shows the error otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TypeVar

from virttui.modals.base.form import FormDialog
from virttui.model.errors import InvalidInput, OperationError
from virttui.panes.provision.failure import failure
from virttui.render.line import Line, Role, Run
from virttui.widgets.base_screen import flows_advanced

T = TypeVar("T")


class ReopenableFormDialog(FormDialog[T]):
    """A form that can be opened again after a failure and shows the reason under its fields."""

    def __init__(
        self,
        title: str,
        act: str,
        hint: str,
        said: str,
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        super().__init__(title, act, hint, said)
        self._entered.update(entered)
        self._refused: OperationError | None = failed
        self._refused_for = dict(entered)

    @property
    def entered(self) -> dict[str, str]:
        """The form values."""
        return dict(self._entered)

    def recompute(self) -> None:
        """Evaluate again; the reason of the failure disappears once a value changes."""
        if self._entered != self._refused_for:
            self._refused = None
        super().recompute()

    def _outcome(self, room: int) -> list[Line]:
        if self._refused is None:
            return super()._outcome(room)
        return failure(self._refused, self.width)[:room]


class CheckedFormDialog(ReopenableFormDialog[T]):
    """A form that returns a result which ``attempt`` accepted, or None.

    A form that closed and failed later would leave its user typing letters that act on rows.
    """

    TRYING = "checking it"
    """The message while the check runs."""
    _trying = False

    def attempt(self, result: T) -> None:
        """Check a result. On a thread. Raises InvalidInput."""
        raise NotImplementedError

    def done(self, result: T) -> None:
        """Check the result, and close the form if it passes."""
        self._trying, self._refused = True, None
        self._paths.busy = True
        self.draw()
        self.run_worker(self._attempt(result))

    async def _attempt(self, result: T) -> None:
        try:
            await asyncio.to_thread(self.attempt, result)
        except InvalidInput as error:
            self._trying = False
            self._refused, self._refused_for = error, self.entered
            self.draw()
            self._replay()
        else:
            self.finish(result)
            # What comes next is opened first: these keys are for that.
            self.app.call_after_refresh(self._replay_to_next)

    async def _replay_to_next(self) -> None:
        await flows_advanced()
        self._replay()

    def _outcome(self, room: int) -> list[Line]:
        return [(Run(self.TRYING, Role.MUTED),)] if self._trying else super()._outcome(room)
