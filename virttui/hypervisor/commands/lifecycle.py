"""Lifecycle calls on domains, networks and pools. Each is made, and then it is read what is so.

A call that returned is not done yet: a guest that is resumed pauses again while its disk has no
room, and one that was started may have ended by the time the call returns.
"""

from __future__ import annotations

import libvirt

from virttui.hypervisor.commands.event_recorder import hearing
from virttui.hypervisor.commands.keep_definition import keep_definition
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection import translate
from virttui.hypervisor.connection.calls import or_none_on
from virttui.hypervisor.connection.types import Connection, DomainHandle, NetworkHandle, PoolHandle
from virttui.hypervisor.polling.disk_errors import disk_errors, in_words, paused_by_error
from virttui.hypervisor.queries.delete_plan import count
from virttui.model.commands import Command, RenameArguments, Verb
from virttui.model.documents import Document
from virttui.model.domains.guest_agent import ShutdownArguments
from virttui.model.errors import Refused
from virttui.model.identity import Kind
from virttui.persistence import definition_history

# QEMU makes the request that failed again at once, so that an error comes again within this.
ERROR_AGAIN = 1.0
_EVENTS = (libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, libvirt.VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON)
_NOT_FOUND = (
    libvirt.VIR_ERR_NO_DOMAIN,
    libvirt.VIR_ERR_NO_NETWORK,
    libvirt.VIR_ERR_NO_STORAGE_POOL,
)
_NO_SUCH_FLAG = (
    libvirt.VIR_ERR_INVALID_ARG,
    libvirt.VIR_ERR_ARGUMENT_UNSUPPORTED,
    libvirt.VIR_ERR_NO_SUPPORT,
)
_TRANSIENT = "; it was transient, so its definition is gone too"


def start_object(network_or_pool: NetworkHandle | PoolHandle) -> str:
    """Start a network or a pool."""
    if isinstance(network_or_pool, libvirt.virStoragePool):
        network_or_pool.create(0)
    else:
        network_or_pool.create()
    if not _active(network_or_pool):
        raise Refused("libvirt started it, and it is off again")
    return "is active"


def stop_object(network_or_pool: NetworkHandle | PoolHandle) -> str:
    """Stop a network or a pool."""
    lost = _TRANSIENT if not network_or_pool.isPersistent() else ""
    network_or_pool.destroy()
    if _active(network_or_pool):
        raise Refused("it was stopped, and is active again: somebody started it")
    return f"is off{lost}"


def _active(thing: DomainHandle | NetworkHandle | PoolHandle) -> bool:
    """Return true if it is active now; a deleted object is not."""
    return bool(or_none_on(_NOT_FOUND, thing.isActive))


def start(domain: DomainHandle) -> str:
    """Start a domain; it must run afterwards."""
    domain.create()
    _runs(domain, "it was started")
    return "is running"


def start_with_consoles(domain: DomainHandle, control: TaskControl) -> str:
    """Start a domain paused, attach its open consoles, then let it run: no first line is missed.

    A driver that starts nothing paused starts it as usual; its consoles are attached at once.
    """
    paused = True
    try:
        domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED)
    except libvirt.libvirtError as error:
        if error.get_error_code() not in _NO_SUCH_FLAG:
            raise
        paused = False
        domain.create()
    control.wait_for_consoles(domain.UUIDString())
    if paused:
        domain.resume()
    _runs(domain, "it was started")
    return "is running"


def resume(connection: Connection, domain: DomainHandle) -> str:
    """Resume a paused domain; refused where it pauses again at once."""
    failed = paused_by_error(domain)
    with hearing(connection, domain, _EVENTS) as witness:
        domain.resume()
        if failed:
            witness.wait(lambda: paused_by_error(domain), ERROR_AGAIN)
    _runs(domain, "it was resumed")
    return "is running again"


