"""Rows that are made when they are looked at are arranged as all of them would be."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from virttui.model.backend import HostSpec
from virttui.model.domains.usage import Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Domain, DomainState, Inventory
from virttui.panes.domains.pane import DOMAINS
from virttui.panes.domains.rows import DomainRow
from virttui.render.filter import Filter, PlainWord
from virttui.render.lazy_rows import LazyRows
from virttui.render.list_pane import ListOptions, arrange
from virttui.store.fleet_state import FleetState, FleetStore

STATES = tuple(DomainState)
HOSTS = ("a", "b")


def fleet(seed: int) -> FleetState:
    """Two hosts of thirty domains with figures, some of them unknown, some that need attention."""
    chance = random.Random(seed)
    store = FleetStore([HostSpec(host, f"test:///{host}") for host in HOSTS], 0.0)
    for known in store.hosts:
        domains = {
            f"u{number}": Domain(
                ObjectId(known.id, f"u{number}"),
                f"web-{chance.randrange(20)}",
                chance.choice(STATES),
                "crashed" if chance.random() < 0.1 else "booted",
                vcpus=2,
                tags=("blue",) if chance.random() < 0.3 else (),
            )
            for number in range(30)
        }
        usage = {
            uuid: Usage(
                cpu=chance.choice((None, 0.1, chance.random())),
                cpu_at=9.0,
                memory_used=chance.choice((None, chance.randrange(100))),
                memory_given=100,
                read=chance.choice((None, chance.random() * 1e6)),
                steal=chance.choice((0.0, 0.9)),
            )
            for uuid in domains
            if chance.random() < 0.8
        }
        host = replace(known, phase=ConnectionState.LIVE, answered_at=9.0)
        store.apply_inventory(
            Inventory(host, at=9.0, listed=True, domains=domains, usage=usage, missing_parts={})
        )
    return store.fleet_state(10.0, 1e9)


def choices() -> Iterator[ListOptions]:
    """Each sort both ways, and attention, groups and filters."""
    usual = DOMAINS.choice()
    for column in DOMAINS.columns:
        for descending in (False, True):
            yield replace(usual, sort=column.id, descending=descending)
    yield replace(usual, attention_only=True)
    yield replace(usual, attention_first=False)
    for group in DOMAINS.groups:
        yield replace(usual, group=group)
    for words in ("WEB-1", "!web-1", "web-1 -web-11", "blue cpu>30", "web-1*", "name:web-1? b"):
        asked = DOMAINS.language.parse(words)
        assert isinstance(asked, Filter)
        yield replace(usual, filter=asked)


@pytest.mark.parametrize("seed", range(3))
def test_they_are_arranged_as_all_of_them_would_be(seed: int) -> None:
    state = fleet(seed)
    lazy = DOMAINS.rows(state)
    assert isinstance(lazy, LazyRows) and len(lazy) == 60
    eager = list(lazy)
    for choice in choices():
        one, other = arrange(DOMAINS, state, choice, lazy), arrange(DOMAINS, state, choice, eager)
        assert list(one.keys) == list(other.keys), choice
        assert list(one.rows) == list(other.rows), choice
        assert list(one.members) == list(other.members), choice
        assert (one.total, one.passed) == (other.total, other.passed), choice


def test_plain_words_find_what_changed() -> None:
    state = fleet(0)
    asked = DOMAINS.language.parse("renamed")
    assert isinstance(asked, Filter)
    choice = replace(DOMAINS.choice(), filter=asked)
    assert arrange(DOMAINS, state, choice).passed == 0
    inventory = state.inventories["a"]
    domain = replace(inventory.domains["u1"], title="Renamed now")
    changed = replace(inventory, domains={**inventory.domains, "u1": domain})
    after = replace(state, inventories={**state.inventories, "a": changed})
    assert list(arrange(DOMAINS, after, choice).keys) == [domain.key]


def test_only_what_is_looked_at_is_made() -> None:
    made: list[str] = []
    keys = [ObjectId("h", str(number)) for number in range(1000)]

    def make(key: ObjectId) -> str:
        made.append(key.uuid)
        return key.uuid

    rows: LazyRows[str] = LazyRows(
        keys,
        make,
        {"cpu": lambda keys: [-int(k.uuid) for k in keys]},
        lambda keys: [k.uuid for k in keys],
    )
    assert len(Filter("99", (PlainWord("99", str),)).narrow(rows)) == 19
    assert len(Filter("-99", (PlainWord("99", str, True),)).narrow(rows)) == 981
    order = rows.sort_keys("cpu", len)
    best = rows.picked(sorted(range(1000), key=order.__getitem__))
    assert made == [] and best[0] == "999" and best[:2] == ["999", "998"]
    assert made == ["999", "999", "998"]
    assert rows.sort_keys("name", len)[0] == 1


def test_a_row_is_that_of_its_domain() -> None:
    state = fleet(1)
    for row in DOMAINS.rows(state):
        assert isinstance(row, DomainRow)
        inventory = state.inventories[row.key.host]
        assert row.domain is inventory.domains[row.key.uuid] and row.inventory is inventory
