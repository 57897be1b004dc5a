"""The actions on backups of domains: their page, and one of several domains at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions import availability
from virttui.actions.target import ActionTarget
from virttui.model.backup.arguments import BackupArguments
from virttui.model.commands import IN_PARALLEL, BatchPolicy, Command, Target, Verb
from virttui.model.identity import Kind
from virttui.model.inventory import Pool
from virttui.model.volumes import FILE_POOLS
from virttui.render.line import Role, Run
from virttui.render.search import PickerItem
from virttui.screens.main.dispatcher import ActionRequest
from virttui.store.context_parts import active_pools

if TYPE_CHECKING:
    from virttui.modals.base.batch_progress import SkippedTarget
    from virttui.screens.base.screen_protocol import ActionScreen


class BackupActions:
    """The handlers of those actions."""

    _screen: ActionScreen

    def _submit(
        self,
        commands: tuple[Command, ...],
        pace: BatchPolicy = IN_PARALLEL,
        skipped: Sequence[SkippedTarget] = (),
    ) -> None:
        """Submit commands; of several the progress is shown."""
        raise NotImplementedError

    def open_backups(self, request: ActionRequest) -> None:
        """Open the page of a domain's backups."""
        from virttui.screens.backup.screen import BackupsScreen

        context = request.context
        subject = context.subjects[0]
        watched = subject.key if context.pane == "details" else None
        read_only = self._screen.view_state.read_only
        self._screen.app.push_screen(
            BackupsScreen(subject.domain, read_only=read_only, watched_after=watched)
        )

    def back_up(self, request: ActionRequest) -> None:
        """Back up all domains that run, each into the pool of that name of its host."""
        subjects = request.context.subjects
        able = [one for one in subjects if not availability.back_up(one)]
        pools = self._pools_of_all({one.key.host for one in able})
        if not able:
            self._screen.show_message(f"back up: {availability.back_up(subjects[0])}")
        elif not pools:
            where = "host" if len({one.key.host for one in able}) == 1 else "hosts together"
            self._screen.show_message(f"back up: no pool of files is on for its {where}")
        else:
            self._screen.run_flow(self._back_up(able, subjects, pools))

    def _pools_of_all(self, hosts: set[str]) -> dict[str, dict[str, Pool]]:
        """The pools of files that each of some hosts has under one name, by name and host."""
        inventories = self._screen.view_state.fleet_state.inventories
        found: dict[str, dict[str, Pool]] = {}
        for host in hosts:
            for pool in active_pools(inventories.get(host)):
                if pool.type in FILE_POOLS:
                    found.setdefault(pool.name, {})[host] = pool
        return {name: pools for name, pools in sorted(found.items()) if pools.keys() == hosts}

    async def _back_up(
        self,
        able: Sequence[ActionTarget],
        subjects: Sequence[ActionTarget],
        pools: dict[str, dict[str, Pool]],
    ) -> None:
        from virttui.modals.base.chooser import PickerDialog
        from virttui.modals.base.confirm import Confirmation, ConfirmationRow, ConfirmDialog

        entries: list[PickerItem[str | None]] = [
            PickerItem(name, name, _free(list(places.values()))) for name, places in pools.items()
        ]
        chosen = await self._screen.show_dialog(PickerDialog("back up into", entries))
        if chosen is None:
            return

        def row(subject: ActionTarget, word: str) -> ConfirmationRow:
            glyph = Run("+", Role.MUTED)
            return ConfirmationRow(subject.key, glyph, subject.name, subject.host.name, word)

        left_out = [(one, why) for one in subjects if (why := availability.back_up(one))]
        count = formatting.counted(len(able), "domain")
        question = Confirmation(
            f"back up {count}",
            f"Back up {count} into {chosen}?",
            "Back up",
            consequence="What changed since the backup before is copied, else all. Two of a host "
            "are at work at once; the guests run on.",
            listed=tuple(row(one, one.domain.state.value) for one in able),
            left_out=tuple(row(one, why.removeprefix(f"{one.name} ")) for one, why in left_out),
        )
        decision = await self._screen.show_dialog(ConfirmDialog(question))
        if decision is None:
            return
        places = pools[chosen]
        commands = tuple(
            Command(
                Verb.BACK_UP,
                Target(Kind.DOMAIN, one.key, one.name),
                BackupArguments(places[one.key.host].key, chosen),
            )
            for one in able
            if one.key not in decision.left_out
        )
        self._submit(commands, decision.pace)


def _free(pools: Sequence[Pool]) -> str:
    """The free space of pools in words, of several the least."""
    least = min(one.available for one in pools)
    return f"{formatting.size(least)} free" + (" at least" if len(pools) > 1 else "")