def _runs(domain: DomainHandle, request: str) -> None:
    """Raises Refused where it does not run, with what keeps it from that."""
    number, why = domain.state(0)
    state = translate.state(number)
    if state.runs:
        return
    if paused_by_error(domain):
        errors = disk_errors(domain)
        problem = in_words(errors) or "a disk got an I/O error"
        room = any("no space" in error for _, error in errors)
        mend = "free some space there" if room else "mend its storage"
        raise Refused(
            f"{request}, and is paused again: {problem}", advice=f"{mend}, then s resumes it"
        )
    reason = translate.reason(state, why).replace("_", " ")
    advice = "" if state.active else "l shows the log of its QEMU"
    raise Refused(f"{request}, and is {state.value} now ({reason})", advice=advice)


def pause(domain: DomainHandle) -> str:
    """Pause the vCPUs of a domain."""
    domain.suspend()
    state = translate.state(domain.state(0)[0])
    if state.runs:
        raise Refused("it was paused, and runs again: somebody resumed it")
    return "is paused" if state.active else "is off: it ended before it could be paused"


def shutdown(domain: DomainHandle, command: Command, arguments: ShutdownArguments) -> str:
    """Ask the guest to shut down; it may take its time or ignore it."""
    _keep_transient(domain, command)
    if arguments.by_agent:
        domain.shutdownFlags(libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT)
    else:
        # No mode is named: libvirt then takes the agent where there is one, else ACPI.
        domain.shutdown()
    return "asked, no answer yet"


def force_off(domain: DomainHandle, command: Command) -> str:
    """Stop a domain at once, as by pulling its power plug."""
    lost = _keep_transient(domain, command)
    domain.destroy()
    if _active(domain):
        raise Refused("it was forced off, and runs again: somebody started it")
    return f"is off{lost}"


def _keep_transient(domain: DomainHandle, command: Command) -> str:
    """Keep the definition that goes when a transient domain stops; words about it.

    Nothing keeps it from being stopped: what cannot be kept is lost, as it is by any other client.
    """
    if domain.isPersistent():
        return ""
    secure = libvirt.VIR_DOMAIN_XML_SECURE | libvirt.VIR_DOMAIN_XML_INACTIVE
    document = Document(Kind.DOMAIN, command.target.key, command.target.name)
    try:
        definition_history.save_version(document, "stop", domain.XMLDesc(secure))
    except (libvirt.libvirtError, Refused):
        return _TRANSIENT
    return f"{_TRANSIENT}; the history keeps it"


def save(domain: DomainHandle) -> str:
    """Write the memory of a domain to disk and stop it."""
    domain.managedSave(0)
    if not count(domain.hasManagedSaveImage):
        raise Refused("libvirt says that it is saved, and there is no saved state of it")
    return "is saved to disk"


def remove_saved_state(domain: DomainHandle) -> str:
    """Delete the saved memory of a domain."""
    domain.managedSaveRemove(0)
    if count(domain.hasManagedSaveImage):
        raise Refused("libvirt says that its saved state is gone, and there is one")
    return "its saved state is gone"


def autostart(libvirt_object: DomainHandle | NetworkHandle | PoolHandle, command: Command) -> str:
    """Have an object started with its host, or not."""
    on = command.verb is Verb.AUTOSTART_ON
    libvirt_object.setAutostart(int(on))
    if bool(libvirt_object.autostart()) is not on:
        raise Refused("libvirt says that it is done, and autostart is as it was")
    return "starts with the host" if on else "no longer starts with the host"


def reboot(domain: DomainHandle) -> str:
    """Ask the guest to reboot."""
    domain.reboot(0)
    return "asked to reboot"


def reset(domain: DomainHandle) -> str:
    """Reset a domain, as by its reset button."""
    domain.reset(0)
    return "was reset"


def inject_nmi(domain: DomainHandle) -> str:
    """Send a non-maskable interrupt to a domain; what follows is up to its kernel."""
    domain.injectNMI(0)
    return "got an NMI"


def rename(domain: DomainHandle, command: Command, arguments: RenameArguments) -> str:
    """Give a domain that is off another name."""
    keep_definition(domain, command)
    domain.rename(arguments.new_name, 0)
    return f"is {arguments.new_name} now"
