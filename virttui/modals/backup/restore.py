"""What a backup becomes: a new domain, the domain itself with its disks of then, or volumes."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from virttui.modals.base.form import FormDialog, FormState
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import Target
from virttui.model.documents import Document, Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.identity import Kind
from virttui.model.inventory import Domain, Pool
from virttui.model.provision.checks import Check
from virttui.model.queries import DefinitionQuery, DefinitionResult, QueryResult, VolumesQuery
from virttui.model.severity import Severity
from virttui.model.volumes import FILE_POOLS
from virttui.planning.backup.restore import (
    RestorePool,
    RestoreRequest,
    new_name,
    restore_checks,
)
from virttui.planning.backup.restore_commands import (
    RestoreCommands,
    as_new_domain,
    as_volumes,
    in_place,
)
from virttui.planning.form import choice
from virttui.planning.new_ids import IdGenerator
from virttui.store.context_parts import active_pools, free_space
from virttui.store.device_context import macs

_NEW, _IN_PLACE, _VOLUMES = "new domain", "in place", "volumes"
_ALL = "all"


class PlannedRestore(Struct, frozen=True):
    """What was chosen: the commands, and what has to be said before."""

    planned: RestoreCommands
    checks: tuple[Check, ...]


class RestoreDialog(FormDialog[PlannedRestore]):
    """Returns the restore of a backup, or None. ``chain`` ends with it; ``domain`` is None where
    the domain that it is of is gone."""

    FROM_THE_TOP = True

    def __init__(self, chain: Sequence[StoredBackup], domain: Domain | None, host: str) -> None:
        self._backup = chain[-1]
        super().__init__(
            f"restore {self._backup.manifest.domain}", "Review", "review", "reading the pools"
        )
        self._chain, self._domain, self._host = tuple(chain), domain, host
        self._stored_xml = ""
        self._asked: set[str] = set()

    def on_mount(self) -> None:
        """Show the fields, and ask for the definition that a restore in place would change."""
        super().on_mount()
        if self._domain is not None and not self._domain.state.active:
            document = Document(Kind.DOMAIN, self._domain.key, self._domain.name)
            self.console.ask(DefinitionQuery(self._domain.key, document))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Evaluate again: the definition, or the volumes of a pool, may be known now."""
        if isinstance(result, DefinitionResult) and result.definition is not None:
            self._stored_xml = result.definition.stored
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[PlannedRestore]:
        """The fields, and the plan that they make."""
        pools = self._pools()
        if not pools:
            return FormState(error="no pool of files is on: 3, n makes one of a folder")
        manifest = self._backup.manifest
        becomes = choice("becomes", "becomes", self._ways(), entered)
        fields = [becomes]
        name = ""
        if becomes.value == _NEW:
            name = entered.get("name", new_name(manifest.domain, manifest.id, self._names()))
            fields.append(FormField("name", "name", name, note="free on its host"))
        pool = choice("pool", "to pool", [Option(n, free_space(p)) for n, p in pools.items()],
                      entered)  # fmt: skip
        targets = [Option(_ALL, "disks")] if becomes.value != _VOLUMES else [Option(_ALL, "")]
        targets += [Option(one.target, "alone") for one in manifest.disks]
        disks = choice("disks", "disks", targets, entered)
        fields += [pool, disks]
        up, start = False, False
        if becomes.value == _NEW:
            ways = (Option("down", "you plug it in"), Option("up", "at once on its networks"))
            link = choice("link", "network link", ways, entered)
            begins = choice("start", "start", (Option("no", ""), Option("yes", "at once")), entered)
            fields += [link, begins]
            up, start = link.value == "up", begins.value == "yes"
        chosen = () if disks.value == _ALL else (disks.value,)
        request = RestoreRequest(
            self._restore_pool(pools[pool.value]), self._source_path(), chosen, up, start
        )
        return self._state(tuple(fields), becomes.value, name, request)

    def _state(
        self, fields: tuple[FormField, ...], becomes: str, name: str, request: RestoreRequest
    ) -> FormState[PlannedRestore]:
        try:
            planned = self._planned(becomes, name, request)
        except InvalidInput as error:
            return FormState(fields, error=error.message)
        checks = restore_checks(self._chain, request, in_place=becomes == _IN_PLACE)
        blockers = [one.words for one in checks if one.level is Severity.ERROR]
        if blockers:
            return FormState(fields, error=blockers[0])
        lines = tuple(f"{number}  {one}" for number, one in enumerate(planned.steps, 1))
        short = f"{len(lines)} steps; enter shows them"
        return FormState(fields, PlannedRestore(planned, checks), lines, short)

    def _planned(self, becomes: str, name: str, request: RestoreRequest) -> RestoreCommands:
        if becomes == _VOLUMES:
            return as_volumes(self._backup, request)
        if becomes == _IN_PLACE:
            assert self._domain is not None
            if not self._stored_xml:
                raise InvalidInput("its definition is being read")
            target = Target(Kind.DOMAIN, self._domain.key, self._domain.name)
            return in_place(self._backup, request, target, self._stored_xml)
        if not name or name in self._names():
            raise InvalidInput(f"a domain is called {name} already" if name else "a name is wanted")
        # Each evaluation makes them anew; those of the result are the ones that count.
        ids = IdGenerator(macs(self.console.fleet_state()))
        return as_new_domain(self._backup, request, name, ids)

    def _ways(self) -> list[Option]:
        ways = [Option(_NEW, "the old one stays")]
        domain = self._domain
        if domain is not None and not domain.state.active:
            ways.append(Option(_IN_PLACE, "its disks of today stay beside"))
        return [*ways, Option(_VOLUMES, "of no domain")]

    def _names(self) -> set[str]:
        inventory = self.console.fleet_state().inventories.get(self._host)
        return {one.name for one in inventory.domains.values()} if inventory is not None else set()

    def _pools(self) -> dict[str, Pool]:
        """The pools of files by name, that of the backup first."""
        inventory = self.console.fleet_state().inventories.get(self._host)
        pools = [one for one in active_pools(inventory) if one.type in FILE_POOLS]
        pools.sort(key=lambda one: one.key.uuid != self._backup.pool)
        return {one.name: one for one in pools}

    def _source_path(self) -> str:
        source = next(
            (one for one in self._pools().values() if one.key.uuid == self._backup.pool), None
        )
        return source.path if source is not None else ""

    def _restore_pool(self, pool: Pool) -> RestorePool:
        """A pool with its volumes, which are asked for once."""
        if pool.key.uuid not in self._asked:
            self._asked.add(pool.key.uuid)
            self.console.ask(VolumesQuery(pool.key))
        known = self.console.fleet_state().volumes.get(pool.key, ())
        names = tuple(one.name for one in known)
        return RestorePool(pool.key, pool.name, pool.type, pool.path, names, pool.available)
