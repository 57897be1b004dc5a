"""Why an action cannot be done, in words, and which verb it would be for a subject."""

from __future__ import annotations

from urllib.parse import urlsplit

from virttui.actions.target import ActionContext, ActionTarget
from virttui.formatting import listed
from virttui.model.commands import Verb
from virttui.model.identity import Kind
from virttui.model.inventory import ConnectionState, Domain, DomainState, Network, Pool, Volume
from virttui.model.tasks import TaskState


def barred(subject: ActionTarget, *, silent: bool = True, busy: bool = True) -> str:
    """What stands in the way of any change: the host, a task at work, a QEMU that hangs."""
    host, name = subject.host, subject.name
    if host.phase is not ConnectionState.LIVE:
        return f"{host.name} does not answer"
    if host.read_only:
        return f"{host.name} was opened for reading only"
    if busy and subject.task is not None and not subject.task.command.verb.runs_beside:
        return f"{subject.task.command.verb.label} is running on {name}"
    if isinstance(subject.thing, Volume) and not subject.thing.known:
        return f"{name} is being read"
    if silent and isinstance(subject.thing, Domain) and subject.thing.silent_at is not None:
        return f"{name} does not answer; D forces it off"
    return ""


def start(subject: ActionTarget) -> str:
    """Neither running nor something only its guest, or D, gets out of."""
    reason = barred(subject, silent=False)
    if reason or subject.kind is not Kind.DOMAIN:
        return reason or (f"{subject.name} is already active" if subject.active else "")
    domain = subject.domain
    if domain.state is DomainState.PAUSED:
        return barred(subject)
    if domain.state is DomainState.PMSUSPENDED:
        return f"{subject.name} is asleep; only its guest wakes it"
    if domain.state is DomainState.CRASHED and domain.id is not None:
        return f"{subject.name} crashed, still in memory. D ends it, then start it"
    return f"{subject.name} is already running" if domain.state.active else ""


def needs_guest(subject: ActionTarget) -> str:
    """For what only a guest whose CPUs run can do."""
    return barred(subject) or _guest_stands_still(subject)


def _guest_stands_still(subject: ActionTarget) -> str:
    """Why a guest cannot answer, "" where its CPUs run."""
    state = subject.domain.state
    if state is DomainState.PAUSED:
        return f"{subject.name} is paused and cannot answer"
    if state is DomainState.PMSUSPENDED:
        return f"{subject.name} is asleep and cannot answer"
    return "" if state.active else is_off(subject)


def is_off(subject: ActionTarget) -> str:
    """The words for what is off."""
    crashed = isinstance(subject.thing, Domain) and subject.thing.state is DomainState.CRASHED
    return f"{subject.name} has crashed" if crashed else f"{subject.name} is off"


def needs_process(subject: ActionTarget) -> str:
    """For what wants a running process, whatever its guest does."""
    return barred(subject) or ("" if subject.active else is_off(subject))


def inject_nmi(subject: ActionTarget) -> str:
    """For running machines: a container has no interrupt of its own."""
    container = isinstance(subject.thing, Domain) and subject.thing.os_type == "exe"
    reason = barred(subject)
    if not reason and container:
        return f"{subject.name} is a container and takes no NMI"
    return reason or ("" if subject.active else is_off(subject))


def force_off(subject: ActionTarget) -> str:
    """The one key that must work on a hung guest, and while a shutdown is waited for."""
    busy = subject.task is not None and subject.task.command.verb is Verb.FORCE_OFF
    reason = barred(subject, silent=False, busy=busy)
    kept = subject.domain.state is DomainState.CRASHED and subject.domain.id is not None
    return reason or ("" if subject.active or kept else f"{subject.name} is off")


def pause(subject: ActionTarget) -> str:
    """Wants a process that is not asleep."""
    reason = needs_process(subject)
    if reason:
        return reason
    if subject.domain.state is DomainState.PMSUSPENDED:
        return f"{subject.name} is asleep; only its guest wakes it"
    return ""


def save(subject: ActionTarget) -> str:
    """Wants a process whose definition outlives it."""
    reason = needs_process(subject)
    return reason or ("" if subject.persistent else f"{subject.name} is gone once it stops")


def remove_saved_state(subject: ActionTarget) -> str:
    """Wants a saved state."""
    saved = isinstance(subject.thing, Domain) and subject.thing.saved
    return barred(subject) or ("" if saved else f"{subject.name} has no saved state")


def needs_active(subject: ActionTarget) -> str:
    """Wants an active network or pool."""
    return barred(subject) or ("" if subject.active else f"{subject.name} is off")


BUILDS = frozenset({"dir", "fs", "netfs", "logical", "disk", "zfs", "vstorage"})
FORMATS = frozenset({"fs", "logical", "disk"})
ERASES = frozenset({"dir", "fs", "netfs", "logical", "zfs", "vstorage"})
"""The types of pools whose targets libvirt builds, formats and deletes."""


