"""Edits by name: read the definition, change what is named, write it, and see what came of it.

What runs is changed first. Where that fails nothing is written, so that no definition waits for the
next start that would not start; then what is stored is written, read again, and held against what
was asked for: libvirt takes definitions in which it keeps another value.
"""

from __future__ import annotations

import libvirt
from msgspec import Struct
from msgspec.structs import replace

from virttui.hypervisor.commands.define import LATER, change_now, store
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.types import Connection, DomainHandle
from virttui.hypervisor.queries.documents import NO_PASSWORDS, stored
from virttui.libvirtxml.edits.apply import EditResult, apply
from virttui.libvirtxml.edits.outcome import rejected_change
from virttui.model.commands import (
    ApplyWhen,
    Command,
    DefineArguments,
    EditArguments,
    LiveOperation,
    SettingChange,
)
from virttui.model.documents import Document
from virttui.model.domains.settings import BY_NAME
from virttui.model.errors import (
    ChangedElsewhere,
    HostLost,
    OperationError,
    PartiallyDone,
    Refused,
    TimedOut,
)
from virttui.model.identity import Kind

# So often an edit is made anew when somebody else wrote between reading and writing.
ATTEMPTS = 5
_BALLOON = ("memory", "max-memory")
"""What is asked of the guest while it runs, and takes as long as the guest does."""


class _Planned(Struct, frozen=True):
    """An edit as it is to be made: its text and steps, and what it is made in."""

    definition: DefineArguments
    edit: SettingChange
    live: str
    result: EditResult


def edit(connection: Connection, command: Command, arguments: EditArguments) -> str:
    """Carry out EDIT; returns words for what was done. Raises libvirtError or OperationError.

    An edit names what it changes and nothing else, so who wrote meanwhile is no reason to stop:
    it is made again in what is stored then.
    """
    key, name = command.target.key, command.target.name
    document = Document(Kind.DOMAIN, key, name)
    domain = connection.lookupByUUIDString(key.uuid)
    planned = _written_out(domain, document, arguments)
    changed, rejected = _changed(connection, domain, planned)
    if not planned.definition.when.stores:
        return changed
    try:
        words = _stored(connection, domain, command, planned)
    except OperationError as trouble:
        raise _half(changed, trouble) from trouble
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        raise _half(changed, translate.operation_error(error)) from error
    words = "; ".join(part for part in (words, changed) if part)
    if rejected is not None:
        message = f"{words}; it is not changed while it runs: {rejected.message}"
        raise PartiallyDone(
            message, advice=rejected.advice, libvirt_message=rejected.libvirt_message
        )
    later = domain.isActive() and not changed
    return f"{words}; {LATER}" if later else words


def _changed(
    connection: Connection, domain: DomainHandle, planned: _Planned
) -> tuple[str, TimedOut | None]:
    """Change what runs; words for it, and why a guest still holds a device that is to go.

    Raises libvirtError when the connection breaks, or a Trouble: nothing was written then.
    """
    definition = planned.definition
    if not definition.steps:
        return "", None
    try:
        words = change_now(connection, domain, definition.steps)
    except OperationError as trouble:
        # A guest may let go later, and is not given the device again by its next start.
        holds = isinstance(trouble, TimedOut) and definition.steps[0].op is LiveOperation.DETACH
        if holds and definition.when.stores:
            return "", trouble if isinstance(trouble, TimedOut) else None
        raise _unwritten(trouble, definition.when) from trouble
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        raise _unwritten(translate.operation_error(error), definition.when) from error
    if planned.edit.what in BY_NAME and planned.edit.what not in _BALLOON:
        found = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE) if domain.isActive() else ""
        mismatch = (
            rejected_change(planned.edit, planned.live, planned.result.running, found)
            if found
            else ""
        )
        if mismatch:
            rejected = PartiallyDone(f"it was asked of what runs, but {mismatch}")
            raise _unwritten(rejected, definition.when)
    return words, None


def _unwritten(trouble: OperationError, when: ApplyWhen) -> OperationError:
    """The trouble of what runs, with what that means for what is stored."""
    if not when.stores or isinstance(trouble, HostLost):
        return trouble
    sentence = f"{trouble.message}; nothing was written for its next boot"
    advice = trouble.advice or "to write it for the next boot alone, choose that with w"
    return type(trouble)(sentence, advice=advice, libvirt_message=trouble.libvirt_message)


def _half(changed: str, trouble: OperationError) -> OperationError:
    """The trouble of what is stored, with what was changed in what runs before it."""
    if not changed or isinstance(trouble, HostLost):
        return trouble
    message = f"{changed}, but only until it stops: {trouble.message}"
    return PartiallyDone(message, advice=trouble.advice, libvirt_message=trouble.libvirt_message)


def _stored(
    connection: Connection, domain: DomainHandle, command: Command, planned: _Planned
) -> str:
    """Write what is stored, anew as often as somebody else wrote meanwhile, and read it back."""
    definition, before = planned.definition, planned.definition.base or ""
    for attempt in range(ATTEMPTS):
        try:
            words = store(connection, domain, command, definition)
            break
        except ChangedElsewhere:
            if attempt == ATTEMPTS - 1:
                raise
        before, _ = stored(domain, Kind.DOMAIN)
        definition = replace(definition, xml=apply(before, "", planned.edit).text, base=before)
    found, _ = stored(domain, Kind.DOMAIN)
    mismatch = rejected_change(planned.edit, before, definition.xml, found) if found else ""
    if mismatch:
        raise PartiallyDone(
            f"{words}, but {mismatch}", advice="x shows its definition as it is now"
        )
    return words


def _written_out(domain: DomainHandle, document: Document, arguments: EditArguments) -> _Planned:
    """The edit as a text to be stored and steps for what runs. Raises InvalidInput, Refused."""
    edit, when = arguments.change, arguments.when
    active, persistent = bool(domain.isActive()), bool(domain.isPersistent())
    before, whole = stored(domain, Kind.DOMAIN) if persistent else ("", True)
    if not whole:
        raise Refused(NO_PASSWORDS)
    if not persistent and when is ApplyWhen.NEXT_BOOT:
        raise Refused("it is transient: there is no next boot", advice="change it live")
    if not active and when is ApplyWhen.LIVE:
        raise Refused("it is off: nothing runs that could change", advice="change the next boot")
    live = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_SECURE) if active else ""
    result = apply(before, live, edit)
    if when is ApplyWhen.LIVE and not result.steps:
        which = ", ".join(dict.fromkeys(result.waiting))
        raise Refused(
            f"{which} cannot change while it runs" if which else "it is so already",
            advice="change the next boot" if which else "",
        )
    steps = result.steps if when.now else ()
    if result.text == before:
        if not steps:
            raise Refused("it is so already")
        when = ApplyWhen.LIVE
    definition = DefineArguments(document, result.text, before, steps=steps, when=when)
    return _Planned(definition, edit, live, result)
