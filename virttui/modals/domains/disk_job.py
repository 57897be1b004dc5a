"""Jobs on the disk of a running domain: resize, block copy, commit, pull; and its medium."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from virttui import formatting
from virttui.modals.base.form import FormDialog, FormState
from virttui.model.commands import Command, Target, Verb
from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import BackingChain, DiskJob
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.inventory import Pool
from virttui.model.queries import BackingChainsQuery, BackingChainsResult, QueryResult, VolumesQuery
from virttui.panes.virsh_equivalent import virsh
from virttui.planning.devices import disk_jobs
from virttui.store.context_parts import active_pools, target_pools

_TITLES = {
    Verb.RESIZE: ("grow {disk} of {name}", "Grow"),
    Verb.BLOCK_COPY: ("move {disk} of {name} to another pool", "Move"),
    Verb.BLOCK_COMMIT: ("commit the chain of {disk} of {name}", "Commit"),
    Verb.BLOCK_PULL: ("pull into {disk} of {name}", "Pull"),
}


class DiskDialog(FormDialog[DiskJob]):
    """Returns the disk job, or None. ``entered`` holds values that were typed already."""

    def __init__(
        self,
        verb: Verb,
        target: Target,
        disk: str,
        entered: Mapping[str, str] = {},
    ) -> None:
        title, act = _TITLES[verb]
        title = title.format(disk=disk, name=target.name)
        super().__init__(title, act, act.lower(), "reading its backing chain")
        self._verb, self._target, self._disk = verb, target, disk
        self._entered.update(entered)
        self._chain: BackingChain | None = None
        self._why = ""

    @property
    def _pools(self) -> list[Pool]:
        """The active pools of its host."""
        return active_pools(self.console.fleet_state().inventories.get(self._target.key.host))

    def on_mount(self) -> None:
        """Query the backing chain, and the volumes of the pools that it can be copied to."""
        super().on_mount()
        self.console.ask(BackingChainsQuery(self._target.key))
        if self._verb is Verb.BLOCK_COPY:
            for pool in self._pools:
                self.console.ask(VolumesQuery(pool.key))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply the backing chains or the volumes of a pool."""
        query = result.query
        if isinstance(result, BackingChainsResult) and query.key == self._target.key:
            found = [one for one in result.chains if one.disk == self._disk]
            self._chain = found[0] if found else None
            if result.error is not None:
                self._why = result.error.message
            elif not found:
                self._why = f"{self._target.name} has no disk {self._disk} with a medium"
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[DiskJob] | None:
        """The fields of the job, its meaning and its virsh line."""
        chain, verb = self._chain, self._verb
        why = self._why or (disk_jobs.why_not(verb, chain) if chain is not None else "")
        if why:
            return FormState(error=why)
        if chain is None:
            return None
        fleet_state = self.console.fleet_state()
        shelves = target_pools(fleet_state, fleet_state.inventories.get(self._target.key.host))
        wanted = disk_jobs.form_fields(verb, chain, entered, shelves)
        if verb is Verb.RESIZE and chain.capacity:
            note = f"{formatting.size(chain.capacity)} now; +5G is more"
            wanted = tuple(replace(one, note=note) for one in wanted)
        try:
            work = disk_jobs.plan(verb, chain, entered, shelves)
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        host = fleet_state.host(self._target.key.host)
        command = Command(verb, self._target, work)
        line = virsh(command, host.uri if host is not None else "")
        return FormState(wanted, work, (line,), line, about=disk_jobs.meaning(verb, chain, work))


class MediaDialog(FormDialog[str]):
    """Returns a medium as ``pool/volume`` or a path, ``none`` to eject it, or None."""

    def __init__(self, title: str, target: Target, now: str, typed: str = "") -> None:
        super().__init__(title, "Next", "what it changes", "asking for its volumes")
        if typed:
            self._entered["medium"] = typed
        self._target, self._present = target, now

    @property
    def _pools(self) -> list[Pool]:
        """The active pools of its host."""
        return active_pools(self.console.fleet_state().inventories.get(self._target.key.host))

    def on_mount(self) -> None:
        """Query the volumes of every active pool."""
        super().on_mount()
        for pool in self._pools:
            self.console.ask(VolumesQuery(pool.key))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Evaluate again: the volumes of a pool are known now."""
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[str]:
        """One field: an image of any pool, or a typed path."""
        options = self._images()
        if self._present not in ("", "none"):
            options.insert(0, Option("none", "ejects it"))
        medium = entered.get("medium", self._present)
        note = "pool/volume, or a path"
        field = FormField("medium", "medium", medium, tuple(options), note=note)
        if not medium or medium == self._present:
            return FormState((field,), error="choose another medium, or type its path")
        if medium != "none" and "/" not in medium:
            return FormState((field,), error=f"{medium} is neither a path nor pool/volume")
        about = "The drive will be empty." if medium == "none" else ""
        return FormState((field,), medium, about=about)

    def _images(self) -> list[Option]:
        fleet_state = self.console.fleet_state()
        return [
            Option(f"{pool.name}/{volume.name}", "an image")
            for pool in self._pools
            for volume in fleet_state.volumes.get(pool.key, ())
            if volume.format == "iso" or volume.name.lower().endswith((".iso", ".img"))
        ]