OF_DEVICES = frozenset({"fs", "logical", "disk", "zfs"})
"""Those that are made of devices, which their definition has to name."""


def _devices(subject: ActionTarget) -> tuple[str, ...]:
    return subject.thing.devices if isinstance(subject.thing, Pool) else ()


def _off_and_of(subject: ActionTarget, types: frozenset[str], what: str) -> str:
    """Why a pool is not off or not of one of these types, so that libvirt cannot ``what`` it."""
    reason = barred(subject)
    type = subject.thing.type if isinstance(subject.thing, Pool) else ""
    if not reason and type not in types:
        return f"libvirt cannot {what} the target of {f'a {type}' if type else 'this'} pool"
    if not reason and what != "delete" and type in OF_DEVICES and not _devices(subject):
        return f"the definition of {subject.name} names no device"
    return reason or (f"only when off: {subject.name} is active" if subject.active else "")


def builds(subject: ActionTarget) -> str:
    """Wants a pool that is off and whose place libvirt can make."""
    return _off_and_of(subject, BUILDS, "build")


def formats(subject: ActionTarget) -> str:
    """Wants a pool that is off and whose place can be formatted."""
    return _off_and_of(subject, FORMATS, "format")


def erases(subject: ActionTarget) -> str:
    """Wants a pool that is off and whose place libvirt can take away."""
    return _off_and_of(subject, ERASES, "delete")


def restart_network(subject: ActionTarget) -> str:
    """Wants an active network that is still there when it has stopped."""
    reason = needs_active(subject)
    return reason or ("" if subject.persistent else f"{subject.name} is gone once it stops")


def reattach_nics(subject: ActionTarget) -> str:
    """Wants an active network whose bridge is its own."""
    reason = needs_active(subject)
    if not reason and isinstance(subject.thing, Network) and not subject.thing.own_bridge:
        return f"{subject.name} has no bridge of its own: its domains keep their link"
    return reason


def create(situation: ActionContext) -> str:
    """Wants a host that may be changed: that of the selected row."""
    if situation.read_only:
        return "this run is read-only"
    if not situation.subjects:
        return ""
    if situation.subjects[0].kind is Kind.VOLUME:
        return "esc closes the volumes first"
    host = situation.subjects[0].host
    if host.phase is not ConnectionState.LIVE:
        return f"{host.name} does not answer"
    return f"{host.name} was opened for reading only" if host.read_only else ""


def needs_definition(subject: ActionTarget) -> str:
    """Wants a definition that stays."""
    reason = barred(subject, silent=False)
    return reason or (
        "" if subject.persistent else f"{subject.name} is transient: no definition stores it"
    )


def needs_domain(subject: ActionTarget) -> str:
    """Wants nothing but a host that may be changed."""
    return barred(subject, silent=False)


def needs_change(subject: ActionTarget) -> str:
    """Wants a host that may be changed, and nothing at work on it."""
    return barred(subject)


def needs_pool(subject: ActionTarget) -> str:
    """Wants an active pool."""
    return barred(subject) or ("" if subject.active else f"{subject.name} is off")


def needs_off(subject: ActionTarget) -> str:
    """Wants a definition that nothing runs by."""
    reason = needs_definition(subject)
    if subject.active:
        return reason or f"only when off: {subject.name} is {state_word(subject)}"
    return reason


def state_word(subject: ActionTarget) -> str:
    """The state inside a sentence."""
    return subject.domain.state.value if subject.kind is Kind.DOMAIN else "active"


def console(subject: ActionTarget) -> str:
    """Wants a host that answers and may be written to; a guest that is off is waited for."""
    if subject.host.read_only:
        return f"a console writes, and {subject.host.name} was opened for reading only"
    return needs_answer(subject)


def needs_running_guest(subject: ActionTarget) -> str:
    """For the dialog of its agent: a guest whose CPUs run, whatever is at work on it."""
    container = subject.kind is Kind.DOMAIN and subject.domain.os_type == "exe"
    if container:
        return f"{subject.name} is a container and has no agent"
    reason = barred(subject, busy=False)
    return reason or _guest_stands_still(subject)


def snapshot(subject: ActionTarget) -> str:
    """Wants a machine: a container has no snapshots."""
    container = isinstance(subject.thing, Domain) and subject.thing.os_type == "exe"
    return barred(subject) or ("containers have no snapshots" if container else "")


def back_up(subject: ActionTarget) -> str:
    """Wants a machine that runs."""
    if subject.kind is Kind.DOMAIN and subject.domain.os_type == "exe":
        return f"{subject.name} is a container: libvirt backs up machines alone"
    return needs_process(subject)


