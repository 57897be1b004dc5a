from __future__ import annotations

import pytest
from msgspec import Struct
from msgspec.structs import replace

from tests.openmetrics import read
from tests.scenes import fleet
from virttui.cli.list_domains import _entry, _state
from virttui.cli.metrics import families
from virttui.export.fields import (
    LEFT_OUT,
    TICK,
    UNITS,
    domain_record,
    flat,
    host_record,
    moment,
    thing_record,
    ticks,
    trail_records,
    usage_record,
)
from virttui.export.openmetrics import exposition
from virttui.model.domains.usage import NO_USAGE, Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import Domain, HostState, Network, Pool, Volume
from virttui.model.network_records import NetworkRecord, RecordKind


@pytest.mark.parametrize("kind", [Usage, Domain, Pool, Volume, HostState])
def test_every_field_named_for_its_unit_exists(kind: type[Struct]) -> None:
    known = set(kind.__struct_fields__)
    assert set(UNITS.get(kind, {})) <= known
    assert set(LEFT_OUT.get(kind, ())) <= known


def test_no_two_fields_have_one_name() -> None:
    inventory = fleet.inventory("kvm01")
    domain = next(iter(inventory.domains.values()))
    assert not set(flat(domain)) & set(flat(NO_USAGE))
    assert len(TICK) == len(set(TICK))


def test_every_figure_that_is_a_number_says_its_unit() -> None:
    plain = {"memory_exact", "filesystem_mountpoint"}
    for name in usage_record(NO_USAGE).keys() - plain:
        assert name.endswith(
            ("_bytes", "_share", "_per_second", "_seconds", "_bytes_total", "_seconds_total")
        ), name


def test_a_domain_with_all_its_figures() -> None:
    inventory = fleet.inventory("kvm01")
    domain = inventory.domains[fleet.uuid("web-01")]
    record = domain_record(inventory, domain)
    assert record["host"] == "kvm01" and record["state"] == "running"
    assert record["cpu_share"] == 0.38 and record["net_tx_bytes_per_second"] == 14e6
    assert record["memory_bytes"] == 8 * 1024**3
    assert record["disks"][0]["target"] == "vda"


def test_old_figures_are_not_known() -> None:
    inventory = fleet.inventory("kvm01")
    uuid = fleet.uuid("web-01")
    old = replace(inventory.usage[uuid], cpu_at=inventory.at - 60, net_at=inventory.at - 60)
    inventory = replace(inventory, usage={uuid: old})
    record = domain_record(inventory, inventory.domains[uuid])
    assert record["cpu_share"] is None and record["net_rx_bytes_per_second"] is None
    assert record["disk_read_bytes_per_second"] == 110e3


def test_a_guest_that_does_not_answer_is_silent_in_every_record() -> None:
    inventory = fleet.inventory("kvm01")
    uuid = fleet.uuid("web-01")
    silent = replace(inventory.domains[uuid], silent_at=inventory.at - 12.5)
    inventory = replace(inventory, domains={**inventory.domains, uuid: silent})
    row = next(one for one in ticks(inventory, fleet.EPOCH) if one["name"] == "web-01")
    for record in (domain_record(inventory, silent), row):
        assert record["state"] == "running" and record["silent_seconds"] == 12.5
        assert record["memory_used_bytes"] is None and record["memory_exact"] is None
        assert record["disk_read_bytes_per_second"] is None
        assert record["disk_read_bytes_total"] is None
        assert record["cpu_share"] == 0.38, "its host tells that"
    listed = _entry(inventory, silent)
    assert listed["silent_seconds"] == 12.5 and listed["memory_used_bytes"] is None
    assert listed["disk_write_bps"] is None and listed["cpu_percent"] == 38.0
    assert _state(listed) == "running, silent 12s"
    told = read(exposition(families(fleet.SPECS[:1], {"kvm01": inventory})))
    silence = {dict(labels)["name"]: value
               for labels, value in told["libvirt_domain_silent"].samples.items()}  # fmt: skip
    assert silence.pop("web-01") == 1 and set(silence.values()) == {0}
    for name in ("libvirt_domain_memory_used_bytes", "libvirt_domain_disk_read_bytes_per_second"):
        assert "web-01" not in {dict(labels)["name"] for labels in told[name].samples}


def test_a_tick_has_a_row_for_each_domain() -> None:
    rows = list(ticks(fleet.inventory("kvm01"), fleet.EPOCH))
    assert len(rows) == len(fleet.inventory("kvm01").domains)
    assert all(set(row) == set(TICK) for row in rows)
    off = next(row for row in rows if row["name"] == "old-wiki")
    assert off["cpu_share"] is None and off["memory_exact"] is None


def test_a_host_that_does_not_answer_has_one_row_without_figures() -> None:
    (row,) = ticks(fleet.silent(fleet.inventory("kvm02")), fleet.EPOCH)
    assert (row["host"], row["state"], row["name"]) == ("kvm02", "silent", None)
    assert set(row) == set(TICK)


def test_moments_are_utc() -> None:
    assert moment(0.0) == "1970-01-01T00:00:00.000Z"
    assert moment(1.2345) == "1970-01-01T00:00:01.234Z"


def test_a_trail_has_wall_clock_times() -> None:
    trail = fleet.trail(fleet.key("gitlab"), count=3)
    rows = trail_records(trail, 1000.0, fleet.NOW)
    assert [row["time"][-7:] for row in rows] == ["38.000Z", "39.000Z", "40.000Z"]


def test_hosts_have_their_figures_beside_the_rest() -> None:
    record = host_record(fleet.inventory("kvm01").host)
    assert record["name"] == "kvm01" and "host_cpus" in record and "figures" not in record


def test_a_network_has_its_records_with_their_sections() -> None:
    reservation = NetworkRecord(
        RecordKind.RESERVATION, "52:54:00:00:00:01", "192.0.2.9", "<host/>", 0
    )
    network = Network(ObjectId("a", "u"), "lab", active=True, records=(reservation,))
    (record,) = thing_record("kvm01", network)["records"]
    assert record == {
        "section": "ip-dhcp-host", "name": "52:54:00:00:00:01", "value": "192.0.2.9",
        "xml": "<host/>", "parent": 0,
    }  # fmt: skip
