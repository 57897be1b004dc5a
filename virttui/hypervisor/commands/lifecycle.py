"""Lifecycle calls on domains, networks and pools. Each is made, and then it is read what is so.

A call that returned is not done yet: a guest that is resumed pauses again while its disk has no
room, and one that was started may have ended by the time the call returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libvirt

from virttui.hypervisor.commands.event_recorder import hearing
from virttui.hypervisor.connection import translate
from virttui.hypervisor.polling.disk_errors import disk_errors, in_words, paused_by_error
from virttui.hypervisor.queries.delete_plan import count
from virttui.model.commands import Command, Verb
from virttui.model.documents import Document
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.persistence import definition_history

# QEMU makes the request that failed again at once, so that an error comes again within this.
ERROR_AGAIN = 1.0
_EVENTS = (libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON)
_GONE = (
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
)
_TRANSIENT = "; it was transient, so its definition is gone too"


def domain_verb(connection: Any, domain: Any, command: Command) -> str:
    """Carry out a lifecycle verb on a domain; returns what is so. Raises libvirtError, Refused."""
    return _DOMAIN[command.verb](connection, domain, command)


def thing_verb(thing: Any, command: Command) -> str:
    """Carry out a lifecycle verb on a network or a pool, likewise."""
    verb = command.verb
    if verb in (Verb.AUTOSTART_ON, Verb.AUTOSTART_OFF):
        return _autostart(thing, verb)
    if verb is Verb.START:
        thing.create(0) if isinstance(thing, libvirt.virStoragePool) else thing.create()
        if not _active(thing):
            raise Refused("libvirt started it, and it is off again")
        return "is active"
    if verb is Verb.STOP:
        lost = _TRANSIENT if not thing.isPersistent() else ""
        thing.destroy()
        if _active(thing):
            raise Refused("it was stopped, and is active again: somebody started it")
        return f"is off{lost}"
    raise Refused(f"a {command.target.kind} cannot be asked to {verb}")


def _active(thing: Any) -> bool:
    """Whether it is active now; what is gone is not."""
    try:
        return bool(thing.isActive())
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _GONE:
            raise
        return False


def _start(_connection: Any, domain: Any, _command: Command) -> str:
    domain.create()
    _runs(domain, "it was started")
    return "is running"


def _resume(connection: Any, domain: Any, _command: Command) -> str:
    failed = paused_by_error(domain)
    with hearing(connection, domain, _EVENTS) as witness:
        domain.resume()
        if failed:
            witness.wait(lambda: paused_by_error(domain), ERROR_AGAIN)
    _runs(domain, "it was resumed")
    return "goes on"


def _runs(domain: Any, asked: str) -> None:
    """Raises Refused where it does not run, with what keeps it from that."""
    number, why = domain.state(0)
    state = translate.state(number)
    if state.runs:
        return
    if paused_by_error(domain):
        errors = disk_errors(domain)
        said = in_words(errors) or "a disk got an I/O error"
        room = any("no space" in error for _, error in errors)
        mend = "free some space there" if room else "mend its storage"
        raise Refused(f"{asked}, and is paused again: {said}", advice=f"{mend}, then s resumes it")
    reason = translate.reason(state, why).replace("_", " ")
    advice = "" if state.active else "l shows the log of its QEMU"
    raise Refused(f"{asked}, and is {state.value} now ({reason})", advice=advice)


def _pause(_connection: Any, domain: Any, _command: Command) -> str:
    domain.suspend()
    state = translate.state(domain.state(0)[0])
    if state.runs:
        raise Refused("it was paused, and runs again: somebody resumed it")
    return "is paused" if state.active else "is off: it ended before it could be paused"


def _shutdown(_connection: Any, domain: Any, command: Command) -> str:
    _keep_transient(domain, command)
    # No mode is named: libvirt then takes the agent where there is one, else ACPI.
    domain.shutdown()
    return "asked, no answer yet"


def _force_off(_connection: Any, domain: Any, command: Command) -> str:
    lost = _keep_transient(domain, command)
    domain.destroy()
    if _active(domain):
        raise Refused("it was forced off, and runs again: somebody started it")
    return f"is off{lost}"


def _keep_transient(domain: Any, command: Command) -> str:
    """Keep the definition that goes when a transient domain stops; words about it.

    Nothing keeps it from being stopped: what cannot be kept is lost, as it is by any other client.
    """
    if domain.isPersistent():
        return ""
    secure = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE
    document = Document(Kind.DOMAIN, command.target.key, command.target.name)
    try:
        definition_history.keep(document, "stop", domain.XMLDesc(secure))
    except (libvirt.libvirtError, Refused):
        return _TRANSIENT
    return f"{_TRANSIENT}; the history keeps it"


def _save(_connection: Any, domain: Any, _command: Command) -> str:
    domain.managedSave(0)
    if not count(domain.hasManagedSaveImage):
        raise Refused("libvirt says that it is saved, and there is no saved state of it")
    return "is saved to disk"


def _drop_save(_connection: Any, domain: Any, _command: Command) -> str:
    domain.managedSaveRemove(0)
    if count(domain.hasManagedSaveImage):
        raise Refused("libvirt says that its saved state is gone, and there is one")
    return "its saved state is gone"


def _autostart(thing: Any, verb: Verb) -> str:
    on = verb is Verb.AUTOSTART_ON
    thing.setAutostart(int(on))
    if bool(thing.autostart()) is not on:
        raise Refused("libvirt says that it is done, and autostart is as it was")
    return "starts with the host" if on else "no longer starts with the host"


def _asked(call: Callable[[Any], object], words: str) -> Callable[[Any, Any, Command], str]:
    """A request whose end its guest decides, or that leaves nothing to be read."""

    def verb(_connection: Any, domain: Any, _command: Command) -> str:
        call(domain)
        return words

    return verb


_DOMAIN: dict[Verb, Callable[[Any, Any, Command], str]] = {
    Verb.START: _start,
    Verb.RESUME: _resume,
    Verb.PAUSE: _pause,
    Verb.SHUTDOWN: _shutdown,
    Verb.REBOOT: _asked(lambda domain: domain.reboot(0), "asked to reboot"),
    Verb.RESET: _asked(lambda domain: domain.reset(0), "was reset"),
    Verb.FORCE_OFF: _force_off,
    Verb.SAVE: _save,
    Verb.REMOVE_SAVED_STATE: _drop_save,
    Verb.AUTOSTART_ON: lambda _c, domain, command: _autostart(domain, command.verb),
    Verb.AUTOSTART_OFF: lambda _c, domain, command: _autostart(domain, command.verb),
}
