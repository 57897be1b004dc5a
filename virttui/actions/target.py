"""What a key acts on, and where it is pressed."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.domains.jobs import Job
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Domain, HostState, Network, Pool, Volume
from virttui.model.tasks import Task

Thing = Domain | Network | Pool | Volume | None


class ActionTarget(Struct, frozen=True):
    """One object a key would act on, with all that decides whether it may.

    ``users`` are those of a volume: domains, snapshots and overlays; ``runs_on`` is the domain that
    has it as a disk and runs, "" for none; ``maybe`` are domains of other hosts that name the same
    path, where nothing tells whether it is the same storage; ``unknown`` is what could not be
    looked at of who else uses it.
    """

    kind: Kind
    key: ObjectId
    name: str
    host: HostState
    thing: Thing = None
    task: Task | None = None
    users: tuple[str, ...] = ()
    runs_on: str = ""
    maybe: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def domain(self) -> Domain:
        """The subject as a domain."""
        if not isinstance(self.thing, Domain):
            raise TypeError(f"{self.name} is not a domain")
        return self.thing

    @property
    def active(self) -> bool:
        """Whether it runs (domains) or can be used (networks, pools)."""
        thing = self.thing
        if isinstance(thing, Domain):
            return thing.state.active
        return isinstance(thing, Network | Pool) and thing.active

    @property
    def persistent(self) -> bool:
        """Whether its definition stays when it stops."""
        return isinstance(self.thing, Domain | Network | Pool) and self.thing.persistent

    @property
    def autostart(self) -> bool:
        """Whether its host starts it by itself."""
        return isinstance(self.thing, Domain | Network | Pool) and self.thing.autostart


class ActionContext(Struct, frozen=True):
    """Where a key is pressed: the pane, the subjects (marks, or the cursor's row), the task.

    ``batch`` are all tasks of the row, where it stands for several. ``pool`` is the one whose
    volumes are under the hands.
    """

    pane: str
    subjects: tuple[ActionTarget, ...] = ()
    marked: bool = False
    task: Task | None = None
    batch: tuple[Task, ...] = ()
    job: Job | None = None
    read_only: bool = False
    pool: ActionTarget | None = None
    rows: bool = False
