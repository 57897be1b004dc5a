"""A copy of a volume, in this pool or another one of its host."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from virttui import formatting
from virttui.modals.base.checked_form import ReopenableFormDialog
from virttui.modals.base.form import FormState
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.form_fields import FormField
from virttui.model.inventory import Pool, Volume
from virttui.model.queries import QueryResult
from virttui.model.volumes import FILE_POOLS, PoolContext, free_name
from virttui.planning.network_pool.volume import checked_name


class VolumeCopy(NamedTuple):
    """What is to be made: where, its name, its format ("" where the pool knows only one, or where
    it is copied as it is)."""

    pool: Pool
    name: str
    format: str


class CopyVolumeDialog(ReopenableFormDialog[VolumeCopy]):
    """Gives back the copy to make, or None.

    ``room`` tells what is in a pool, and asks for it where that is not known. ``user`` is the
    domain that runs on the volume. ``pools`` are those it can go to by what they are called;
    ``far`` holds those of other hosts."""

    def __init__(
        self,
        volume: Volume,
        pools: Mapping[str, Pool],
        far: frozenset[str],
        user: str,
        room: Callable[[Pool], PoolContext],
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        super().__init__(f"clone {volume.name}", "Clone", "clone", "", entered, failed)
        self._volume, self._user, self._room = volume, user, room
        self._pools, self._far = pools, far

    def on_mount(self) -> None:
        """The pool it is in comes first."""
        super().on_mount()
        self.recompute()

    def on_query_result(self, answer: QueryResult) -> None:
        """The volumes of a pool may have come."""
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[VolumeCopy]:
        """Where it goes, what it is called, and in which format it is kept there."""
        called = entered.get("pool", "")
        called = called if called in self._pools else next(iter(self._pools))
        pool, far = self._pools[called], called in self._far
        room = self._room(pool)
        pools = tuple(
            Option(name, f"{formatting.size(one.available)} free")
            for name, one in self._pools.items()
        )
        name = entered.get("name", free_name(self._volume.name, _taken(room), "clone"))
        wanted = [
            FormField("pool", "to pool", called, pools, only=True),
            FormField("name", "name", name, note="what the copy is called"),
        ]
        format = ""
        if pool.type in FILE_POOLS and not far:
            known = [one for one in ("qcow2", "raw") if one != self._volume.format]
            usual = self._volume.format if self._volume.format in ("qcow2", "raw") else "raw"
            format = entered.get("format", usual)
            formats = tuple(Option(one) for one in (usual, *known) if one)
            wanted.append(FormField("format", "format", format, formats, only=True))
        about = f"{self._user} runs on it: what it writes meanwhile may tear the copy. "
        about = about if self._user else ""
        if far:
            about += "It is streamed through this machine, as it is, and kept nowhere on the way."
        if far and self._volume.backing:
            about += f" It lies on {self._volume.backing}: that host must have it at that path."
        try:
            copy = VolumeCopy(pool, checked_name(name, room), format)
        except InvalidInput as error:
            return FormState(tuple(wanted), error=error.sentence)
        return FormState(tuple(wanted), copy, about=about.strip())


def _taken(room: PoolContext) -> set[str]:
    return {volume.name for volume in room.volumes}