def needs_agent(subject: ActionTarget) -> str:
    """Wants an agent that is connected."""
    reason = needs_running_guest(subject) or barred(subject)
    return reason or ("" if subject.domain.agent else f"no agent answers in {subject.name}")


def thaw(subject: ActionTarget) -> str:
    """The same, while its writes are held or something waits for its agent."""
    reason = needs_running_guest(subject)
    return reason or ("" if subject.domain.agent else f"no agent answers in {subject.name}")


def guest_screen(subject: ActionTarget) -> str:
    """Wants a host that answers and may be written to; a guest that is off is waited for."""
    if subject.host.read_only:
        return f"libvirt takes no picture here: {subject.host.name} was opened for reading only"
    return needs_answer(subject)


def ssh(subject: ActionTarget) -> str:
    """Wants a guest whose CPUs run; where its address is not known, it is typed."""
    return needs_answer(subject) or _guest_stands_still(subject)


def shell(subject: ActionTarget) -> str:
    """Wants a container that runs on this computer."""
    if reason := barred(subject, busy=False):
        return reason
    if subject.domain.os_type != "exe":
        return f"{subject.name} is no container; :ssh logs in to it"
    if urlsplit(subject.host.uri).netloc:
        return f"{subject.host.name} is not this computer"
    return "" if subject.active else is_off(subject)


def needs_answer(subject: ActionTarget) -> str:
    """Wants a host that answers."""
    live = subject.host.phase is ConnectionState.LIVE
    return "" if live else f"{subject.host.name} does not answer"


def needs_network(subject: ActionTarget) -> str:
    """Wants a network that hands out addresses, on a host that answers."""
    thing = subject.thing
    if isinstance(thing, Network) and not thing.subnets:
        return f"{subject.name} has no DHCP or DNS: it has no subnet of its own"
    return needs_answer(subject)


def delete(subject: ActionTarget) -> str:
    """Wants a definition that nothing runs by, or a volume that nobody uses."""
    return unused(subject) if subject.kind is Kind.VOLUME else needs_off(subject)


def unused(subject: ActionTarget) -> str:
    """Wants a volume that nobody uses."""
    users = f"{subject.name} is used by {listed(subject.users)}" if subject.users else ""
    return barred(subject) or users


def task_logs(situation: ActionContext) -> str:
    """Wants a task on one domain."""
    task = situation.task
    if task is None:
        return "no task is selected"
    return "" if task.command.target.kind is Kind.DOMAIN else "only domains have one"


def task_retry(situation: ActionContext) -> str:
    """Wants a task that failed or was cancelled."""
    if situation.task is None:
        return "no task is selected"
    if situation.read_only:
        return "this run is read-only"
    if any(not task.state.ended for task in situation.batch):
        return "wait until all of them have ended"
    if situation.task.command.verb.watches:
        return "its console has to be open: e on its page keeps it again"
    states = (TaskState.FAILED, TaskState.CANCELLED)
    return "" if situation.task.state in states else "only what failed or was cancelled"


def task_cancel(situation: ActionContext) -> str:
    """Wants a task that can still be taken back, or a job that libvirt can end."""
    if situation.job is not None:
        return "this run is read-only" if situation.read_only else ""
    if situation.task is None:
        return "no task is selected"
    if any(task.state is TaskState.WAITING for task in (situation.task, *situation.batch)):
        return ""
    verb = situation.task.command.verb
    if (verb is Verb.SHUTDOWN or verb.cancellable) and not situation.task.state.ended:
        return ""
    ended = situation.task.state.ended
    return "it has ended" if ended else "it is already running; libvirt cannot cancel it"


def task_finish(situation: ActionContext) -> str:
    """Wants a copy or commit of a disk that somebody else began, and that only has to be ended."""
    job = situation.job
    if job is None or not job.switches:
        return "only a disk copy or commit that another client started"
    if situation.read_only:
        return "this run is read-only"
    return "" if job.waits else "it is not ready yet: the copy is not complete"


# -- verbs ---------------------------------------------------------------------------------------


def is_paused(subject: ActionTarget) -> bool:
    """Whether it is a domain whose CPUs stand still."""
    return isinstance(subject.thing, Domain) and subject.thing.state is DomainState.PAUSED


def start_verb(subject: ActionTarget) -> Verb:
    """Start, or resume what is paused."""
    return Verb.RESUME if is_paused(subject) else Verb.START


def pause_verb(subject: ActionTarget) -> Verb:
    """Pause, or resume what is paused."""
    return Verb.RESUME if is_paused(subject) else Verb.PAUSE


def autostart_verb(subject: ActionTarget) -> Verb:
    """The other way than now."""
    return Verb.AUTOSTART_OFF if subject.autostart else Verb.AUTOSTART_ON
