"""How facts from several sources become rows, and how rows keep their identity."""

from __future__ import annotations

from virttui.hypervisor.polling.counters import RawCounters
from virttui.hypervisor.polling.inventory_builder import InventoryBuilder
from virttui.hypervisor.polling.list_reader import DomainListRow
from virttui.hypervisor.polling.usage import RefreshIntervals
from virttui.libvirtxml.read import DomainFacts
from virttui.model.identity import ObjectId
from virttui.model.inventory import DomainState, Lease, Network, Nic, Part, Pool

EVERY = RefreshIntervals(1.0, 1.0, 1.0)


def row(
    uuid: str, state: DomainState = DomainState.RUNNING, domain_id: int | None = 1
) -> DomainListRow:
    return DomainListRow(
        uuid, uuid, domain_id, state, "booted", persistent=True, autostart=False, saved=False
    )


def builder(*uuids: str) -> InventoryBuilder:
    made = InventoryBuilder("h")
    made.replace_rows({uuid: row(uuid) for uuid in uuids})
    return made


def test_an_unchanged_row_is_the_same_object() -> None:
    made = builder("a", "b")
    before = dict(made.domains)
    assert made.replace_rows({uuid: row(uuid) for uuid in ("a", "b")}) == set()
    made.merge_rows({"b": row("b", DomainState.PAUSED)})
    assert made.domains["a"] is before["a"] and made.domains["b"] is not before["b"]


def test_a_mapping_that_was_handed_out_never_changes() -> None:
    made = builder("a")
    domains, usage = made.domains, made.usage
    made.merge_rows({"b": row("b")})
    made.take_readings([RawCounters("a", 1, cpu_ns=1)], 1.0, {}, EVERY)
    assert set(domains) == {"a"} and usage == {}


def test_a_definition_that_cannot_be_read_is_said_and_the_row_stays() -> None:
    made = builder("a", "b")
    made.take_facts({"a": "its XML cannot be parsed: line 3", "b": DomainFacts(title="fine")})
    assert made.domains["a"].fault.startswith("its XML") and made.domains["a"].name == "a"
    assert made.domains["b"].title == "fine" and not made.unread()
    made.take_facts({"a": DomainFacts(title="mended")})
    assert made.domains["a"].fault == "" and made.domains["a"].title == "mended"


def test_what_did_not_come_is_not_known_to_be_empty() -> None:
    made = InventoryBuilder("h")
    assert made.untold == dict.fromkeys(Part, "")
    made.take_volume_sums({})
    assert Part.POOLS in made.untold, "sums of volumes are no pools"
    made.replace_rows({"a": row("a")})
    made.take_networks({})
    made.take_pools({})
    assert made.untold == {Part.DEFINITIONS: ""}
    made.take_facts({"a": DomainFacts()})
    assert made.untold == {}
    made.fail(Part.NETWORKS, "it does not answer")
    assert made.untold == {}, "what came before is still there"
    other = InventoryBuilder("h")
    other.fail(Part.NETWORKS, "it does not answer")
    assert other.untold[Part.NETWORKS] == "it does not answer"
    other.take_networks({})
    assert Part.NETWORKS not in other.untold


def test_leases_are_joined_by_mac_and_only_while_it_runs() -> None:
    made = builder("a")
    made.take_facts({"a": DomainFacts(nics=(Nic(mac="52:54:00:AA:00:01"),))})
    lease = Lease("52:54:00:aa:00:01", "192.168.122.7")
    made.take_networks({"n": Network(ObjectId("h", "n"), "default", True, leases=(lease,))})
    running = made.domains["a"]
    assert running.addresses == ("192.168.122.7",)
    made.merge_rows({"a": row("a", DomainState.SHUTOFF, None)})
    off = made.domains["a"]
    assert off.addresses == ()


def test_what_a_pool_promises_stays_with_it_while_it_is_on() -> None:
    made, key = builder(), ObjectId("h", "p")
    on, off = Pool(key, "p", "running", volumes=2), Pool(key, "p", "inactive")
    made.take_pools({"p": on})
    assert made.take_volume_sums({"p": 7, "gone": 9})
    first = made.pools["p"]
    assert first.promised == 7 and set(made.pools) == {"p"}
    assert not made.take_pools({"p": on}) and made.pools["p"] is first
    assert not made.take_volume_sums({}), "a sum that is counted anew is kept till then"
    made.take_pools({"p": off})
    assert made.pools["p"].promised is None


def test_what_stopped_has_no_figures_and_begins_anew() -> None:
    made = builder("a")
    for moment in (1.0, 2.0):
        made.take_readings([RawCounters("a", 1, cpu_ns=int(moment * 1e9))], moment, {}, EVERY)
    assert made.usage["a"].cpu == 1.0
    made.merge_rows({"a": row("a", DomainState.SHUTOFF, None)})
    assert "a" not in made.usage
    made.merge_rows({"a": row("a", domain_id=2)})
    made.take_readings([RawCounters("a", 2, cpu_ns=10)], 3.0, {}, EVERY)
    assert made.usage["a"].cpu is None


def test_two_samples_at_once_keep_the_figure() -> None:
    made = builder("a")
    for moment in (1.0, 2.0, 2.01):
        made.take_readings([RawCounters("a", 1, cpu_ns=int(moment * 1e9))], moment, {}, EVERY)
    assert made.usage["a"].cpu == 1.0


def test_silence_is_dated_and_ends() -> None:
    made = builder("a")
    made.silence("a", 10.0)
    made.silence("a", 20.0)
    assert made.domains["a"].silent_at == 10.0, "since it began"
    made.silence("a", None)
    assert made.domains["a"].silent_at is None


def test_what_is_promised_counts_what_is_active() -> None:
    made = builder("a", "b")
    facts = DomainFacts(vcpus=4, memory=1 << 30)
    made.take_facts({"a": facts, "b": facts})
    assert made.promised == (8, 2 << 30)
    made.merge_rows({"b": row("b", DomainState.SHUTOFF, None)})
    assert made.promised == (4, 1 << 30) and made.active == ("a",)


def test_a_gone_domain_leaves_nothing_behind() -> None:
    made = builder("a")
    made.take_facts({"a": DomainFacts(title="old")})
    made.merge_rows({"a": None})
    assert made.domains == {}
    made.merge_rows({"a": row("a")})
    assert made.domains["a"].title == "" and made.unread() == ["a"]
