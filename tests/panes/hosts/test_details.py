"""What the hosts pane says of promises, waiting and eaters, and what where little is told."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.model.domains.usage import Usage
from virttui.model.errors import HostLost
from virttui.model.host_resources import HugePages, NumaCell, Pressure, PressureAverages
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, HostMetrics, Inventory, Pool
from virttui.model.thresholds import USUAL_LIMITS
from virttui.panes.hosts.details import detail_lines
from virttui.panes.hosts.pane import HOSTS, HostRow
from virttui.render.glyphs import ASCII, RenderContext
from virttui.render.line import Line, Role, plain
from virttui.store.fleet_state import FleetState
from virttui.store.overcommit import Overcommit, storage_fill, storage_overcommit, strained
from virttui.store.top_consumers import ConsumerRanking, top_consumers

G = 1024**3
LOOK = RenderContext(now=fleet.NOW, epoch=fleet.EPOCH)


def row(inventory: Inventory) -> HostRow:
    return HostRow(ObjectId(inventory.host.id, ""), inventory)


def kvm01(**figures: Any) -> Inventory:
    base = fleet.inventory("kvm01")
    told = replace(base.host.figures, **figures)
    return replace(base, host=replace(base.host, figures=told))


def drawn(inventory: Inventory, cells: int = 120, height: int = 25) -> list[str]:
    return [plain(line).rstrip() for line in detail_lines(row(inventory), LOOK, cells, height)]


def warned(lines: list[Line]) -> str:
    return " ".join(run.text.strip() for line in lines for run in line if run.role is Role.WARN)


def named(inventory: Inventory, title: str) -> ConsumerRanking:
    return next(
        ranking for ranking in top_consumers(inventory, fleet.NOW, 5) if ranking.title == title
    )


# -- promises


def pool(name: str, capacity: int, available: int, promised: int | None) -> Pool:
    key = ObjectId("h", name)
    taken = capacity - available
    return Pool(key, name, "running", "dir", "", capacity, taken, available, promised=promised)


def test_pools_on_one_file_system_promise_against_it_once() -> None:
    shared = [pool("a", 100, 50, 80), pool("b", 100, 50, 80)]
    assert storage_overcommit(shared) == Overcommit(160, 100)
    assert storage_overcommit(shared).ratio == 1.6
    assert storage_overcommit([*shared, pool("c", 100, 51, 20)]) == Overcommit(180, 200)
    assert storage_fill(shared) == 0.5


def test_what_no_pool_tells_is_unknown() -> None:
    assert storage_overcommit([pool("a", 100, 50, None)]) == Overcommit(None, None)
    assert storage_overcommit([]).ratio is None and storage_fill([]) is None
    assert Overcommit(5, 0).ratio is None


# -- words


def test_a_host_without_strain_says_nothing_of_it() -> None:
    assert not list(strained(fleet.inventory("kvm02"), USUAL_LIMITS))
    said = plain(HOSTS.status_text(row(fleet.inventory("kvm02")), FleetState(), LOOK))
    assert said.startswith("kvm02  load 6.0")


def test_what_is_promised_is_said_whole_when_one_part_is_too_much() -> None:
    base = fleet.inventory("kvm02")
    inventory = replace(base, host=replace(base.host, vcpus_promised=160))
    assert next(strained(inventory, USUAL_LIMITS)) == (
        "over-committed: 5.0 vCPUs a core and 81 % of its memory"
    )
    easy = replace(USUAL_LIMITS, vcpus_promised=8.0)
    assert not list(strained(inventory, easy)), "the limit can be set"


def test_each_pressure_says_what_it_means() -> None:
    much, little = PressureAverages(0.4, 0.1), PressureAverages(0.01, 0.9)
    said = list(strained(kvm01(pressure=Pressure(little, much, much)), USUAL_LIMITS))
    assert said[0].startswith("memory pressure 40 %") and said[1].startswith("I/O pressure 40 %")
    assert "CPU" not in " ".join(said), "what has passed is not said"


def test_thin_pools_are_counted() -> None:
    base = fleet.inventory("kvm01")
    pools = {p.key.uuid: replace(p, promised=2 * p.capacity) for p in base.pools.values()}
    (*_, said) = strained(replace(base, pools=pools), USUAL_LIMITS)
    assert "is over-committed 2.0 times, 4 others too" in said


def test_the_answer_line_warns_of_strain_first() -> None:
    name, strain, rest = HOSTS.status_text(row(fleet.inventory("kvm01")), FleetState(), LOOK)
    assert name.text == "kvm01" and strain.role is Role.WARN
    assert strain.text.strip().startswith("CPU pressure 23 %: guests wait for a core; pool nvme")
    assert "load 11.2" in rest.text


# -- eaters


def test_eaters_are_those_who_take_most_with_their_shares() -> None:
    first = named(fleet.inventory("kvm01"), "cpu").consumers[0]
    assert (first.name, first.shown) == ("build-x86-01", "14.1")
    assert first.share == pytest.approx(14.08 / 32) and first.sure
    disk = named(fleet.inventory("kvm01"), "disk")
    assert len(disk.consumers) == 5 and sum(consumer.share or 0 for consumer in disk.consumers) <= 1


def test_an_old_figure_is_not_sure_and_none_is_nobodys() -> None:
    inventory = fleet.small("h", ["a", "b", "c"])
    usage = dict(zip(inventory.domains, [
        Usage(cpu=0.5, cpu_at=fleet.NOW - 60), Usage(cpu=0.001, cpu_at=fleet.NOW), Usage(),
    ], strict=True))  # fmt: skip
    inventory = replace(inventory, usage=usage)
    cpu, memory = named(inventory, "cpu"), named(inventory, "memory")
    assert [(e.name, e.sure) for e in cpu.consumers] == [("a", False)], "0.0 cores eat nothing"
    assert [(e.shown, e.sure) for e in memory.consumers] == [("2.0G", False)] * 3, "given, not used"
    assert not named(inventory, "disk").known and named(inventory, "cpu").known


def test_eaters_that_read_the_same_stand_by_name() -> None:
    inventory = fleet.small("h", ["vm-10", "vm-9", "vm-1", "idle"])
    shares = (0.501, 0.5, 0.499, 0.1)
    usage = {
        uuid: Usage(cpu=share, cpu_at=fleet.NOW)
        for uuid, share in zip(inventory.domains, shares, strict=True)
    }
    (cpu, *_) = top_consumers(replace(inventory, usage=usage), fleet.NOW, 2)
    assert [(e.name, e.shown) for e in cpu.consumers] == [("vm-1", "1.0"), ("vm-9", "1.0")]


# -- the story


def test_a_host_that_tells_nothing_is_drawn_with_dashes() -> None:
    base = fleet.inventory("edge1")
    host = replace(
        base.host, figures=HostMetrics(), vcpus_promised=None, memory_promised=None, cells=None
    )
    inventory = replace(base, host=host, pools={}, domains={}, usage={})
    for cells, height in ((80, 13), (120, 25), (200, 40)):
        said = "\n".join(drawn(inventory, cells, height))
        assert "0%" not in said and "not reported" in said
        assert "vcpus" in said and "–" in said


def test_warnings_follow_the_limits() -> None:
    inventory = fleet.inventory("kvm01")
    shown = warned(detail_lines(row(inventory), LOOK, 120, 25))
    assert "×1.6" in shown and "23%" in shown and "×1.8" not in shown
    strict = replace(LOOK, limits=replace(USUAL_LIMITS, vcpus_promised=1.5, pressure=0.5))
    shown = warned(detail_lines(row(inventory), strict, 120, 25))
    assert "×1.8" in shown and "23%" not in shown


def test_a_host_that_does_not_answer_is_muted() -> None:
    quiet = fleet.silent(fleet.inventory("kvm01"))
    roles = {run.role for line in detail_lines(row(quiet), LOOK, 120, 25) for run in line}
    assert roles <= {Role.MUTED, Role.TEXT}
    assert not warned(detail_lines(row(quiet), LOOK, 120, 25))


def test_huge_pages_that_are_unknown_in_one_cell_are_unknown_of_all() -> None:
    base = fleet.inventory("kvm01")
    cells = (
        NumaCell(0, 4, 8 * G, 2 * G, (HugePages(2 * 1024**2, 100, 40),)),
        NumaCell(1, 4, 8 * G, None, (HugePages(2 * 1024**2, 100, None),)),
    )
    lines = drawn(replace(base, host=replace(base.host, cells=cells)))
    one, other, together = (line.split() for line in lines[-3:])
    assert one == ["0", "4", "8G", "2.0G", "75%", "60/100"]
    assert other == ["1", "4", "8G", "–", "–", "–/100"]
    assert together == ["all", "8", "16G", "–", "–", "–/200"]


def test_without_huge_pages_it_says_so() -> None:
    base = fleet.inventory("kvm01")
    cells = (NumaCell(0, 4, 8 * G, 2 * G, (HugePages(2 * 1024**2, 0, 0),)),)
    said = "\n".join(drawn(replace(base, host=replace(base.host, cells=cells))))
    assert "numa 1 cell" in said and "no huge pages" in said and " all " not in said[-80:]


def test_a_pool_of_many_is_left_out_before_the_eaters() -> None:
    base = fleet.inventory("kvm01")
    pools = {f"p{n}": pool(f"p{n}", 100, n, n) for n in range(40)}
    lines = drawn(replace(base, pools=pools), 80, 13)
    assert any("top consumers" in line for line in lines)
    assert lines[-1].strip(), "five eaters to the last line"


def test_it_is_drawn_in_ascii() -> None:
    look = replace(LOOK, glyphs=ASCII)
    for line in detail_lines(row(fleet.inventory("edge1")), look, 120, 25):
        assert plain(look.with_glyphs(line)).isascii()


def test_why_a_host_does_not_answer_is_told_in_full() -> None:
    long = "Cannot recv data: " + " ".join(f"word{number}" for number in range(60)) + "\nand more"
    base = kvm01()
    trouble = HostLost("nothing listens there", advice="start its ssh", libvirt_message=long)
    host = replace(base.host, phase=ConnectionState.LOST, trouble=trouble)
    lines = drawn(replace(base, host=host))
    shown = " ".join(" ".join(lines).split())
    assert "what failed nothing listens there what to do start its ssh libvirt says" in shown
    assert "word59 and more" in shown and "\\x0a" not in shown and len(lines) == 25
    same = replace(host, trouble=HostLost("odd words", libvirt_message="odd\nwords"))
    assert " ".join(drawn(replace(base, host=same))).count("odd words") == 1
    assert len(drawn(replace(base, host=host), height=2)) == 2
