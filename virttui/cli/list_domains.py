"""``virttui list``: every domain once, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virttui import formatting
from virttui.cli.collector import SampleCollector, complain
from virttui.cli.output import print_json, show_message
from virttui.export.fields import present, silent_seconds
from virttui.model.backend import HostSpec
from virttui.model.domains.usage import Usage
from virttui.model.inventory import Domain, Inventory
from virttui.render.line import clean
from virttui.settings import Settings


def list_domains(hosts: Sequence[HostSpec], settings: Settings, *, as_json: bool) -> int:
    """Print every domain of every host; the exit status is 1 when a host did not answer."""
    from virttui.hypervisor.fleet import Fleet

    gathering = SampleCollector()
    fleet = Fleet(hosts, gathering.receive, settings)
    found = gathering.wait([host.id for host in hosts], fleet.set_interest)
    fleet.stop()
    rows = [
        _entry(inventory, domain)
        for host in hosts
        if (inventory := found.get(host.id)) is not None and inventory.listed
        for domain in sorted(inventory.domains.values(), key=lambda domain: domain.name)
    ]
    if as_json:
        print_json(rows)
    else:
        _print_table(rows)
    return 1 if complain(hosts, found) else 0


def _entry(inventory: Inventory, domain: Domain) -> dict[str, Any]:
    """One domain as ``list --json`` prints it; unknown is null, never 0."""
    usage = present(inventory, domain)
    return {
        "host": inventory.host.name,
        "uri": inventory.host.uri,
        "name": domain.name,
        "uuid": domain.key.uuid,
        "id": domain.id,
        "state": domain.state.value,
        "reason": domain.reason,
        "silent_seconds": silent_seconds(inventory, domain),
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


def _state(row: Mapping[str, Any]) -> str:
    """The state as it is printed: one that nobody answers for is said so."""
    silent = row.get("silent_seconds")
    return row["state"] if silent is None else f"{row['state']}, silent {silent:.0f}s"


def _print_table(rows: Sequence[dict[str, Any]]) -> None:
    cells = [("NAME", "STATE", "CPU%", "USED/MEM", "READ", "WRITE", "RX", "TX", "ADDRESS", "HOST")]
    cells += [
        (
            row["name"],
            _state(row),
            "–" if row["cpu_percent"] is None else f"{row['cpu_percent']:.0f}",
            f"{formatting.size(row['memory_used_bytes'])}/{formatting.size(row['memory_bytes'])}",
            *(
                formatting.rate(row[name])
                for name in ("disk_read_bps", "disk_write_bps", "net_rx_bps", "net_tx_bps")
            ),
            ", ".join(row["addresses"]) or "–",
            row["host"],
        )
        for row in rows
    ]
    lines = [[clean(cell) for cell in line] for line in cells]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        show_message(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
