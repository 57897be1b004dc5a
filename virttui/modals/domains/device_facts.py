"""The facts that the form of a new device needs: the definition, and what the host offers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from virttui.model.commands import Target
from virttui.model.documents import Document, DocumentText, HostValues
from virttui.model.domains.devices import (
    DeviceContext,
    DeviceKind,
    GuestContext,
    HostDevice,
)
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import QueryKind, QueryResult
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
        self._asked: set[tuple[QueryKind, ObjectId]] = set()
        self._mac = ""
        self._cards: tuple[str, ...] = ()

    @property
    def key(self) -> ObjectId:
        """The first domain: its definition decides."""
        return self.targets[0].key

    def ask(self, console: AppServices, kind: str = "") -> None:
        """Query what the form of a device kind needs; each query is sent once."""
        document = Document(Kind.DOMAIN, self.key, self.targets[0].name)
        if not self._entered:
            self._once(console, QueryKind.DEFINITION, Kind.DOMAIN, self.key, document)
        self._once(console, QueryKind.KNOWLEDGE, Kind.DOMAIN, self.key, document)
        if kind in ("usb", "pci"):
            self._once(console, QueryKind.HOST_DEVICES, Kind.HOST, ObjectId(self.key.host, ""))
        if kind == "nic":
            self._once(console, QueryKind.SURROUNDINGS, Kind.HOST, ObjectId(self.key.host, ""))

    def why_not(self, kind: DeviceKind, console: AppServices | None) -> str:
        """Why a kind of device cannot be added; "" if it can, or while that is unknown."""
        if len(self.targets) > 1 and not kind.many:
            return "to one domain at a time"
        if console is None or self.guest is None:
            return ""
        return make.why_not(kind.name, self.guest, self.around(console))

    def ask_volumes(self, console: AppServices, pool: str) -> None:
        """Ask for the volumes of a pool, once."""
        self._once(console, QueryKind.SNAPSHOT_FILES, Kind.HOST, ObjectId(self.key.host, ""))
        inventory = console.fleet_state().inventories.get(self.key.host)
        for found in inventory.pools.values() if inventory is not None else ():
            if found.name == pool:
                self._once(console, QueryKind.VOLUMES, Kind.POOL, found.key)

    def _once(
        self,
        console: AppServices,
        ask: QueryKind,
        kind: Kind,
        key: ObjectId,
        document: Document | None = None,
    ) -> None:
        if (ask, key) not in self._asked:
            self._asked.add((ask, key))
            console.ask(ask, kind, key, document=document)

    def take(self, answer: QueryResult) -> bool:
        """Apply an answer; true if it is a definition, which ``read`` parses next."""
        question = answer.question
        if question.ask is QueryKind.HOST_DEVICES and question.key.host == self.key.host:
            # Without an answer there is nothing to choose from, and everything to type.
            self._devices = answer.host_devices
        elif question.ask is QueryKind.SURROUNDINGS and question.key.host == self.key.host:
            self._cards = answer.surroundings.cards if answer.surroundings is not None else ()
        elif question.key != self.key:
            return False
        elif question.ask is QueryKind.KNOWLEDGE:
            self._knowledge = answer.knowledge
        elif question.ask is QueryKind.DEFINITION and not self._entered:
            return self._define(answer.definition, answer)
        return False

    def _define(self, definition: DocumentText | None, answer: QueryResult) -> bool:
        if definition is None:
            self.trouble = answer.trouble.message if answer.trouble else "no answer came"
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
