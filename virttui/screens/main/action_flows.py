"""The flows of dialogs that actions open, each imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.base.types import Submit
    from virttui.screens.domains.edit_settings import EditSettingsFlow
    from virttui.screens.guest_agent.flow import GuestAgentFlow
    from virttui.screens.main.dispatcher import ActionRequest
    from virttui.screens.networks.network_records import NetworkRecordFlow
    from virttui.screens.networks.nwfilters import NwfilterFlow
    from virttui.screens.networks.restart_network import NetworkRestartFlow
    from virttui.screens.provision.clone import CloneFlow
    from virttui.screens.provision.create import CreateFlow
    from virttui.screens.provision.import_archive import ImportArchiveFlow
    from virttui.screens.provision.network_pool import NetworkPoolFlow
    from virttui.screens.snapshots.revert import RevertFlow
    from virttui.screens.snapshots.take import TakeSnapshotFlow
    from virttui.screens.storage.pool_target import PoolTargetFlow
    from virttui.screens.storage.secrets import SecretFlow
    from virttui.screens.storage.volumes import VolumeFlow
    from virttui.screens.terminal.logins import LoginFlow


class ActionFlows:
    """The flows of one screen; nothing of them is loaded before the first frame."""

    def __init__(
        self,
        screen: ActionScreen,
        submit: Submit,
        following: CreationFollower,
        run_plan: Callable[[ActionRequest], None],
    ) -> None:
        self._screen = screen
        self._submit = submit
        self._following = following
        self._run_plan = run_plan

    @cached_property
    def settings(self) -> EditSettingsFlow:
        """Settings and devices of domains."""
        from virttui.screens.domains.edit_settings import EditSettingsFlow

        return EditSettingsFlow(self._screen, self._submit, self._following)

    @cached_property
    def guest_agent(self) -> GuestAgentFlow:
        """What guests are asked by their agents."""
        from virttui.screens.guest_agent.flow import GuestAgentFlow

        return GuestAgentFlow(
            self._screen, self._submit, self._run_plan, lambda guest: self.logins.ssh(guest)
        )

    @cached_property
    def logins(self) -> LoginFlow:
        """Logins to guests on a terminal."""
        from virttui.screens.terminal.logins import LoginFlow

        return LoginFlow(self._screen)

    @cached_property
    def snapshots(self) -> TakeSnapshotFlow:
        """Taking snapshots."""
        from virttui.screens.snapshots.take import TakeSnapshotFlow

        return TakeSnapshotFlow(self._screen, self._submit)

    @cached_property
    def reverts(self) -> RevertFlow:
        """Reverting to snapshots."""
        from virttui.screens.snapshots.revert import RevertFlow

        return RevertFlow(self._screen, self._submit)

    @cached_property
    def network_pools(self) -> NetworkPoolFlow:
        """Creating networks and pools."""
        from virttui.screens.provision.network_pool import NetworkPoolFlow

        return NetworkPoolFlow(self._screen, self._following)

    @cached_property
    def clones(self) -> CloneFlow:
        """Cloning domains."""
        from virttui.screens.provision.clone import CloneFlow

        return CloneFlow(self._screen, self._following)

    @cached_property
    def network_restarts(self) -> NetworkRestartFlow:
        """Restarting networks."""
        from virttui.screens.networks.restart_network import NetworkRestartFlow

        return NetworkRestartFlow(self._screen, self._submit)

    @cached_property
    def network_records(self) -> NetworkRecordFlow:
        """Reservations and DNS records of networks."""
        from virttui.screens.networks.network_records import NetworkRecordFlow

        return NetworkRecordFlow(self._screen, self._submit, self.network_restarts.restart)

    @cached_property
    def creation(self) -> CreateFlow:
        """Creating domains."""
        from virttui.screens.provision.create import CreateFlow

        return CreateFlow(self._screen, self._following)

    @cached_property
    def imports(self) -> ImportArchiveFlow:
        """Importing and archiving domains."""
        from virttui.screens.provision.import_archive import ImportArchiveFlow

        return ImportArchiveFlow(self._screen, self._submit, self._following)

    @cached_property
    def secrets(self) -> SecretFlow:
        """Secrets."""
        from virttui.screens.storage.secrets import SecretFlow

        return SecretFlow(self._screen, self._submit)

    @cached_property
    def nwfilters(self) -> NwfilterFlow:
        """Network filters."""
        from virttui.screens.networks.nwfilters import NwfilterFlow

        return NwfilterFlow(self._screen, self._submit)

    @cached_property
    def volumes(self) -> VolumeFlow:
        """Volumes."""
        from virttui.screens.storage.volumes import VolumeFlow

        return VolumeFlow(self._screen, self._submit, self._following)

    @cached_property
    def pool_targets(self) -> PoolTargetFlow:
        """Targets of pools."""
        from virttui.screens.storage.pool_target import PoolTargetFlow

        return PoolTargetFlow(self._screen, self._submit)
