"""What the metrics say of backups: the last one that is whole, and the last one verified."""

from __future__ import annotations

from msgspec.structs import replace

from tests.planning.backup.examples import DAY, GIB, MOMENT, UUID, stored
from tests.scenes import fleet
from virttui.cli import backup_metrics
from virttui.cli.backup_metrics import BackupReader, backup_families
from virttui.export.openmetrics import exposition
from virttui.model.backup.manifest import StoredBackup
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Inventory
from virttui.model.queries import BackupsQuery, BackupsResult


def told(*backups: StoredBackup) -> dict[str, float]:
    """Metric -> its value for the one domain."""
    lines = exposition(backup_families({"kvm01": "kvm01"}, {"kvm01": backups})).splitlines()
    samples = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    assert all(f'{{host="kvm01",uuid="{UUID}",name="web"}}' in head for head, _, _ in samples)
    return {
        head.partition("{")[0].removeprefix("virttui_backup_"): float(value)
        for head, _, value in samples
    }


def test_the_last_that_can_be_restored_counts() -> None:
    broken = stored(4, 3, missing=("web-vda.qcow2",))
    found = told(stored(1, good=True), stored(2, 1, good=True), stored(3, good=False), broken)
    assert found["timestamp_seconds"] == MOMENT + 2 * DAY
    assert (found["size_bytes"], found["duration_seconds"]) == (GIB, 60)


def test_what_is_not_verified_is_the_last_but_not_the_last_verified() -> None:
    found = told(stored(1, good=True), stored(2, 1))
    assert found["timestamp_seconds"] == MOMENT + 2 * DAY
    assert found["verified_timestamp_seconds"] == MOMENT + DAY
    assert "verified_timestamp_seconds" not in told(stored(2))


def test_a_chain_in_another_pool_does_not_count() -> None:
    elsewhere = replace(stored(2, 1), pool="another", pool_name="other")
    assert told(stored(1), elsewhere)["timestamp_seconds"] == MOMENT + DAY


def test_no_backup_is_no_sample() -> None:
    assert told() == {}


def inventory(phase: ConnectionState) -> Inventory:
    made = fleet.inventories()[0]
    return replace(made, host=replace(made.host, phase=phase))


def test_a_host_is_asked_when_it_answers_and_then_now_and_then() -> None:
    asked: list[BackupsQuery] = []
    reader = BackupReader(asked.append)
    reader.read_due({"kvm01": inventory(ConnectionState.LOST)})
    assert asked == [] and not reader.wait(0)
    for _ in range(3):
        reader.read_due({"kvm01": inventory(ConnectionState.LIVE)})
    assert [query.key for query in asked] == [ObjectId("kvm01", "")]
    assert reader.wait(0) == {"kvm01"}
    reader.receive(BackupsResult(asked[0], backups=(stored(1),)))
    assert not reader.wait(0) and len(reader.newest()["kvm01"]) == 1
    assert backup_metrics.EVERY == 600
