"""The interface of one host to its pollers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from typing import Protocol

from msgspec import Struct

from virttui.hypervisor.connection.call_router import CallRouter
from virttui.hypervisor.connection.connect import ConnectionInfo
from virttui.hypervisor.polling.fleet_context import FleetContext
from virttui.hypervisor.polling.inventory_builder import InventoryBuilder
from virttui.model.backend import Interest
from virttui.model.errors import OperationError
from virttui.model.severity import Severity


class PublishSoon(Protocol):
    """A function that has an inventory published soon."""

    def __call__(self, delay: float = 0.0) -> None:
        """Have an inventory published within ``delay`` seconds."""


class ReportEvent(Protocol):
    """A function that reports what happened to a domain where libvirt has no event."""

    def __call__(self, uuid: str, topic: str, what: str, level: Severity = Severity.OK) -> None:
        """Report ``what`` happened to the domain ``uuid``."""


class HostContext(Struct, frozen=True):
    """One host as its pollers see it: how to call it, where results go, what changed meanwhile.

    ``name``, ``connection_info`` and ``interest`` are functions, because their values change;
    ``commanded`` and ``being_forced_off`` are the UUIDs of domains with a command at work, and of
    those that a command is forcing off. ``rows_changed`` takes the UUIDs of changed domains,
    ``suspect_hung`` those of domains about which a call hangs; ``report_list_error`` says why the
    domains cannot be listed, or with None that they can.
    """

    id: str
    uri: str
    fleet: FleetContext
    calls: CallRouter
    builder: InventoryBuilder
    name: Callable[[], str]
    connection_info: Callable[[], ConnectionInfo | None]
    interest: Callable[[], Interest]
    commanded: Callable[[], Set[str]]
    being_forced_off: Callable[[], Set[str]]
    rows_changed: Callable[[set[str]], None]
    suspect_hung: Callable[[Iterable[str]], None]
    publish_soon: PublishSoon
    report_event: ReportEvent
    report_list_error: Callable[[OperationError | None], None]
