"""Jobs that libvirt runs on a domain, whoever started them."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.identity import ObjectId


class Job(Struct, frozen=True):
    """A running job: a save, a migration, a dump, or a block job of one ``disk``.

    ``progress`` is 0 to 1, ``seconds_left`` seconds, ``rate`` bytes a second, ``remaining`` bytes;
    None is "not known". ``started_at`` is when it was first seen, or began as far as libvirt says.
    """

    key: ObjectId
    name: str
    operation: str
    disk: str = ""
    progress: float | None = None
    seconds_left: float | None = None
    rate: float | None = None
    remaining: int | None = None
    started_at: float = 0.0
    started_epoch: float = 0.0

    @property
    def id(self) -> str:
        """Its identity among the jobs of its host."""
        return f"{self.key.uuid} {self.operation} {self.disk}"

    @property
    def switches(self) -> bool:
        """True if a disk has to be switched over at its end, by whoever started it."""
        return bool(self.disk) and self.operation in ("copy", "commit")

    @property
    def waits(self) -> bool:
        """True if everything is copied, so that it only has to be finished."""
        return self.switches and self.progress is not None and self.progress >= 1.0
