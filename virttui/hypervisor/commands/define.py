"""Write definitions, so that nothing is lost that somebody else wrote.

libvirt has no way to say "only if it is still the same": what is stored is read again and compared
twice, before it is kept and right before it is replaced. Runs of the same user take turns. Any
other client that writes in the moment between (10 ms with validation, 1 ms without) is overwritten;
on a domain libvirt's events tell that it happened, and the words of the task say so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import libvirt
from msgspec import Struct

from virttui.hypervisor.commands.event_recorder import DomainEventRecorder, hearing
from virttui.hypervisor.commands.live_changes import change
from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.types import Connection, DomainHandle, SnapshotHandle
from virttui.hypervisor.queries.base_guard import not_written_to
from virttui.hypervisor.queries.documents import NO_PASSWORDS, find, stored
from virttui.hypervisor.snapshots.redefine import redefine
from virttui.libvirtxml.identity import DocumentIdentity, identity
from virttui.model.commands import Command, DefineArguments, LiveChange
from virttui.model.documents import Document
from virttui.model.errors import ChangedElsewhere, InvalidInput, NotFound, Refused
from virttui.model.identity import Kind
from virttui.persistence import definition_history
from virttui.persistence.write_locks import exclusive_write

LATER = "takes effect at the next start"
# The event of a definition comes within milliseconds of the call, and is waited for so long; one of
# another client's in the same moment comes with it.
ECHO, BESIDE = 1.0, 0.1
_WRITES = (libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, libvirt.VIR_DOMAIN_EVENT_ID_METADATA_CHANGE)


class _Way(Struct, frozen=True):
    """How a kind is written: ``write(connection, thing, xml, flags)``; ``thing`` may be None.

    ``validate`` is the flag for libvirt's schema, 0 without one; ``uuid``: it is known by one;
    ``anew``: it can be defined when it does not exist.
    """

    root: str
    write: Callable[[Any, Any, str, int], object]
    validate: int = 0
    uuid: bool = True
    anew: bool = True


def _write_snapshot(
    _connection: Connection, snapshot: SnapshotHandle, xml: str, flags: int
) -> None:
    redefine(snapshot, xml, flags)


_WAYS: dict[Kind, _Way] = {
    Kind.DOMAIN: _Way(
        "domain",
        lambda c, _thing, xml, flags: c.defineXMLFlags(xml, flags),
        libvirt.VIR_DOMAIN_DEFINE_VALIDATE,
    ),
    Kind.NETWORK: _Way(
        "network",
        lambda c, _thing, xml, flags: c.networkDefineXMLFlags(xml, flags),
        libvirt.VIR_NETWORK_DEFINE_VALIDATE,
    ),
    Kind.POOL: _Way(
        "pool",
        lambda c, _thing, xml, flags: c.storagePoolDefineXML(xml, flags),
        libvirt.VIR_STORAGE_POOL_DEFINE_VALIDATE,
    ),
    Kind.NWFILTER: _Way(
        "filter",
        lambda c, _thing, xml, flags: c.nwfilterDefineXMLFlags(xml, flags),
        libvirt.VIR_NWFILTER_DEFINE_VALIDATE,
    ),
    Kind.SECRET: _Way(
        "secret",
        lambda c, _thing, xml, flags: c.secretDefineXML(xml, flags),
        libvirt.VIR_SECRET_DEFINE_VALIDATE,
    ),
    Kind.INTERFACE: _Way(
        "interface",
        lambda c, _thing, xml, flags: c.interfaceDefineXML(xml, flags),
        libvirt.VIR_INTERFACE_DEFINE_VALIDATE,
        uuid=False,
    ),
    Kind.SNAPSHOT: _Way(
        "domainsnapshot",
        _write_snapshot,
        libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_VALIDATE,
        uuid=False,
        anew=False,
    ),
    Kind.SAVED_IMAGE: _Way(
        "domain",
        lambda _connection, domain, xml, flags: domain.managedSaveDefineXML(xml, flags),
        anew=False,
    ),
}


def define(connection: Connection, command: Command, arguments: DefineArguments) -> str:
    """Carry out DEFINE; returns words for what was done. Raises libvirtError or OperationError.

    In this order: look it up, compare what is stored with ``base``, see that the text is this very
    object's, keep what is replaced, compare again, define it, change what runs.
    """
    document = arguments.document
    if document.kind not in _WAYS:
        raise Refused(f"a {command.target.kind} cannot be defined")
    if arguments.steps and document.kind is not Kind.DOMAIN:
        raise Refused(f"a {document.kind} cannot be changed by steps")
    thing = _found(connection, document)
    if document.kind is Kind.DOMAIN:
        text = arguments.xml if arguments.when.stores else ""
        not_written_to(connection, thing, text, arguments.steps)
    if not arguments.when.stores:
        return _change_only(connection, thing, arguments.steps)
    if document.kind is not Kind.DOMAIN or thing is None:
        words = _replace(connection, thing, command, arguments)
        waits = document.kind is Kind.NETWORK and thing is not None and thing.isActive()
        return f"{words}; {LATER}" if waits else words
    words = _replace_watched(connection, thing, command, arguments)
    if not thing.isActive():
        return words
    if arguments.when.now and arguments.steps:
        return change(connection, thing, arguments.steps, words)
    return f"{words}; {LATER}"


def store(
    connection: Connection, domain: DomainHandle, command: Command, arguments: DefineArguments
) -> str:
    """Write a domain's definition for its next start and change nothing that runs.

    Returns what was done. Raises libvirtError or OperationError; nothing was written then.
    """
    not_written_to(connection, domain, arguments.xml, ())
    return _replace_watched(connection, domain, command, arguments)


def change_now(connection: Connection, domain: DomainHandle, steps: tuple[LiveChange, ...]) -> str:
    """Change the running domain by ``steps``, and leave its definition as it is."""
    not_written_to(connection, domain, "", steps)
    return _change_only(connection, domain, steps)


def _replace_watched(
    connection: Connection, thing: Any, command: Command, arguments: DefineArguments
) -> str:
    """Replace a domain's definition, and tell of who else wrote in that moment."""
    with hearing(connection, thing, _WRITES) as recorder:
        words = _replace(connection, thing, command, arguments, recorder)
        return words + _seen_beside(thing, recorder)


