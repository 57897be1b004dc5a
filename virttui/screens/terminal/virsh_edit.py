"""virsh's editors on a terminal: what is replaced there enters the history of definitions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from virttui.model.documents import Document, DocumentText
from virttui.model.errors import Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.queries import (
    DefinitionQuery,
    DefinitionResult,
    DocumentsQuery,
    DocumentsResult,
    QueryResult,
)
from virttui.persistence import definition_history
from virttui.screens.terminal.screen import TerminalProgramScreen
from virttui.store.fleet_state import FleetState

_OPTIONS = ("--domain", "--network", "--pool", "--nwfilter", "--interface", "--snapshotname")


class VirshEditScreen(TerminalProgramScreen, inherit_bindings=False):
    """Reads the definition, runs virsh on it, and keeps the old one where it is another then.

    ``words`` follow the command; nothing is started where the definition cannot be read.
    """

    def __init__(
        self,
        title: str,
        line: Sequence[str],
        kind: Kind,
        words: Sequence[str],
        host: str,
        fleet_state: FleetState,
    ) -> None:
        super().__init__(title, line)
        self._kind, self._host = kind, host
        self._names = names_of(words)
        self._inventory = fleet_state.inventories.get(host)
        self._document: Document | None = None
        self._before: DocumentText | None = None
        self._looks_again = False

    def begin(self) -> None:
        """Find what is edited, and read it."""
        if not self._names:
            self.begin_program()  # virsh itself says what is missing
            return
        found = _owner(self._kind, self._names[0], self._inventory)
        if self._kind in (Kind.DOMAIN, Kind.NETWORK, Kind.POOL):
            if found is None:
                self.refuse(f"{self._host_name} has no {self._kind.value} {self._names[0]}")
            else:
                self._read(Document(self._kind, found[0], found[1]))
        elif self._kind is Kind.SNAPSHOT and len(self._names) < 2:
            self.refuse("nothing was started: name the snapshot, what it replaces is kept by it")
        elif self._kind in (Kind.SNAPSHOT, Kind.SAVED_IMAGE):
            if found is None:
                self.refuse(f"{self._host_name} has no domain {self._names[0]}")
            else:
                self.console.ask(DocumentsQuery(found[0], Kind.DOMAIN))
        else:
            self.console.ask(DocumentsQuery(ObjectId(self._host, ""), Kind.HOST))

    @property
    def _host_name(self) -> str:
        return self._inventory.host.name if self._inventory is not None else "the host"

    def begin_program(self) -> None:
        """Start virsh."""
        super().begin()

    def _read(self, document: Document) -> None:
        self._document = document
        self.console.ask(DefinitionQuery(document.key, document))

    def on_query_result(self, result: QueryResult) -> None:
        """Take the documents there are, or the definition before or after."""
        if isinstance(result, DocumentsResult) and self._document is None:
            self._choose(result)
        elif isinstance(result, DefinitionResult) and result.query.document == self._document:
            if self._looks_again:
                self._compare(result)
            elif self._before is None:
                self._take(result)

    def _choose(self, result: DocumentsResult) -> None:
        name = self._names[-1]
        for document in result.documents:
            named = self._kind is Kind.SAVED_IMAGE or name in (
                document.name, document.part, document.key.uuid,
            )  # fmt: skip
            if document.kind is self._kind and named:
                self._read(document)
                return
        why = result.why_not or f"{self._host_name} has no {self._kind.value} {name}"
        self.refuse(f"nothing was started: {why}")

    def _take(self, result: DefinitionResult) -> None:
        text = result.definition
        why = result.why_not or (text.why_not if text is not None else "")
        if text is None or why or text.transient:
            why = why or "no definition of it is stored"
            self.refuse(f"nothing was started, since what it replaces could not be kept: {why}")
            return
        self._before = text
        self.begin_program()

    def has_ended(self) -> None:
        """Read the definition again."""
        if self._before is not None and self._document is not None:
            self._looks_again = True
            self.note("its definition is read again")
            self.console.ask(DefinitionQuery(self._document.key, self._document))
            self.console.refresh_now()

    def _compare(self, result: DefinitionResult) -> None:
        before, after = self._before, result.definition
        self._looks_again = False
        if before is None:
            return
        if after is None:
            # It may be another one or gone: what was there is kept in any case.
            self.run_flow(self._keep(before, result.why_not or "it cannot be read now"))
        elif after.stored == before.stored:
            self.note("the definition is as it was")
        else:
            self.run_flow(self._keep(before, "the definition is another one"))

    async def _keep(self, before: DocumentText, words: str) -> None:
        save = definition_history.save_version
        try:
            await asyncio.to_thread(save, before.document, "edit", before.stored)
        except Refused as error:
            self.note(f"{words}; the old one could not be kept: {error.message}")
        else:
            self.note(f"{words}; the old one is in its history")


def names_of(words: Sequence[str]) -> list[str]:
    """What a command of virsh names: its values, in their order, without the options' names."""
    found: list[str] = []
    for word in words:
        option, equals, value = word.partition("=")
        if word in _OPTIONS or (word.startswith("--") and not equals):
            continue
        found.append(value if equals and option in _OPTIONS else word)
    return found


def _owner(kind: Kind, name: str, inventory: Inventory | None) -> tuple[ObjectId, str] | None:
    """The object of a name, UUID or ID; of a snapshot or saved image its domain."""
    if inventory is None:
        return None
    if kind is Kind.NETWORK:
        networks = inventory.networks.values()
        return next(((o.key, o.name) for o in networks if name in (o.key.uuid, o.name)), None)
    if kind is Kind.POOL:
        pools = inventory.pools.values()
        return next(((o.key, o.name) for o in pools if name in (o.key.uuid, o.name)), None)
    domains = inventory.domains.values()
    by = (  # as virsh takes a word: an ID, then a UUID, then a name
        lambda one: str(one.id), lambda one: one.key.uuid, lambda one: one.name,
    )  # fmt: skip
    for called in by:
        for one in domains:
            if called(one) == name:
                return one.key, one.name
    return None
