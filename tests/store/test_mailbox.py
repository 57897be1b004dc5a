"""The app is woken for the first message and for the first news, and for nothing else."""

from __future__ import annotations

from msgspec.structs import replace

from virttui.model.domains.history import MetricHistory
from virttui.model.domains.jobs import Job
from virttui.model.domains.usage import Usage
from virttui.model.identity import ObjectId
from virttui.model.inventory import ConnectionState, Domain, DomainState, HostState, Inventory
from virttui.model.messages import FleetMessage, HostEvent
from virttui.store.mailbox import Mailbox

ONE = Domain(ObjectId("h", "a"), "one", DomainState.RUNNING)
LIVE = HostState("h", "test:///x", "h", ConnectionState.LIVE)
FIRST = Inventory(LIVE, at=1.0, listed=True, domains={"a": ONE}, usage={"a": Usage(cpu=0.1)})
FIGURES = replace(FIRST, at=2.0, usage={"a": Usage(cpu=0.7)})


def waiting() -> Mailbox:
    """A mailbox whose first inventory was taken, and in which figures wait."""
    mailbox = Mailbox()
    assert mailbox.push(FIRST) and mailbox.news, "of a host nothing was known"
    assert mailbox.take() == [FIRST] and not mailbox.news
    assert mailbox.push(FIGURES) and not mailbox.news
    return mailbox


def test_figures_that_wait_wake_the_app_once() -> None:
    mailbox = waiting()
    newer = replace(FIGURES, at=3.0, usage={"a": Usage(cpu=0.9)})
    assert not mailbox.push(newer) and not mailbox.news
    assert mailbox.take() == [newer], "only the newest of a host"
    assert mailbox.take() == []


def test_what_is_read_a_few_rows_at_a_time_comes_with_the_next_figures() -> None:
    mailbox = waiting()
    for row in (replace(ONE, addresses=("10.0.0.1",)), replace(ONE, vcpus=2, os_type="hvm")):
        assert not mailbox.push(replace(FIGURES, at=3.0, domains={"a": row}))
    assert not mailbox.news


def changed() -> dict[str, FleetMessage]:
    """Messages that say more than figures do."""
    later = replace(FIGURES, at=3.0)
    return {
        "a row": replace(later, domains={"a": replace(ONE, state=DomainState.PAUSED)}),
        "a row that came": replace(later, domains={"a": ONE, "b": ONE}),
        "a row that is another": replace(later, domains={"b": ONE}),
        "a row that went": replace(later, domains={}),
        "a state": replace(later, host=replace(LIVE, phase=ConnectionState.SILENT)),
        "a job": replace(later, jobs=(Job(ONE.key, "one", "migrate"),)),
        "the selected domain": replace(later, trail=MetricHistory(ONE.key)),
        "networks": replace(later, networks=dict(later.networks)),
        "another host": replace(later, host=replace(LIVE, id="g")),
    }


def test_news_wakes_the_app_at_once() -> None:
    for what, message in changed().items():
        mailbox = waiting()
        assert mailbox.push(message) and mailbox.news, what
        assert not mailbox.push(replace(FIGURES, at=4.0)), "it is awake already"


def test_what_is_no_inventory_is_news() -> None:
    mailbox = waiting()
    event = HostEvent(0.0, "h", "domain", "one", "stopped")
    assert mailbox.push(event) and mailbox.news
    assert mailbox.take()[-1] is event
