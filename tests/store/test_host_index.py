"""What follows from a host's inventories stays what a look at the whole inventory would give."""

from __future__ import annotations

import random
from itertools import pairwise

from msgspec.structs import replace

from virttui.model.domains.usage import Usage
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import (
    ConnectionState,
    Disk,
    Domain,
    DomainState,
    HostState,
    Inventory,
    Nic,
    Pool,
)
from virttui.model.thresholds import USUAL_LIMITS
from virttui.store.host_index import JUDGED_EVERY, HostIndex

HOST = HostState("h", "test:///x", "h", ConnectionState.LIVE)
STATES = (DomainState.RUNNING, DomainState.SHUTOFF, DomainState.CRASHED)


def domain(
    uuid: str, name: str, state: DomainState = DomainState.RUNNING, **more: object
) -> Domain:
    """A domain of the host ``h``."""
    return replace(Domain(key=ObjectId("h", uuid), name=name, state=state, reason="", id=1), **more)


def inventory(at: float, *domains: Domain, **more: object) -> Inventory:
    """An inventory with these domains."""
    rows = {one.key.uuid: one for one in domains}
    return replace(Inventory(HOST, at=at, listed=True, domains=rows), **more)


def alerts(index: HostIndex) -> dict[ObjectId, str]:
    """The words of all alerts."""
    return {key: alert.words for found in index.alerts for key, alert in found.items()}


def names(index: HostIndex) -> list[str]:
    """The UUIDs in order of names."""
    return [key.uuid for _, key in index.order]


def test_it_stays_equal_to_one_that_looks_at_everything() -> None:
    """Domains come, go, are renamed, change states and NICs, in any order."""
    chance = random.Random(3)
    index = HostIndex(USUAL_LIMITS)
    known: dict[str, Domain] = {}
    for at in range(200):
        for _ in range(chance.randrange(4)):
            uuid = f"u{chance.randrange(12)}"
            if uuid in known and chance.random() < 0.3:
                del known[uuid]
            else:
                nic = Nic("network", f"net{chance.randrange(2)}")
                known[uuid] = domain(
                    uuid, f"web-{chance.randrange(30)}", chance.choice(STATES), nics=(nic,)
                )
        news = inventory(float(at), *known.values())
        before = names(index)
        assert index.update(news) or names(index) == before
        whole = HostIndex(USUAL_LIMITS)
        whole.update(news)
        assert (index.order, index.nics, alerts(index)) == (
            whole.order,
            whole.nics,
            alerts(whole),
        )


def test_an_inventory_without_changes_moves_nothing() -> None:
    one = domain("a", "web-9")
    index = HostIndex(USUAL_LIMITS)
    first = inventory(1.0, one)
    assert index.update(first)
    order, nics = index.order, index.nics
    assert not index.update(replace(first, at=2.0))
    assert not index.update(replace(first, at=3.0, domains={"a": replace(one, title="new")}))
    assert index.order is order and index.nics is nics


def test_figures_are_judged_once_in_ten_seconds_each_domain_at_its_own_moment() -> None:
    domains = [domain(f"u{number}", f"web-{number}") for number in range(100)]
    calm = {one.key.uuid: Usage(steal=0.0) for one in domains}
    strained = {one.key.uuid: Usage(steal=0.9) for one in domains}
    index = HostIndex(USUAL_LIMITS)
    index.update(inventory(0.5, *domains, usage=calm))
    assert not alerts(index)
    start = inventory(0.6, *domains, usage=strained)
    rows = start.domains
    counts = []
    for tick in range(21):
        index.update(replace(start, at=0.6 + tick * JUDGED_EVERY / 20, domains=rows))
        counts.append(len(alerts(index)))
    assert counts[-1] == 100
    steps = [after - before for before, after in pairwise(counts)]
    assert max(steps) <= 6, "none of the looks is at all of them"


def test_a_full_pool_is_named_as_the_reason_at_once() -> None:
    disks = (Disk("vda", pool="images"),)
    stuck = domain("a", "web", DomainState.PAUSED, reason="ioerror", disks=disks)
    index = HostIndex(USUAL_LIMITS)
    first = inventory(1.0, stuck)
    index.update(first)
    assert "no space" not in alerts(index)[stuck.key]
    full = Pool(ObjectId("h", "p"), "images", "running", capacity=100, allocation=99)
    index.update(replace(first, at=1.1, pools={"p": full}))
    found = alerts(index)
    assert found[full.key] == "99 % full"
    assert found[stuck.key].endswith(", pool images has no space")


def test_rows_of_a_host_that_does_not_answer_are_not_judged() -> None:
    crashed = domain("a", "web", DomainState.CRASHED)
    index = HostIndex(USUAL_LIMITS)
    live = inventory(1.0, crashed)
    index.update(live)
    assert [key.uuid for key in alerts(index)] == ["a"]
    silent = replace(live, at=2.0, host=replace(HOST, phase=ConnectionState.SILENT))
    index.update(silent)
    assert alerts(index) == {ObjectId("h", ""): "does not answer"}
    index.update(replace(live, at=3.0))
    assert [key.uuid for key in alerts(index)] == ["a"]
    kinds = {alert.kind for found in index.alerts for alert in found.values()}
    assert kinds == {Kind.DOMAIN}
