from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scenes import fleet
from virttui.panes.domains.pane import LANGUAGE
from virttui.panes.domains.rows import DomainRow, rows
from virttui.panes.main.events import LANGUAGE as OF_EVENTS
from virttui.render.filter import Filter, FilterError
from virttui.store.fleet_state import FleetStore


def row(name: str) -> DomainRow:
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in fleet.inventories():
        store.apply_inventory(inventory)
    return next(r for r in rows(store.fleet_state(fleet.NOW, fleet.EPOCH)) if r.domain.name == name)


WEB, DB = row("web-01"), row("db-replica-02")


def passes(text: str, row: DomainRow) -> bool:
    found = LANGUAGE.parse(text)
    assert isinstance(found, Filter), found
    return bool(found.narrow([row]))


@pytest.mark.parametrize(
    ("text", "web", "db"),
    [
        ("", True, True),
        ("web", True, False),
        ("WEB-0", True, False),
        ("reporting", False, True),
        ("kvm", True, True),
        ("10.20.1", True, False),
        ("paused", False, True),
        ("web kvm02", False, False),
        ("-web", False, True),
        ("host:kvm*", True, True),
        ("host:kvm02", False, True),
        ("state:paused", False, True),
        ("state:I/O", False, True),
        ("name:*-01", True, False),
        ("address:10.20.1*", True, False),
        ("title:report", False, True),
        ("!web", False, True),
        ("!name:web", False, True),
        ("tag:web", True, False),
        ("tag:sho?", True, False),
        ("network:default", True, True),
        ("pool:nvme", False, True),
        ("cpu>30", True, False),
        ("cpu<=38", True, True),
        ("cpu<80%", True, True),
        ("mem>4G", True, True),
        ("mem>=512M", True, True),
        ("mem>80%", False, False),
        ("-cpu>30", False, True),
        ("[/x]", False, False),
        ("[w]eb*", False, False),
        ("steal>=1", True, False),
        ("lat>0.5", True, False),
        ("lat>0.5s", False, False),
        ("net>20M", True, False),
        ("disk>=880K disk<900KB", True, False),
        ("vcpu=4", True, False),
        ("up>40d", True, False),
        ("err=0", True, False),
        ("http://x", False, False),
    ],
)
def test_what_passes(text: str, web: bool, db: bool) -> None:
    assert (passes(text, WEB), passes(text, DB)) == (web, db)


@pytest.mark.parametrize(
    ("text", "word", "start", "sentence"),
    [
        ("web mem>4X", "mem>4X", 4, "4X is no size: 4G, 512M or 80%"),
        ("cpu>>5", "cpu>>5", 0, "a number must follow >"),
        ("cpu>", "cpu>", 0, "a number must follow >"),
        ("cpu>x", "cpu>x", 0, "x is no percentage: 80 or 12.5"),
        ("colour:red", "colour:red", 0,
         "colour is no field: name, title, host, address, tag, state, network, pool, uuid"),
        ("!lat>5x", "!lat>5x", 0, "5x is no time: 5 or 0.5s"),
        ("cpu:80", "cpu:80", 0, "cpu is a number: cpu>80"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text: str, word: str, start: int, sentence: str) -> None:
    found = LANGUAGE.parse(text)
    assert isinstance(found, FilterError)
    assert (found.word, found.start, found.sentence) == (word, start, sentence)


def test_the_words_that_can_be_read_still_hold() -> None:
    found = LANGUAGE.parse("web cpu>>5")
    assert isinstance(found, FilterError)
    assert (found.rest.text, list(found.rest.narrow([WEB, DB]))) == ("web", [WEB])


def test_a_pane_without_figures_says_so() -> None:
    found = OF_EVENTS.parse("cpu>5")
    assert (
        isinstance(found, FilterError) and found.sentence == "this list has no numbers to compare"
    )


def test_a_figure_that_is_not_known_is_in_no_comparison() -> None:
    off = row("legacy-crm-2011")
    assert not passes("cpu<101", off) and not passes("cpu>=0", off) and passes("!cpu>=0", off)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_filter_or_a_sentence(text: str) -> None:
    found = LANGUAGE.parse(text)
    assert isinstance(found, FilterError) or found.narrow([WEB]) in ([], [WEB])
