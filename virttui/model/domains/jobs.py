"""Work that libvirt does on a domain, whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from virttui.model.identity import ObjectId


@dataclass(frozen=True, slots=True)
class Job:
    """One job at work: a save, a migration, a dump, or a block job of one ``disk``.

    ``progress`` is 0 to 1, ``left`` seconds, ``rate`` bytes a second, ``remaining`` bytes; None is
    "not told". ``begun_at`` is when it was first seen, or began as far as libvirt tells.
    """

    key: ObjectId
    name: str
    operation: str
    disk: str = ""
    progress: float | None = None
    left: float | None = None
    rate: float | None = None
    remaining: int | None = None
    begun_at: float = 0.0
    begun_epoch: float = 0.0

    @property
    def id(self) -> str:
        """What tells it apart from the other jobs of its host."""
        return f"{self.key.uuid} {self.operation} {self.disk}"

    @property
    def switches(self) -> bool:
        """Whether a disk has to be switched over at its end, by whoever began it."""
        return bool(self.disk) and self.operation in ("copy", "commit")

    @property
    def waits(self) -> bool:
        """Whether all of it is copied, so that it only has to be finished."""
        return self.switches and self.progress is not None and self.progress >= 1.0
