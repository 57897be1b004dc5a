"""Volumes under the hands: made, copied, resized, moved to and from files, wiped, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from virttui import formatting
from virttui.actions.action import Action
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import HostState, Pool, Volume
from virttui.model.queries import QueryKind
from virttui.model.volumes import FILE_POOLS, NewVolume, PoolContext, VolumeOperation

if TYPE_CHECKING:
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

Submit = Callable[[tuple[Command, ...]], None]


class VolumeFlow:
    """The volumes of the pool that is open."""

    def __init__(self, screen: ActionScreen, submit: Submit, following: CreationFollower) -> None:
        self._screen = screen
        self._submit, self._following = submit, following

    def new(self, situation: ActionContext) -> None:
        """Fill in a form and make a volume."""
        self._new(_pool(situation), {}, None)

    def _new(
        self, pool: ActionTarget, evaluate: Mapping[str, str], failed: OperationError | None
    ) -> None:
        from virttui.modals.storage.volume import VolumeDialog

        def back(why: OperationError | None) -> None:
            self._new(pool, sheet.entered, why)

        def entered(new: NewVolume | None) -> None:
            if new is not None:
                work = VolumeOperation(pool.key, pool.name, new)
                command = Command(Verb.CREATE, _to_be(pool, new.name), volume=work)
                self._following.submit((command,), back)

        sheet = VolumeDialog(pool.key, pool.name, evaluate, failed)
        self._screen.app.push_screen(sheet, entered)

    def resize(self, situation: ActionContext) -> None:
        """Ask for another size; a smaller one is asked for twice, by name."""
        from virttui.modals.storage.volume import ResizeDialog

        pool, subject = _pool(situation), situation.subjects[0]
        capacity = _volume(subject).capacity

        def entered(size: int | None) -> None:
            if size is None:
                return
            if size < capacity:
                self._shrink(pool, subject, size)
            else:
                self._submit((_command(Verb.RESIZE, pool, subject, capacity=size),))

        sheet = ResizeDialog(subject.name, capacity, subject.runs_on)
        self._screen.app.push_screen(sheet, entered)

    def _shrink(self, pool: ActionTarget, subject: ActionTarget, size: int) -> None:
        from virttui.modals.base.type_to_confirm import TypeToConfirmDialog

        capacity = _volume(subject).capacity
        lost = formatting.size(capacity - size)
        self._screen.app.push_screen(
            TypeToConfirmDialog(
                f"shrink {subject.name}",
                f"Shrink {subject.name} on {subject.host.name} from {formatting.size(capacity)} "
                f"to {formatting.size(size)}?",
                "Shrink",
                subject.name,
                f"What is in its last {lost} is gone for good.",
            ),
            self._then(_command(Verb.RESIZE, pool, subject, capacity=size, shrinks=True)),
        )

    def upload(self, situation: ActionContext) -> None:
        """Make a volume of a file of this machine."""
        from virttui.modals.storage.upload_download import UploadDialog
        from virttui.modals.storage.volume import room_of

        pool = _pool(situation)
        room = room_of(self._screen.view_state.fleet_state, pool.key)

        def entered(what: tuple[str, str] | None) -> None:
            if what is not None:
                file, name = what
                kind = pool.thing.type if isinstance(pool.thing, Pool) else ""
                work = VolumeOperation(pool.key, pool.name, file=file, files=kind in FILE_POOLS)
                self._submit((Command(Verb.UPLOAD, _to_be(pool, name), volume=work),))

        sheet = UploadDialog(pool.name, room)
        self._screen.app.push_screen(sheet, entered)

    def download(self, situation: ActionContext) -> None:
        """Copy what is in a volume to a file of this machine."""
        from virttui.modals.storage.upload_download import DownloadDialog

        pool, subject = _pool(situation), situation.subjects[0]

        def entered(file: str | None) -> None:
            if file is not None:
                self._submit((_command(Verb.DOWNLOAD, pool, subject, file=file),))

        self._screen.app.push_screen(DownloadDialog(subject.name, subject.runs_on), entered)

    def clone(self, situation: ActionContext) -> None:
        """Copy a volume, to any pool of any host that is active."""
        self._clone(_pool(situation), situation.subjects[0], {}, None)

    def _clone(
        self,
        source: ActionTarget,
        subject: ActionTarget,
        evaluate: Mapping[str, str],
        failed: OperationError | None,
    ) -> None:
        from virttui.modals.storage.copy_volume import CopyVolumeDialog, VolumeCopy
        from virttui.modals.storage.volume import room_of

        volume, asked = _volume(subject), {source.key}
        pools = self._destinations(source.key)

        def room(pool: Pool) -> PoolContext:
            if pool.key not in asked:
                asked.add(pool.key)
                self._screen.console.ask(QueryKind.VOLUMES, Kind.POOL, pool.key)
            return room_of(self._screen.console.fleet_state(), pool.key)

        def back(why: OperationError | None) -> None:
            self._clone(source, subject, sheet.entered, why)

        def entered(copy: VolumeCopy | None) -> None:
            if copy is None:
                return
            to, allocation = copy.pool.key, 0 if copy.format else None
            new = NewVolume(copy.name, volume.capacity, copy.format, allocation)
            what: dict[str, Any] = {"new": new, "to": to, "to_name": copy.pool.name}
            verb = Verb.CLONE
            if to.host != source.key.host and (host := self._host(to.host)) is not None:
                verb = Verb.COPY_TO_HOST
                what["to_name"] = f"{copy.pool.name} on {host.name}"
                what |= {"to_uri": host.uri, "files": copy.pool.type in FILE_POOLS}
            command = _command(verb, source, subject, **what)
            made = Target(Kind.VOLUME, ObjectId(to.host, f"{to.uuid}/{copy.name}"), copy.name)
            self._following.submit((command,), back, made)

        far = frozenset(name for name, pool in pools.items() if pool.key.host != source.key.host)
        sheet = CopyVolumeDialog(volume, pools, far, subject.runs_on, room, evaluate, failed)
        self._screen.app.push_screen(sheet, entered)

    def _host(self, id: str) -> HostState | None:
        return self._screen.view_state.fleet_state.host(id)

    def _destinations(self, source: ObjectId) -> dict[str, Pool]:
        """The pools that a volume can be copied to, by what they are called: its own, those of its
        host, then those of the other hosts that answer."""
        fleet_state = self._screen.view_state.fleet_state
        found = [
            (pool, inventory.host)
            for inventory in fleet_state.inventories.values()
            if inventory.current
            for pool in inventory.pools.values()
            if pool.active
        ]
        found.sort(
            key=lambda one: (
                one[0].key != source,
                one[1].id != source.host,
                one[1].name,
                one[0].name,
            )
        )
        return {
            pool.name if host.id == source.host else f"{pool.name} on {host.name}": pool
            for pool, host in found
        }

    def delete(self, situation: ActionContext) -> None:
        """Delete what nobody uses, after its name was typed."""
        self._lose(situation, Verb.DELETE, BY_ID["delete"], "will be gone for good.")

    def wipe(self, situation: ActionContext) -> None:
        """Overwrite what nobody uses, after its name was typed."""
        consequence = "will be overwritten with zeros, and a qcow2 is no image any more after it."
        self._lose(situation, Verb.WIPE, BY_ID["wipe"], consequence)

    def _lose(self, situation: ActionContext, verb: Verb, action: Action, consequence: str) -> None:
        """What loses the data of volumes, all of them named."""
        from virttui.modals.base.type_to_confirm import TypeToConfirmDialog

        pool = _pool(situation)
        able = [one for one in situation.subjects if not action.refuses(one)]
        size = formatting.size(sum(_volume(one).allocation for one in able))
        several = len(able) > 1
        what = formatting.counted(len(able), "volume") if several else able[0].name
        left = len(situation.subjects) - len(able)
        stays = f" {formatting.counted(left, 'volume')} in use stay." if left else ""
        sheet = TypeToConfirmDialog(
            f"{action.word} {what}",
            f"{action.title} {what} of {pool.name} on {pool.host.name}?{stays}",
            action.title,
            what,
            f"{size} of data {consequence}{_maybe(able)}{_not_known(able)}",
            _listed(able) if several else (),
        )
        commands = [replace(_command(verb, pool, one), despite=one.unknown) for one in able]
        self._screen.app.push_screen(sheet, self._then(*commands))

    def _then(self, *commands: Command) -> Callable[[bool | None], None]:
        """What hands commands over once a name was typed."""

        def decided(typed: bool | None) -> None:
            if typed:
                self._submit(commands)

        return decided


def _pool(situation: ActionContext) -> ActionTarget:
    if situation.pool is None:
        raise TypeError("no pool is open")
    return situation.pool


def _to_be(pool: ActionTarget, name: str) -> Target:
    """A volume that is not there yet: what its path will be is the pool's to say."""
    return Target(Kind.VOLUME, ObjectId(pool.key.host, f"{pool.key.uuid}/{name}"), name)


def _volume(subject: ActionTarget) -> Volume:
    if not isinstance(subject.thing, Volume):
        raise TypeError(f"{subject.name} is no volume")
    return subject.thing


def _maybe(subjects: Sequence[ActionTarget]) -> str:
    """Who would be hurt, were a path of another host the same storage."""
    names = list(dict.fromkeys(name for subject in subjects for name in subject.maybe))
    if not names:
        return ""
    verb = "names" if len(names) == 1 else "name"
    return f" {formatting.listed(names)} {verb} the same path: be sure that it is another storage."


def _not_known(subjects: Sequence[ActionTarget]) -> str:
    """What could not be looked at of who else uses them."""
    words = list(dict.fromkeys(words for subject in subjects for words in subject.unknown))
    return f" Not known: {'; '.join(words)}." if words else ""


def _listed(subjects: Sequence[ActionTarget]) -> list[tuple[str, str]]:
    return [(one.name, formatting.size(_volume(one).allocation)) for one in subjects]


def _command(verb: Verb, pool: ActionTarget, subject: ActionTarget, **what: Any) -> Command:
    work = VolumeOperation(pool.key, pool.name, runs_on=subject.runs_on, **what)
    return Command(verb, Target(subject.kind, subject.key, subject.name), volume=work)
