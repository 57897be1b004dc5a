"""How a machine is made: the volumes it needs, its definition, its start, each undone if one fails.

Creating, cloning and importing all come to this; ``hypervisor.recipes`` carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from virttui.model.identity import Key
from virttui.model.volumes import NewVolume


@dataclass(frozen=True, slots=True)
class VolumeStep:
    """A volume to be made in a pool, and what is put into it: nothing, or one of these.

    ``copy_of`` is the volume whose content it gets, by its pool and name: by reference with
    ``reflink``. The pool's key may name another host: the content is then streamed through.
    ``file`` is a path of this machine; ``content`` is written as it is (a seed, no secret in its
    ``repr``). ``files`` says that the pool keeps files.
    """

    pool: Key
    pool_name: str
    new: NewVolume
    copy_of: tuple[Key, str] | None = None
    reflink: bool = False
    file: str = ""
    content: bytes = field(default=b"", repr=False)
    files: bool = True

    @property
    def words(self) -> str:
        """The step in words."""
        where = f"{self.new.name} in {self.pool_name}"
        if self.copy_of is not None:
            how = "by reference" if self.reflink else "copied"
            return f"make {where}, {how} from {self.copy_of[1]}"
        if self.file:
            return f"upload {self.file} as {where}"
        if self.content:
            return f"write {where}"
        return f"make {where}" + (f", on top of {self.new.backing}" if self.new.backing else "")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is made, in this order: the volumes, the definition, its start.

    ``xml`` may hold passwords, so no ``repr`` shows it; its name and UUID are nobody's yet.
    ``line`` makes about the same by hand (virt-install, virt-clone), "" where nothing does.
    """

    name: str
    xml: str = field(repr=False)
    volumes: tuple[VolumeStep, ...] = ()
    start: bool = False
    autostart: bool = False
    line: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Its steps in words, in order."""
        steps = [step.words for step in self.volumes]
        steps.append(f"define {self.name}, checked against libvirt's schema")
        steps += ["start it with its host"] if self.autostart else []
        steps += ["start it"] if self.start else []
        return tuple(steps)
