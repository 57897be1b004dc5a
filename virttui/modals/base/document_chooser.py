"""Choosing a document of a host or a domain: what libvirt tells of, and what was deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.worker import Worker

from virttui import formatting
from virttui.modals.base.chooser import PickerDialog
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.queries import QueryKind, QueryResult
from virttui.render.search import PickerItem
from virttui.widgets.app_protocol import console_of


@dataclass(frozen=True, slots=True)
class DeletedDocument:
    """A document that is no longer there, and when its definition was kept."""

    document: Document
    epoch: float


def _ago(seconds: float) -> str:
    return f"{formatting.span(max(0.0, seconds))} ago"


class DocumentsDialog(PickerDialog):
    """Gives back the id of an entry; ``document`` and ``gone`` say what it stands for.

    ``recall`` reads what was kept of the host from files; it runs on a thread. ``about`` says a
    word about each document.
    """

    def __init__(
        self,
        kind: Kind,
        key: ObjectId,
        name: str,
        recall: Callable[[], Sequence[DeletedDocument]],
        about: Callable[[Sequence[Document]], Sequence[str]],
    ) -> None:
        super().__init__(
            f"documents of {name}", [PickerItem("", "asking", why_not="for its documents")]
        )
        self._kind, self._key = kind, key
        self._recall = recall
        self._about = about
        self._documents: tuple[Document, ...] = ()
        self._gone: tuple[DeletedDocument, ...] = ()
        self._answered = False
        self._job: Worker[None] | None = None

    def on_mount(self) -> None:
        """Ask the host, and look into the files."""
        super().on_mount()
        console_of(self).ask(QueryKind.DOCUMENTS, self._kind, self._key)
        self._job = self.run_worker(self._look())

    async def _look(self) -> None:
        self._gone = tuple(await asyncio.to_thread(self._recall))
        self._offer()

    def on_query_result(self, answer: QueryResult) -> None:
        """Take the list; answers to other questions are not ours."""
        question = answer.question
        if question.ask is not QueryKind.DOCUMENTS or question.key != self._key:
            return
        self._answered = True
        self._documents = answer.documents
        why = answer.trouble.message if answer.trouble is not None else ""
        self._offer(why)

    def _offer(self, why: str = "") -> None:
        notes = self._about(self._documents)
        entries = [
            PickerItem(f"here {n}", self._words(one), note=note)
            for n, (one, note) in enumerate(zip(self._documents, notes, strict=True))
        ]
        now = console_of(self).look.epoch
        entries += [
            PickerItem(
                f"gone {n}",
                one.document.name,
                note=f"deleted {one.document.kind.value} {_ago(now - one.epoch)}",
            )
            for n, one in enumerate(self._gone)
        ]
        if why or not entries:
            waiting = "for its documents" if not self._answered else "it has none"
            entries.insert(0, PickerItem("", "documents", why_not=why or waiting))
        self.replace(entries)

    def _words(self, document: Document) -> str:
        if document.kind in (Kind.CAPABILITIES, Kind.DOMAIN_CAPABILITIES, Kind.SAVED_IMAGE):
            return document.kind.value
        if document.kind is Kind.NETWORK_PORT:
            return f"{document.kind.value} {document.part[:8]}"
        by_part = document.kind in (Kind.SNAPSHOT, Kind.VOLUME)
        return f"{document.kind.value} {document.part if by_part else document.name}"

    def document(self, id: str) -> Document | None:
        """The document an id stands for, where it is one that is there."""
        word, _, number = id.partition(" ")
        return self._documents[int(number)] if word == "here" else None

    def gone(self, id: str) -> Document | None:
        """The document an id stands for, where it is one that was deleted."""
        word, _, number = id.partition(" ")
        return self._gone[int(number)].document if word == "gone" else None
