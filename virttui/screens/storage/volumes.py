"""The flows of volumes: create, copy, resize, upload, download, wipe, delete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from virttui import formatting
from virttui.actions.action import Action
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import OperationError
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import HostState, Pool, Volume
from virttui.model.volumes import FILE_POOLS, NewVolume, VolumeOperation
from virttui.screens.base.types import Submit
from virttui.store.context_parts import pool_context

if TYPE_CHECKING:
    from virttui.modals.storage.copy_volume import VolumeCopy
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen


class VolumeFlow:
    """Flows of the volumes of the open pool."""

    def __init__(self, screen: ActionScreen, submit: Submit, following: CreationFollower) -> None:
        self._screen = screen
        self._submit, self._following = submit, following

    def new(self, situation: ActionContext) -> None:
        """Create a volume from a form."""
        self._screen.run_flow(self._new(_pool(situation)))

    async def _new(self, pool: ActionTarget) -> None:
        from virttui.modals.storage.volume import VolumeDialog

        entered: Mapping[str, str] = {}
        failure: OperationError | None = None
        while True:
            dialog = VolumeDialog(pool.key, pool.name, entered, failure)
            new = await self._screen.show_dialog(dialog)
            if new is None:
                return
            work = VolumeOperation(pool.key, pool.name, new)
            command = Command(Verb.CREATE, _to_be(pool, new.name), work)
            failed = await self._following.submit((command,))
            if failed is None:
                return
            entered, failure = dialog.entered, failed.trouble

    def resize(self, situation: ActionContext) -> None:
        """Ask for another size; a smaller one is confirmed by typing the name of the volume."""
        self._screen.run_flow(self._resize(_pool(situation), situation.subjects[0]))

    async def _resize(self, pool: ActionTarget, subject: ActionTarget) -> None:
        from virttui.modals.storage.volume import ResizeDialog

        capacity = _volume(subject).capacity
        dialog = ResizeDialog(subject.name, capacity, subject.runs_on)
        size = await self._screen.show_dialog(dialog)
        if size is None:
            return
        if size >= capacity:
            work = replace(_operation(pool, subject), capacity=size)
            self._submit((_command(Verb.RESIZE, subject, work),))
        elif await self._confirmed_shrink(subject, size):
            work = replace(_operation(pool, subject), capacity=size, allow_shrink=True)
            self._submit((_command(Verb.RESIZE, subject, work),))

    async def _confirmed_shrink(self, subject: ActionTarget, size: int) -> bool:
        from virttui.modals.base.type_to_confirm import TypeToConfirmDialog

        capacity = _volume(subject).capacity
        lost = formatting.size(capacity - size)
        dialog = TypeToConfirmDialog(
            f"shrink {subject.name}",
            f"Shrink {subject.name} on {subject.host.name} from {formatting.size(capacity)} "
            f"to {formatting.size(size)}?",
            "Shrink",
            subject.name,
            f"What is in its last {lost} is gone for good.",
        )
        return await self._screen.show_dialog(dialog) is True

    def upload(self, situation: ActionContext) -> None:
        """Create a volume from a file of this machine."""
        self._screen.run_flow(self._upload(_pool(situation)))

    async def _upload(self, pool: ActionTarget) -> None:
        from virttui.modals.storage.upload_download import UploadDialog

        room = pool_context(self._screen.view_state.fleet_state, pool.key)
        chosen = await self._screen.show_dialog(UploadDialog(pool.name, room))
        if chosen is None:
            return
        file, name = chosen
        kind = pool.thing.type if isinstance(pool.thing, Pool) else ""
        work = VolumeOperation(pool.key, pool.name, file=file, files=kind in FILE_POOLS)
        self._submit((Command(Verb.UPLOAD, _to_be(pool, name), work),))

    def download(self, situation: ActionContext) -> None:
        """Copy the content of a volume to a file of this machine."""
        self._screen.run_flow(self._download(_pool(situation), situation.subjects[0]))

    async def _download(self, pool: ActionTarget, subject: ActionTarget) -> None:
        from virttui.modals.storage.upload_download import DownloadDialog

        file = await self._screen.show_dialog(DownloadDialog(subject.name, subject.runs_on))
        if file is not None:
            work = replace(_operation(pool, subject), file=file)
            self._submit((_command(Verb.DOWNLOAD, subject, work),))

    def clone(self, situation: ActionContext) -> None:
        """Copy a volume to any active pool of any host."""
        self._screen.run_flow(self._clone(_pool(situation), situation.subjects[0]))

    async def _clone(self, source: ActionTarget, subject: ActionTarget) -> None:
        from virttui.modals.storage.copy_volume import CopyVolumeDialog

        entered: Mapping[str, str] = {}
        failure: OperationError | None = None
        while True:
            dialog = CopyVolumeDialog(
                _volume(subject),
                self._destinations(source.key),
                source.key,
                subject.runs_on,
                entered,
                failure,
            )
            copy = await self._screen.show_dialog(dialog)
            if copy is None:
                return
            to = copy.pool.key
            made = Target(Kind.VOLUME, ObjectId(to.host, f"{to.uuid}/{copy.name}"), copy.name)
            failed = await self._following.submit((self._copy(source, subject, copy),), made)
            if failed is None:
                return
            entered, failure = dialog.entered, failed.trouble

    def _copy(self, source: ActionTarget, subject: ActionTarget, copy: VolumeCopy) -> Command:
        """The command that makes a copy: on its own host, or streamed to another one."""
        to, allocation = copy.pool.key, 0 if copy.format else None
        new = NewVolume(copy.name, _volume(subject).capacity, copy.format, allocation)
        work = replace(_operation(source, subject), new=new, target_pool=to)
        host = self._host(to.host)
        if to.host == source.key.host or host is None:
            return _command(Verb.CLONE, subject, replace(work, target_pool_name=copy.pool.name))
        work = replace(
            work,
            target_pool_name=f"{copy.pool.name} on {host.name}",
            target_uri=host.uri,
            files=copy.pool.type in FILE_POOLS,
        )
        return _command(Verb.COPY_TO_HOST, subject, work)

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
        """Delete unused volumes, after their name was typed."""
        action, consequence = BY_ID["delete"], "will be gone for good."
        self._screen.run_flow(self._confirm_and_submit(situation, Verb.DELETE, action, consequence))

    def wipe(self, situation: ActionContext) -> None:
        """Overwrite unused volumes with zeros, after their name was typed."""
        consequence = "will be overwritten with zeros; a qcow2 cannot be read as an image after it."
        self._screen.run_flow(
            self._confirm_and_submit(situation, Verb.WIPE, BY_ID["wipe"], consequence)
        )

    async def _confirm_and_submit(
        self, situation: ActionContext, verb: Verb, action: Action, consequence: str
    ) -> None:
        """Ask before the data of volumes is lost, and submit the commands."""
        from virttui.modals.base.type_to_confirm import TypeToConfirmDialog

        pool = _pool(situation)
        able = [one for one in situation.subjects if not action.unavailable_for(one)]
        size = formatting.size(sum(_volume(one).allocation for one in able))
        several = len(able) > 1
        what = formatting.counted(len(able), "volume") if several else able[0].name
        left = len(situation.subjects) - len(able)
        stays = f" {formatting.counted(left, 'volume')} in use stay." if left else ""
        dialog = TypeToConfirmDialog(
            f"{action.word} {what}",
            f"{action.title} {what} of {pool.name} on {pool.host.name}?{stays}",
            action.title,
            what,
            f"{size} of data {consequence}{_maybe(able)}{_not_known(able)}",
            _listed(able) if several else (),
        )
        commands = [
            _command(verb, one, replace(_operation(pool, one), despite=one.unknown)) for one in able
        ]
        if await self._screen.show_dialog(dialog):
            self._submit(tuple(commands))


def _pool(situation: ActionContext) -> ActionTarget:
    if situation.pool is None:
        raise TypeError("no pool is open")
    return situation.pool


def _to_be(pool: ActionTarget, name: str) -> Target:
    """The target of a volume that does not exist yet: the pool decides its path."""
    return Target(Kind.VOLUME, ObjectId(pool.key.host, f"{pool.key.uuid}/{name}"), name)


def _volume(subject: ActionTarget) -> Volume:
    if not isinstance(subject.thing, Volume):
        raise TypeError(f"{subject.name} is not a volume")
    return subject.thing


def _maybe(subjects: Sequence[ActionTarget]) -> str:
    """The domains of other hosts that use the same path, in case it is the same storage."""
    names = list(dict.fromkeys(name for subject in subjects for name in subject.maybe))
    if not names:
        return ""
    verb = "names" if len(names) == 1 else "name"
    return f" {formatting.listed(names)} {verb} the same path: be sure that it is another storage."


def _not_known(subjects: Sequence[ActionTarget]) -> str:
    """What is not known about other users of the volumes."""
    words = list(dict.fromkeys(words for subject in subjects for words in subject.unknown))
    return f" Not known: {'; '.join(words)}." if words else ""


def _listed(subjects: Sequence[ActionTarget]) -> list[tuple[str, str]]:
    return [(one.name, formatting.size(_volume(one).allocation)) for one in subjects]


def _operation(pool: ActionTarget, subject: ActionTarget) -> VolumeOperation:
    """What every command on a volume of a pool has."""
    return VolumeOperation(pool.key, pool.name, running_domain=subject.runs_on)


def _command(verb: Verb, subject: ActionTarget, work: VolumeOperation) -> Command:
    return Command(verb, Target(subject.kind, subject.key, subject.name), work)
