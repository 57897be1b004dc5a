"""Network filters and ports: who uses them stands beside them, and before one is deleted."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from tests.scenes.running_app import RunningApp, running_app
from virttui.model.commands import Verb
from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.queries import DocumentsQuery, DocumentsResult

USED = Document(Kind.NWFILTER, ObjectId("kvm01", "f-1"), "clean-traffic")
OFF = Document(Kind.NWFILTER, ObjectId("kvm01", "f-2"), "for-old-wiki")
FREE = Document(Kind.NWFILTER, ObjectId("kvm01", "f-3"), "nobodys")


def filtered(inventory: Inventory) -> Inventory:
    """A running domain uses one filter, one that is off another."""
    domains = dict(inventory.domains)
    for uuid, domain in domains.items():
        (nic,) = domain.nics
        if domain.name in ("wiki", "old-wiki"):
            name = USED.name if domain.name == "wiki" else OFF.name
            port = "1e52-port" if domain.name == "wiki" else ""
            domains[uuid] = replace(domain, nics=(replace(nic, filter=name, port=port),))
    return replace(inventory, domains=domains)


async def opened(ui: RunningApp) -> None:
    await ui.publish(filtered(ui.view_state.fleet_state.inventories["kvm01"]))
    assert ui.view_state.view.cursor.jump(fleet.key("wiki"), ui.view_state.height)
    await ui.type(":nwfilters")
    await ui.press("enter")
    query = next(q for q in ui.backend.queries if isinstance(q, DocumentsQuery))
    await ui.publish(DocumentsResult(query, documents=(USED, OFF, FREE)))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_each_filter_names_the_nics_that_use_it(size: tuple[int, int]) -> None:
    async with running_app(size) as ui:
        await opened(ui)
        text = ui.screen_text()
        assert "used by 1 NIC: wiki" in text and "used by 1 NIC: old-wiki" in text
        assert "no NIC uses it" in text


async def test_one_in_use_is_not_deleted_and_says_by_whom() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.type("delete clean")
        await ui.press("enter")
        assert "running NICs of wiki use it" in ui.text("answer")
        assert ui.backend.commands == []


async def test_one_that_only_what_is_off_needs_is_deleted_after_a_question() -> None:
    async with running_app() as ui:
        await opened(ui)
        await ui.type("delete for")
        await ui.press("enter")
        assert "old-wiki does not start without it" in ui.screen_text()
        await ui.press("enter")
        assert ui.backend.commands == [], "enter is on Cancel"
        await opened(ui)
        await ui.type("delete for")
        await ui.press("enter", "y")
        (command,) = ui.backend.commands
        assert (command.verb, command.target.kind) == (Verb.DELETE, Kind.NWFILTER)
        assert command.target.key == OFF.key


async def test_the_documents_of_a_network_begin_with_its_ports() -> None:
    async with running_app() as ui:
        await ui.publish(filtered(ui.view_state.fleet_state.inventories["kvm01"]))
        await ui.press("2")
        key = ui.view_state.view.row.key
        await ui.type(":documents")
        await ui.press("enter")
        query = next(q for q in ui.backend.queries if isinstance(q, DocumentsQuery))
        assert (query.kind, query.key) == (Kind.NETWORK, key)
        port = Document(Kind.NETWORK_PORT, key, "default", "1e52-port")
        bound = Document(Kind.NWFILTER_BINDING, ObjectId("kvm01", "vnet4"), "vnet4", USED.name)
        await ui.publish(DocumentsResult(query, documents=(port, bound)))
        text = ui.screen_text()
        assert "network port 1e52-por" in text and "vnet4 of wiki" in text
        assert "nwfilter binding vnet4" in text and "clean-traffic, of wiki" in text
