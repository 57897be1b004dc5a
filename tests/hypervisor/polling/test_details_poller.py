"""A domain in full on libvirt's in-process test driver, which has no bulk calls."""

from __future__ import annotations

from tests.fleet_client import listening
from virttui.model.commands import Verb

DEFAULT = "test:///default"


def test_a_driver_without_bulk_calls_tells_what_it_can() -> None:
    with listening(DEFAULT) as client:
        client.listed()
        client.watch_domain("test")
        details = client.detail(lambda d: d.definition is not None and len(d.vcpus) == 2)
        assert details.key == client.the_domain("test").key
        assert details.vcpus[0].steal is None, "unknown is None, never 0"
        assert details.process is None and details.fault == ""
        told = client.detail(lambda d: d.guest_why)
        assert told.guest_why == "no channel for it"
        client.detail(lambda d: d.vcpus and d.vcpus[0].use is not None)
        client.done(client.do(Verb.FORCE_OFF, "test"))
        off = client.detail(lambda d: not d.vcpus)
        assert off.definition is not None and off.guest is None


def test_only_the_page_that_is_open_is_told() -> None:
    with listening(DEFAULT, interval=0.2) as client:
        client.listed()
        client.watch_domain("test")
        client.detail(lambda d: len(d.trails.get("disk vda", ())) >= 3)
        client.fleet.watch_domain(None)
        seen = client.told
        client.wait(lambda: client.told > seen + 2)
        client.details = None
        seen = client.told
        client.wait(lambda: client.told > seen + 2)
        assert client.details is None
        client.watch_domain("test")
        again = client.detail(lambda d: d.at is not None)
        assert len(again.trails["disk vda"]) < 3, "a page opens with an empty past"
