"""The forms of a new network and of a new pool."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from virttui.modals.base.form import FormDialog, FormState
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.network_pool import (
    FoundPoolSources,
    HostEnvironment,
    NetworkPoolContext,
    NetworkPoolPlan,
    PoolSourceSearch,
)
from virttui.model.queries import (
    HostEnvironmentQuery,
    HostEnvironmentResult,
    PoolSourcesQuery,
    PoolSourcesResult,
    QueryResult,
)
from virttui.planning.network_pool import network, pool
from virttui.store.network_pool_context import site


class NetworkPoolFormResult(Struct, frozen=True):
    """A completed form: its values and the plan."""

    entered: dict[str, str]
    blueprint: NetworkPoolPlan


class NetworkPoolDialog(FormDialog[NetworkPoolFormResult]):
    """The form of a new network or pool. Returns the form values and the plan, or None.

    The subclasses know the fields and the plan of their kind.
    """

    KIND: Kind

    def __init__(self, inventory: Inventory, uuid: str, entered: Mapping[str, str]) -> None:
        title = f"new {self.KIND} on {inventory.host.name}"
        super().__init__(title, "Next", "review", "asking its host")
        self._inventory, self._uuid = inventory, uuid
        self._entered = dict(entered)
        self._host = ObjectId(inventory.host.id, "")
        self._environment: HostEnvironment | None = None
        self._found: dict[PoolSourceSearch, FoundPoolSources] = {}

    def fields(
        self, entered: Mapping[str, str], context: NetworkPoolContext
    ) -> tuple[FormField, ...]:
        """The fields of the form."""
        raise NotImplementedError

    def plan(self, entered: Mapping[str, str], context: NetworkPoolContext) -> NetworkPoolPlan:
        """The definition and what follows it. Raises InvalidInput."""
        raise NotImplementedError

    def meaning(self, values: Mapping[str, str]) -> str:
        """A sentence about the values, valid or not."""
        raise NotImplementedError

    def source_query(
        self, entered: Mapping[str, str], context: NetworkPoolContext
    ) -> PoolSourceSearch | None:
        """Where the host looks for sources of a pool; None where it does not."""
        return None

    def on_mount(self) -> None:
        """Query the routes and bridges of the host."""
        super().on_mount()
        self.console.ask(HostEnvironmentQuery(self._host))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply the environment; without it, libvirt itself reports conflicts."""
        if isinstance(result, HostEnvironmentResult) and result.query.key == self._host:
            self._environment = result.environment or HostEnvironment()
            self.recompute()
        elif isinstance(result, PoolSourcesResult) and result.query.search in self._found:
            self._found[result.query.search] = FoundPoolSources(
                result.sources, result.why_not, done=True
            )
            self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[NetworkPoolFormResult] | None:
        """The fields of these values, their meaning and the plan."""
        if self._environment is None:
            return None
        context = site(self._inventory, self.KIND, self._environment, self._uuid)
        sought = self._query_sources(self.source_query(entered, context))
        context = replace(context, source_result=sought)
        wanted = self.fields(entered, context)
        about = self.meaning({one.name: one.value for one in wanted})
        if sought is not None and sought.error:
            # Instead of what the type means: on a small terminal there is room for one of them.
            about = f"{sought.error[:1].upper()}{sought.error[1:]}."
        try:
            blueprint = self.plan(entered, context)
        except InvalidInput as error:
            return FormState(wanted, error=error.message, about=about)
        lines = (" ", *blueprint.xml.split("\n"))
        return FormState(
            wanted, NetworkPoolFormResult(dict(entered), blueprint), lines, about=about
        )

    def _query_sources(self, search: PoolSourceSearch | None) -> FoundPoolSources | None:
        """The known pool sources; they are queried unless the user is typing their address."""
        if search is None:
            return None
        if search not in self._found and not self.typing_in("host", "initiator"):
            self._found[search] = FoundPoolSources()
            self.console.ask(PoolSourcesQuery(self._host, search))
        return self._found.get(search)


class NetworkDialog(NetworkPoolDialog):
    """The form of a new network."""

    KIND = Kind.NETWORK

    def fields(
        self, entered: Mapping[str, str], context: NetworkPoolContext
    ) -> tuple[FormField, ...]:
        """The fields of a network."""
        return network.form_fields(entered, context)

    def plan(self, entered: Mapping[str, str], context: NetworkPoolContext) -> NetworkPoolPlan:
        """The plan of a network. Raises InvalidInput."""
        return network.plan(entered, context)

    def meaning(self, values: Mapping[str, str]) -> str:
        """What the mode of the network means."""
        return network.meaning(values)


class PoolDialog(NetworkPoolDialog):
    """The form of a new pool."""

    KIND = Kind.POOL

    def fields(
        self, entered: Mapping[str, str], context: NetworkPoolContext
    ) -> tuple[FormField, ...]:
        """The fields of a pool."""
        return pool.form_fields(entered, context)

    def plan(self, entered: Mapping[str, str], context: NetworkPoolContext) -> NetworkPoolPlan:
        """The plan of a pool. Raises InvalidInput."""
        return pool.plan(entered, context)

    def meaning(self, values: Mapping[str, str]) -> str:
        """What the type of the pool means."""
        return pool.meaning(values)

    def source_query(
        self, entered: Mapping[str, str], context: NetworkPoolContext
    ) -> PoolSourceSearch | None:
        """Where the host looks for sources."""
        return pool.source_query(entered, context)
