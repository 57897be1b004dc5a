"""The last backup of a domain, as lists of domains show it."""

from __future__ import annotations

from msgspec import Struct


class LastBackup(Struct, frozen=True, gc=False):
    """The newest backup of a domain that can be restored as far as the list of its pool tells.

    ``begun`` is its moment in seconds since 1970, None where the pools of the host have none.
    """

    begun: float | None = None
    verified: bool = False
    pool_name: str = ""


NO_BACKUP = LastBackup()
