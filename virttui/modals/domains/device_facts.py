"""The facts that the form of a new device needs: the definition, and what the host offers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec.structs import replace

from virttui.model.commands import Target
from virttui.model.documents import Document, HostValues
from virttui.model.domains.devices import (
    DeviceContext,
    DeviceKind,
    GuestContext,
    HostDevice,
)
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    FileUsersQuery,
    HostDevicesQuery,
    HostDevicesResult,
    HostEnvironmentQuery,
    HostEnvironmentResult,
    HostValuesQuery,
    HostValuesResult,
    Query,
    QueryResult,
    VolumesQuery,
)
from virttui.planning.devices import make
from virttui.store.device_context import macs, offered
from virttui.widgets.app_protocol import AppServices


class DeviceFacts:
    """Queries missing facts and stores the answers. ``guest`` is None until it is known.

    With ``text`` that is the definition, and libvirt's is not asked for; ``live`` goes with it.
    """

    def __init__(self, targets: Sequence[Target], text: str = "", live: str = "") -> None:
        self.targets = tuple(targets)
        self.guest: GuestContext | None = None
        self.trouble = ""
        self._texts = (text, live)
        self._entered = bool(text)
        self._knowledge: HostValues | None = None
        self._devices: tuple[HostDevice, ...] | None = None
        self._asked: set[Query] = set()
        self._mac = ""
        self._cards: tuple[str, ...] = ()

    @property
    def key(self) -> ObjectId:
        """The first domain: its definition decides."""
        return self.targets[0].key

    def ask(self, console: AppServices, kind: str = "") -> None:
        """Put the queries that the form of a device kind needs; each is put once."""
        document = Document(Kind.DOMAIN, self.key, self.targets[0].name)
        host = ObjectId(self.key.host, "")
        if not self._entered:
            self._once(console, DefinitionQuery(self.key, document))
        self._once(console, HostValuesQuery(self.key, document))
        if kind in ("usb", "pci"):
            self._once(console, HostDevicesQuery(host))
        if kind == "nic":
            self._once(console, HostEnvironmentQuery(host))

    def why_not(self, kind: DeviceKind, console: AppServices | None) -> str:
        """Why a kind of device cannot be added; "" if it can, or while that is unknown."""
        if len(self.targets) > 1 and not kind.many:
            return "to one domain at a time"
        if console is None or self.guest is None:
            return ""
        return make.why_not(kind.name, self.guest, self.around(console))

    def ask_volumes(self, console: AppServices, pool: str) -> None:
        """Query the volumes of a pool, and who uses the files of its host; once."""
        self._once(console, FileUsersQuery(ObjectId(self.key.host, "")))
        inventory = console.fleet_state().inventories.get(self.key.host)
        for found in inventory.pools.values() if inventory is not None else ():
            if found.name == pool:
                self._once(console, VolumesQuery(found.key))

    def _once(self, console: AppServices, query: Query) -> None:
        if query not in self._asked:
            self._asked.add(query)
            console.ask(query)

    def take(self, result: QueryResult) -> bool:
        """Apply a result; true if it is a definition, which ``read`` parses next."""
        query = result.query
        if isinstance(result, HostDevicesResult) and query.key.host == self.key.host:
            # Without an answer there is nothing to choose from, and everything to type.
            self._devices = result.devices
        elif isinstance(result, HostEnvironmentResult) and query.key.host == self.key.host:
            self._cards = result.environment.cards if result.environment is not None else ()
        elif query.key != self.key:
            return False
        elif isinstance(result, HostValuesResult):
            self._knowledge = result.host_values
        elif isinstance(result, DefinitionResult) and not self._entered:
            return self._define(result)
        return False

    def _define(self, result: DefinitionResult) -> bool:
        definition = result.definition
        if definition is None:
            self.trouble = result.error.message if result.error else "no answer"
        elif definition.why_not:
            self.trouble = definition.why_not
        else:
            self._texts = (definition.stored, definition.live)
            return True
        return False

    @property
    def unread(self) -> bool:
        """Whether a definition has come that was not parsed yet."""
        return self.guest is None and not self.trouble and any(self._texts)

    async def read(self) -> None:
        """Parse the definition, on a thread."""
        try:
            self.guest = await asyncio.to_thread(make.guest_of, *self._texts)
        except InvalidInput as error:
            self.trouble = error.message

    def around(self, console: AppServices) -> DeviceContext:
        """What the host offers, as far as that is known by now."""
        fleet_state = console.fleet_state()
        if not self._mac:
            self._mac = make.free_mac(macs(fleet_state))
        hosts = list(dict.fromkeys(target.key.host for target in self.targets))
        many = len(self.targets) > 1
        found = offered(
            fleet_state,
            hosts,
            self._knowledge,
            self._devices,
            self._mac,
            many=many,
            cards=self._cards,
        )
        # What goes into a text is made by nobody yet.
        return replace(found, can_create_volumes=found.can_create_volumes and not self._entered)