def _change_only(connection: Connection, thing: Any, steps: tuple[LiveChange, ...]) -> str:
    """Change what runs and leave what is stored as it is."""
    if thing is None:
        raise NotFound("it is gone")
    if not steps:
        raise Refused("nothing of this can change while it runs")
    if not thing.isActive():
        raise Refused("it is off: nothing runs that could change", advice="change the definition")
    return change(connection, thing, steps, "")


def _replace(
    connection: Connection,
    thing: Any,
    command: Command,
    arguments: DefineArguments,
    recorder: DomainEventRecorder | None = None,
) -> str:
    """Compare, check, keep, compare, define."""
    document = arguments.document
    way = _WAYS[document.kind]
    with exclusive_write(document.key):
        before = _unchanged(thing, document, arguments.base)
        _same_object(document, way, identity(arguments.xml), identity(before) if before else None)
        if before:
            definition_history.save_version(document, command.verb.value, before)
        # Keeping it took its time; and what is heard of writes before this look is seen by it.
        if recorder is not None:
            recorder.forget()
        _unchanged(thing, document, arguments.base)
        return _write(connection, thing, way, arguments)


def _found(connection: Connection, document: Document) -> Any | None:
    """The object, or None when there is none."""
    return or_none_on(_NONE, partial(find, connection, document))


_NONE = (
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
    libvirt.VIR_ERR_NO_NWFILTER,
    libvirt.VIR_ERR_NO_SECRET,
    libvirt.VIR_ERR_NO_INTERFACE,
    libvirt.VIR_ERR_NO_DOMAIN_SNAPSHOT,
)


def _unchanged(thing: Any | None, document: Document, base: str | None) -> str:
    """The stored XML, if it still is ``base``. Raises ChangedElsewhere, NotFound, Refused."""
    if thing is None:
        if base is not None:
            raise NotFound(f"the {document.kind} is gone; nothing was written")
        if not _WAYS[document.kind].anew:
            raise Refused(f"a {document.kind} cannot be made by its definition alone")
        return ""
    before, whole = stored(thing, document.kind)
    if not whole:
        raise Refused(NO_PASSWORDS)
    if base is None:
        raise ChangedElsewhere("it exists already; nothing was written")
    if before != base:
        raise ChangedElsewhere(
            "it was changed elsewhere meanwhile; nothing was written",
            advice="look at both, then write again",
        )
    return before


def _same_object(
    document: Document, way: _Way, text: DocumentIdentity, now: DocumentIdentity | None
) -> None:
    """Raises Refused when defining ``text`` would make, or replace, another object than ``now``.

    What does not exist any more may come back by another name, if it has a UUID.
    """
    if text.root != way.root:
        raise InvalidInput(f"this is a <{text.root}>; a {document.kind} is a <{way.root}>")
    if way.uuid and text.uuid != document.key.uuid:
        error = f"the UUID {text.uuid}" if text.uuid else "no UUID"
        raise Refused(
            f"the text has {error}, and would define another {document.kind}",
            advice=f"its own is {document.key.uuid}",
        )
    if now is None and way.uuid:
        return
    name = now.name if now is not None else document.name
    if text.name != name:
        renames = document.kind is Kind.DOMAIN
        raise Refused(
            f"the text calls it {text.name or 'nothing'}, it is {name}",
            advice="r renames it" if renames else "libvirt does not rename it",
        )


def _write(connection: Connection, thing: Any, way: _Way, arguments: DefineArguments) -> str:
    """Define it, held against libvirt's schema where it was asked for and this libvirt can."""
    if arguments.validate and way.validate:
        try:
            way.write(connection, thing, arguments.xml, way.validate)
        except libvirt.libvirtError as error:
            if "unsupported flags" not in error.get_error_message():
                raise
        else:
            return "saved"
    way.write(connection, thing, arguments.xml, 0)
    if not arguments.validate:
        return "saved, without validation"
    return "saved; this libvirt has no validation for it"


def _seen_beside(domain: DomainHandle, recorder: DomainEventRecorder) -> str:
    """Words about another client that wrote in the same moment, "" when none did.

    Each write is one event, ours among them. Who wrote after us is not lost: what is stored
    changes once more, and that explains one.
    """
    if not recorder.hears:
        return ""
    after, _ = stored(domain, Kind.DOMAIN)
    recorder.wait(lambda: _writes(recorder), ECHO)
    if not recorder.wait(lambda: _writes(recorder) > 1, BESIDE):
        return ""
    later, _ = stored(domain, Kind.DOMAIN)
    # The event of what was just seen may be on its way.
    recorder.wait(lambda: _writes(recorder) > 2, BESIDE)
    explained = 1 if later == after else 2
    if _writes(recorder) <= explained:
        return ""
    return "; another client wrote in the same moment, and what it wrote may be lost"


def _writes(recorder: DomainEventRecorder) -> int:
    lifecycle, metadata = _WRITES
    defined = libvirt.VIR_DOMAIN_EVENT_DEFINED
    changes = sum(1 for event in recorder.events(lifecycle) if event[0] == defined)
    return changes + len(recorder.events(metadata))
