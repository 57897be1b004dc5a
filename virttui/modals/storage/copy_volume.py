"""A copy of a volume, in this pool or another one of its host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from virttui.modals.base.checked_form import ReopenableFormDialog
from virttui.modals.base.form import FormState
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.form_fields import FormField
from virttui.model.identity import ObjectId
from virttui.model.inventory import Pool, Volume
from virttui.model.queries import QueryResult, VolumesQuery
from virttui.model.volumes import FILE_POOLS, PoolContext, free_name
from virttui.planning.network_pool.volume import checked_name
from virttui.store.context_parts import free_space, pool_context


class VolumeCopy(NamedTuple):
    """What is to be made: where, its name, its format ("" where the pool knows only one, or where
    it is copied as it is)."""

    pool: Pool
    name: str
    format: str


class CopyVolumeDialog(ReopenableFormDialog[VolumeCopy]):
    """Returns the copy to make, or None.

    ``pools`` are the pools that it can go to, by the names they are shown by; ``source`` is the
    pool it is in. ``user`` is the domain that runs on the volume."""

    def __init__(
        self,
        volume: Volume,
        pools: Mapping[str, Pool],
        source: ObjectId,
        user: str,
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        super().__init__(f"clone {volume.name}", "Clone", "clone", "", entered, failed)
        self._volume, self._user = volume, user
        self._pools, self._source = pools, source
        self._asked = {source}

    def on_mount(self) -> None:
        """Show the fields, with the pool of the volume chosen."""
        super().on_mount()
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Evaluate again: the volumes of a pool may be known now."""
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[VolumeCopy]:
        """The fields: the target pool, the name and the format of the copy."""
        called = entered.get("pool", "")
        called = called if called in self._pools else next(iter(self._pools))
        pool = self._pools[called]
        far = pool.key.host != self._source.host
        room = self._room(pool)
        pools = tuple(Option(name, free_space(one)) for name, one in self._pools.items())
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
        about = f"{self._user} runs on it: its writes may make the copy inconsistent. "
        about = about if self._user else ""
        if far:
            about += "It is streamed through this machine, unchanged and not stored on it."
        if far and self._volume.backing:
            about += (
                f" Its backing file is {self._volume.backing}: that host must have it at that path."
            )
        try:
            copy = VolumeCopy(pool, checked_name(name, room), format)
        except InvalidInput as error:
            return FormState(tuple(wanted), error=error.message)
        return FormState(tuple(wanted), copy, about=about.strip())

    def _room(self, pool: Pool) -> PoolContext:
        """What is in a pool; its volumes are asked for once."""
        if pool.key not in self._asked:
            self._asked.add(pool.key)
            self.console.ask(VolumesQuery(pool.key))
        return pool_context(self.console.fleet_state(), pool.key)


def _taken(room: PoolContext) -> set[str]:
    return {volume.name for volume in room.volumes}
