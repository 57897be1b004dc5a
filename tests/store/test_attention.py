"""The WHY column and the sentence below the list tell the same figures at the same moment."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from virttui.model.identity import Kind
from virttui.panes.domains.columns import _why
from virttui.panes.domains.rows import DomainRow
from virttui.panes.domains.summary import reason
from virttui.render.glyphs import RenderContext
from virttui.store.attention import Alert
from virttui.store.fleet_state import FleetState

LOOK = RenderContext(now=fleet.NOW, epoch=fleet.EPOCH)


def row(steal: float, concern: Alert | None) -> DomainRow:
    found = fleet.inventory("kvm01")
    uuid = fleet.uuid("web-01")
    usage = replace(found.usage[uuid], steal=steal)
    return DomainRow(
        fleet.key("web-01"), found.domains[uuid], usage, found, None, concern, None
    )  # fmt: skip


def test_they_say_the_same_figure() -> None:
    judged = Alert(False, "steal 13 %: its vCPUs wait for host CPUs", Kind.DOMAIN)
    for steal, shown in ((0.27, "steal 27 %"), (0.085, "steal 8 %")):
        one = row(steal, judged)
        assert str(_why(one, LOOK)).startswith(shown)
        assert reason(one, FleetState(), LOOK).startswith(shown)


def test_what_passed_a_moment_ago_keeps_its_words_until_it_is_judged_again() -> None:
    judged = Alert(False, "steal 13 %: its vCPUs wait for host CPUs", Kind.DOMAIN)
    assert _why(row(0.0, judged), LOOK) == judged.words
    assert _why(row(0.27, None), LOOK) == ""
