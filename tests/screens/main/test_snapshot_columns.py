"""The columns SNAPS, SINCE and CHAIN: asked for while one is wanted, and filtered by."""

from __future__ import annotations

from tests.scenes import fleet
from tests.scenes.running_app import running_app
from virttui.model.identity import ObjectId
from virttui.model.queries import SnapshotSummariesQuery, SnapshotSummariesResult
from virttui.model.snapshots.summary import SnapshotSummary

DAY = 86400.0


async def test_a_filter_asks_once_and_finds_those_with_old_ones_or_long_chains() -> None:
    async with running_app() as ui:
        await ui.publish(*fleet.inventories())
        assert not ui.backend.queries_of(SnapshotSummariesQuery)
        await ui.press("slash")
        await ui.type("snapage>30d host:kvm01")
        await ui.press("enter")
        await ui.publish(*fleet.inventories())
        query = SnapshotSummariesQuery(ObjectId("kvm01", ""))
        asked = [one.key for one in ui.backend.queries_of(SnapshotSummariesQuery)]
        assert asked.count(query.key) == 1
        found = (
            (fleet.key("web-01").uuid, SnapshotSummary(2, fleet.EPOCH - 50 * DAY, 3)),
            (fleet.key("db-primary-01").uuid, SnapshotSummary(1, fleet.EPOCH - DAY, 9)),
        )
        await ui.publish(SnapshotSummariesResult(query, summaries=found))
        assert ui.names() == ["web-01"]


async def test_the_columns_tell_the_figures_and_what_nobody_has_looked_at() -> None:
    async with running_app(size=(200, 60)) as ui:
        await ui.type(":sort snaps")
        await ui.press("enter")
        await ui.publish(*fleet.inventories())
        query = SnapshotSummariesQuery(ObjectId("kvm01", ""))
        found = ((fleet.key("web-01").uuid, SnapshotSummary(17, fleet.EPOCH - DAY, 4)),)
        await ui.publish(SnapshotSummariesResult(query, summaries=found))
        ui.put_cursor("web-01")
        await ui.frame()
        line = next(line for line in ui.painted().splitlines() if "web-01 " in line)
        assert "SNAPS" in ui.painted() and " 17" in line
