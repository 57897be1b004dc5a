"""The queries that read the volumes of a pool."""

from __future__ import annotations

from virttui.model.identity import ObjectId
from virttui.model.queries import FileUsersQuery, VolumesQuery
from virttui.widgets.app_protocol import AppServices


def ask_for_volumes(console: AppServices, pool: ObjectId) -> None:
    """Ask for the volumes of a pool, and for who uses the files of its host."""
    console.ask(VolumesQuery(pool))
    console.ask(FileUsersQuery(ObjectId(pool.host, "")))
