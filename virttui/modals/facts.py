"""What has to be known before a device is made for a domain: its definition, and its host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from typing import Protocol

from virttui.model.commands import Target
from virttui.model.documents import Definition, Document, Knowledge
from virttui.model.errors import BadInput
from virttui.model.identity import Key, Kind
from virttui.model.making import Around, DeviceKind, Guest, HostDevice, Made, Making, Wanted
from virttui.model.news import Answer, Ask
from virttui.panes.offering import macs, offered
from virttui.widgets.console import Console


class Makes(Protocol):
    """What makes devices; ``virttui.definitions.making`` does."""

    @property
    def guest_of(self) -> Callable[[str, str], Guest]:
        """What matters of a stored and a live definition. Raises BadInput."""

    @property
    def why_not(self) -> Callable[[str, Guest, Around], str]:
        """Why there can be none of a kind."""

    @property
    def wants(self) -> Callable[[Making, Guest, Around], tuple[Wanted, ...]]:
        """The fields of a device."""

    @property
    def made(self) -> Callable[[Making, Guest, Around], Made]:
        """The device. Raises BadInput."""

    @property
    def free_mac(self) -> Callable[[Container[str]], str]:
        """A MAC address nobody has."""


class Facts:
    """Asks for what is missing, and keeps what came. ``guest`` is None until it is known.

    With ``text`` that is the definition, and libvirt's is not asked for; ``live`` goes with it.
    """

    def __init__(
        self, makes: Makes, targets: Sequence[Target], text: str = "", live: str = ""
    ) -> None:
        self.makes = makes
        self.targets = tuple(targets)
        self.guest: Guest | None = None
        self.trouble = ""
        self._texts = (text, live)
        self._given = bool(text)
        self._knowledge: Knowledge | None = None
        self._devices: tuple[HostDevice, ...] | None = None
        self._asked: set[tuple[Ask, Key]] = set()
        self._mac = ""
        self._cards: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """The domain whose definition counts: the first."""
        return self.targets[0].key

    def ask(self, console: Console, kind: str = "") -> None:
        """Ask for what a device of a kind needs to know, each thing once."""
        document = Document(Kind.DOMAIN, self.key, self.targets[0].name)
        if not self._given:
            self._once(console, Ask.DEFINITION, Kind.DOMAIN, self.key, document)
        self._once(console, Ask.KNOWLEDGE, Kind.DOMAIN, self.key, document)
        if kind in ("usb", "pci"):
            self._once(console, Ask.HOST_DEVICES, Kind.HOST, Key(self.key.host, ""))
        if kind == "nic":
            self._once(console, Ask.SURROUNDINGS, Kind.HOST, Key(self.key.host, ""))

    def why_not(self, kind: DeviceKind, console: Console | None) -> str:
        """Why no device of a kind can be added, "" when one can or that is not known yet."""
        if len(self.targets) > 1 and not kind.many:
            return "to one domain at a time"
        if console is None or self.guest is None:
            return ""
        return self.makes.why_not(kind.name, self.guest, self.around(console))

    def ask_volumes(self, console: Console, pool: str) -> None:
        """Ask for the volumes of a pool, once."""
        self._once(console, Ask.HELD, Kind.HOST, Key(self.key.host, ""))
        inventory = console.survey().inventories.get(self.key.host)
        for found in inventory.pools.values() if inventory is not None else ():
            if found.name == pool:
                self._once(console, Ask.VOLUMES, Kind.POOL, found.key)

    def _once(
        self, console: Console, ask: Ask, kind: Kind, key: Key, document: Document | None = None
    ) -> None:
        if (ask, key) not in self._asked:
            self._asked.add((ask, key))
            console.ask(ask, kind, key, document=document)

    def take(self, answer: Answer) -> bool:
        """Take an answer; true when a definition came that is to be read by ``read``."""
        question = answer.question
        if question.ask is Ask.HOST_DEVICES and question.key.host == self.key.host:
            # Without an answer there is nothing to choose from, and everything to type.
            self._devices = answer.host_devices
        elif question.ask is Ask.SURROUNDINGS and question.key.host == self.key.host:
            self._cards = answer.surroundings.cards if answer.surroundings is not None else ()
        elif question.key != self.key:
            return False
        elif question.ask is Ask.KNOWLEDGE:
            self._knowledge = answer.knowledge
        elif question.ask is Ask.DEFINITION and not self._given:
            return self._define(answer.definition, answer)
        return False

    def _define(self, definition: Definition | None, answer: Answer) -> bool:
        if definition is None:
            self.trouble = answer.trouble.sentence if answer.trouble else "no answer came"
        elif definition.why_not:
            self.trouble = definition.why_not
        else:
            self._texts = (definition.stored, definition.live)
            return True
        return False

    @property
    def unread(self) -> bool:
        """Whether a definition is there that was not read yet."""
        return self.guest is None and not self.trouble and any(self._texts)

    async def read(self) -> None:
        """Read the definition, on a thread."""
        try:
            self.guest = await asyncio.to_thread(self.makes.guest_of, *self._texts)
        except BadInput as error:
            self.trouble = error.sentence

    def around(self, console: Console) -> Around:
        """What the host has, as far as that is known by now."""
        survey = console.survey()
        if not self._mac:
            self._mac = self.makes.free_mac(macs(survey))
        hosts = list(dict.fromkeys(target.key.host for target in self.targets))
        many = len(self.targets) > 1
        found = offered(
            survey,
            hosts,
            self._knowledge,
            self._devices,
            self._mac,
            many=many,
            cards=self._cards,
        )
        # What goes into a text is made by nobody yet.
        return replace(found, makes=found.makes and not self._given)
