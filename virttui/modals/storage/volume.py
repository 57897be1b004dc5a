"""The forms of a new volume and of a new size."""

from __future__ import annotations

from collections.abc import Mapping

from virttui import formatting
from virttui.modals.base.checked_form import ReopenableFormDialog
from virttui.modals.base.form import FormState
from virttui.modals.base.modal import button, row
from virttui.modals.base.single_field import InputDialog
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import DocumentsQuery, DocumentsResult, QueryResult
from virttui.model.volumes import NewVolume
from virttui.planning.network_pool.volume import form_fields, new_size, plan, volume_xml
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, wrapped
from virttui.store.context_parts import pool_context


class VolumeDialog(ReopenableFormDialog[NewVolume]):
    """Returns the volume to create, or None."""

    def __init__(
        self,
        pool: ObjectId,
        name: str,
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        said = "asking for its volumes"
        super().__init__(f"new volume in {name}", "Create", "create", said, entered, failed)
        self._pool = pool
        self._secrets: tuple[Option, ...] = ()

    def on_mount(self) -> None:
        """Query the secrets that can encrypt a volume."""
        super().on_mount()
        self.console.ask(DocumentsQuery(ObjectId(self._pool.host, ""), Kind.HOST))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply the secrets and evaluate again."""
        if isinstance(result, DocumentsResult) and result.query.kind is Kind.HOST:
            secrets = (one for one in result.documents if one.kind is Kind.SECRET)
            self._secrets = tuple(Option(one.key.uuid, one.name) for one in secrets)
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[NewVolume] | None:
        """The fields and the XML of the volume."""
        room = pool_context(self.console.fleet_state(), self._pool, self._secrets)
        fields = form_fields(entered, room)
        try:
            volume = plan(entered, room)
            lines = tuple(volume_xml(volume).split("\n"))
        except InvalidInput as error:
            return FormState(fields, error=error.message)
        return FormState(fields, volume, lines, f"makes {volume.name}")


class ResizeDialog(InputDialog[int]):
    """Asks for another size of a volume. Returns it in bytes, or None."""

    def __init__(self, name: str, capacity: int, user: str) -> None:
        super().__init__(f"resize {name}", field=True)
        self._capacity, self._user = capacity, user

    def on_mount(self) -> None:
        """Put the cursor into the input."""
        super().on_mount()
        self._input.focus()

    def body(self) -> list[Line]:
        """The present size."""
        lines: list[Line] = [
            (Run(f"It holds {formatting.size(self._capacity)} now."),),
            (Run("40G sets the size, +5G adds to it", Role.MUTED),),
        ]
        if self._user:
            lines.append((Run(f"{self._user} runs on it and sees it grow at once.", Role.MUTED),))
        return [*lines, BLANK]

    def foot(self) -> list[Line]:
        """The effect of the typed size, and the buttons."""
        size, error = self._new_size()
        self.field_note(" size ", BLANK)
        if error and self._input.value.strip():
            said = [(Run(part, Role.BAD),) for part in wrapped(error, self.width)]
        elif size is not None and size < self._capacity:
            lost = formatting.size(self._capacity - size)
            said = [(Run(f"Cuts off its last {lost}, which must be unused.", Role.WARN),)]
        elif size is not None:
            said = [(Run(f"{formatting.size(size - self._capacity)} more.", Role.MUTED),)]
        else:
            said = [(Run(" "),)]
        word = "Shrink" if size is not None and size < self._capacity else "Grow"
        act = button("enter", word, possible=size is not None)
        return [BLANK, *said, BLANK, row(button("esc", "Cancel"), act)]

    def _new_size(self) -> tuple[int | None, str]:
        try:
            size = new_size(self._input.value, self._capacity)
        except InvalidInput as error:
            return None, error.message
        if size < self._capacity and self._user:
            return None, f"{self._user} runs on it: it can only grow"
        return size, ""

    def hints(self) -> list[KeyHint]:
        """The keys."""
        able = self.result() is not None
        return [KeyHint("enter", "resize", able), KeyHint("esc", "cancel", keep=True)]

    def result(self) -> int | None:
        """The typed size in bytes; None while it is invalid."""
        return self._new_size()[0]
