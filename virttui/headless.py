"""The same engine without a screen: ``virttui list`` and ``virttui doctor``. Never textual."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from virttui import text
from virttui.model.backend import HostSpec
from virttui.model.inventory import NO_USAGE, Domain, Inventory, Key, Phase, Usage
from virttui.model.news import Interest, News
from virttui.panes.line import clean
from virttui.settings import Settings

# Two samples a second apart, and everything printed within five.
BETWEEN = 1.0
DEADLINE = 4.4


class Gathering:
    """Listens to a fleet until every host has told two samples, failed, or time is up."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: dict[str, Inventory] = {}
        self._listed_at: dict[str, float] = {}

    def tell(self, news: News) -> None:
        """Take news; called from the fleet's threads."""
        if isinstance(news, Inventory):
            with self._changed:
                self._newest[news.host.id] = news
                if news.listed:
                    self._listed_at.setdefault(news.host.id, news.at)
                self._changed.notify_all()

    def wait(self, hosts: Sequence[str], look: Any) -> dict[str, Inventory]:
        """The newest inventory of each host that has told one, once all are ready."""
        until = time.monotonic() + DEADLINE
        looked_at: frozenset[Key] = frozenset()
        with self._changed:
            while (left := until - time.monotonic()) > 0:
                if all(self._ready(host) for host in hosts):
                    break
                keys = frozenset(
                    domain.key
                    for found in self._newest.values()
                    for domain in found.domains.values()
                )
                if keys != looked_at:
                    looked_at = keys
                    look(Interest(visible=keys))
                self._changed.wait(left)
            return dict(self._newest)

    def _ready(self, host: str) -> bool:
        found = self._newest.get(host)
        if found is None:
            return False
        if found.host.phase in (Phase.LOST, Phase.DENIED):
            return True
        listed_at = self._listed_at.get(host)
        if listed_at is None or found.at < listed_at + BETWEEN:
            return False
        return all(
            _told_twice(domain, found.usage.get(uuid, NO_USAGE))
            for uuid, domain in found.domains.items()
            if domain.state.runs
        )


def _told_twice(domain: Domain, usage: Usage) -> bool:
    """Whether every figure that this domain can have is there."""
    return (
        usage.cpu is not None
        and usage.memory_used is not None
        and (usage.rx is not None or not domain.nics)
        and (usage.read is not None or not domain.disks)
    )


def list_domains(hosts: Sequence[HostSpec], settings: Settings, *, as_json: bool) -> int:
    """Print every domain of every host; the exit status is 1 when a host did not answer."""
    from virttui.hypervisor.fleet import Fleet

    gathering = Gathering()
    fleet = Fleet(hosts, gathering.tell, settings)
    found = gathering.wait([host.id for host in hosts], fleet.look)
    fleet.stop()
    rows = [
        _entry(inventory, domain)
        for host in hosts
        if (inventory := found.get(host.id)) is not None and inventory.listed
        for domain in sorted(inventory.domains.values(), key=lambda domain: domain.name)
    ]
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        _print_table(rows)
    return 1 if _complain(hosts, found) else 0


def _entry(inventory: Inventory, domain: Domain) -> dict[str, Any]:
    """One domain as ``list --json`` prints it; unknown is null, never 0."""
    usage = inventory.usage.get(domain.key.uuid, NO_USAGE)
    return {
        "host": inventory.host.name,
        "uri": inventory.host.uri,
        "name": domain.name,
        "uuid": domain.key.uuid,
        "id": domain.id,
        "state": domain.state.value,
        "reason": domain.reason,
        "saved": domain.saved,
        "persistent": domain.persistent,
        "autostart": domain.autostart,
        "title": domain.title,
        "vcpus": domain.vcpus,
        "memory_bytes": domain.memory,
        "memory_used_bytes": usage.memory_used,
        "cpu_percent": _percent(usage),
        "disk_read_bps": _whole(usage.read),
        "disk_write_bps": _whole(usage.write),
        "net_rx_bps": _whole(usage.rx),
        "net_tx_bps": _whole(usage.tx),
        "addresses": list(domain.addresses),
    }


def _percent(usage: Usage) -> float | None:
    """0 to 100; libvirt counts the emulator's own threads too, which can push it past that."""
    return None if usage.cpu is None else round(min(usage.cpu, 1.0) * 100, 1)


def _whole(rate: float | None) -> int | None:
    return None if rate is None else round(rate)


def _complain(hosts: Sequence[HostSpec], found: dict[str, Inventory]) -> bool:
    """One line on stderr for each host that did not answer."""
    silent = False
    for host in hosts:
        inventory = found.get(host.id)
        if inventory is not None and inventory.listed and inventory.host.phase is Phase.LIVE:
            continue
        silent = True
        trouble = inventory.host.trouble if inventory is not None else None
        why = trouble.sentence if trouble is not None else f"no answer within {DEADLINE:.0f} s"
        print(f"virttui: {clean(host.name or host.uri)}: {why}", file=sys.stderr)
    return silent


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    cells = [("NAME", "STATE", "CPU%", "USED/MEM", "READ", "WRITE", "RX", "TX", "ADDRESS", "HOST")]
    cells += [
        (
            clean(row["name"]),
            row["state"],
            "–" if row["cpu_percent"] is None else f"{row['cpu_percent']:.0f}",
            f"{text.size(row['memory_used_bytes'])}/{text.size(row['memory_bytes'])}",
            *(
                text.rate(row[name])
                for name in ("disk_read_bps", "disk_write_bps", "net_rx_bps", "net_tx_bps")
            ),
            ", ".join(row["addresses"]) or "–",
            clean(row["host"]),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
