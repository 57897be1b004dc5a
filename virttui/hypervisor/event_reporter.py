"""Reports what happened on one host: libvirt's events, and what no event of libvirt's is for."""

from __future__ import annotations

from collections.abc import Callable

from virttui.hypervisor.connection.events import ChangeEvent
from virttui.hypervisor.polling.fleet_context import FleetContext
from virttui.hypervisor.polling.inventory_builder import InventoryBuilder
from virttui.model.identity import Kind, ObjectId
from virttui.model.messages import HostEvent
from virttui.model.severity import Severity
from virttui.model.tasks import Task


class EventReporter:
    """Reports the events of one host."""

    def __init__(
        self, host: str, fleet: FleetContext, builder: InventoryBuilder, name: Callable[[], str]
    ) -> None:
        self._host = host
        self._fleet = fleet
        self._builder = builder
        self._name = name

    def change(self, event: ChangeEvent, *, mine: bool) -> None:
        """An event of libvirt's, if it has a text; ``mine`` where a command of ours caused it."""
        if event.what:
            key, by = ObjectId(self._host, event.uuid), "you" if mine else ""
            topic = event.kind.value
            self._report(topic, event.name, event.what, by, event.level, key, event.kind)

    def domain(self, uuid: str, topic: str, what: str, level: Severity = Severity.OK) -> None:
        """Something that libvirt has no event for happened to a domain."""
        domain = self._builder.domains.get(uuid)
        if domain is not None:
            self._report(topic, domain.name, what, "", level, domain.key, Kind.DOMAIN)

    def host(self, what: str, level: Severity = Severity.OK) -> None:
        """Something happened to the host itself."""
        self._report("host", self._name(), what, "", level, None, Kind.HOST)

    def failed(self, task: Task) -> None:
        """A task failed."""
        target, what = task.command.target, f"{task.command.verb.label} failed: {task.words}"
        self._report("task", target.name, what, "you", Severity.WARNING, target.key, target.kind)

    def _report(
        self,
        topic: str,
        who: str,
        what: str,
        by: str,
        level: Severity,
        key: ObjectId | None,
        kind: Kind,
    ) -> None:
        epoch = self._fleet.wall()
        self._fleet.publish(HostEvent(epoch, self._host, topic, who, what, by, level, key, kind))
