"""What a host has not told is not taken for nothing by what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.actions.registry import BY_ID
from virttui.actions.target import ActionTarget
from virttui.model.backend import HostSpec
from virttui.model.identity import Kind
from virttui.model.inventory import Inventory, Part
from virttui.panes.main.key_hints import list_words
from virttui.panes.networks.pane import NETWORKS
from virttui.panes.networks.users import stop_warning
from virttui.panes.storage.pools import POOLS
from virttui.render.glyphs import UNICODE, RenderContext
from virttui.render.line import plain
from virttui.render.list_pane import Pane, arrange
from virttui.screens.main.consequences import consequence
from virttui.store.fleet_state import FleetStore

LOOK = RenderContext(UNICODE, True, fleet.NOW, fleet.EPOCH)
KNOWN = fleet.inventory("kvm01")


def empty_text(inventory: Inventory, pane: str) -> str:
    """What a pane without a row says."""
    store = FleetStore((HostSpec("kvm01", "qemu:///system", "kvm01"),), 0.0)
    store.apply_inventory(inventory)
    fleet_state = store.fleet_state(fleet.NOW, fleet.EPOCH)
    found: Pane[Any] = NETWORKS if pane == "networks" else POOLS
    listing = arrange(found, fleet_state, found.choice())
    return plain(list_words(listing, found.choice(), fleet_state, LOOK))


@pytest.mark.parametrize(("pane", "part"), [("networks", Part.NETWORKS), ("storage", Part.POOLS)])
def test_an_empty_list_says_whether_there_are_none(pane: str, part: Part) -> None:
    empty = replace(KNOWN, networks={}, pools={})
    assert f"no {part} on kvm01" in empty_text(empty, pane)
    assert "asking kvm01 for its" in empty_text(replace(empty, missing_parts={part: ""}), pane)
    failed = replace(empty, missing_parts={part: "its daemon does not answer"})
    assert f"kvm01 does not report its {part}: its daemon does not answer" in empty_text(
        failed, pane
    )


def test_nothing_is_cut_off_only_where_all_definitions_are_known() -> None:
    bare = replace(KNOWN, domains={})
    network = next(one for one in KNOWN.networks.values() if one.active and one.own_bridge)
    assert stop_warning(network, bare).startswith("nothing is cut off")
    unread = replace(bare, missing_parts={Part.DEFINITIONS: ""})
    assert "not known" in stop_warning(network, unread)


@pytest.mark.parametrize("action", ["stop", "delete"])
def test_a_question_says_that_there_may_be_more(action: str) -> None:
    pool = next(iter(KNOWN.pools.values()))
    subject = ActionTarget(Kind.POOL, pool.key, pool.name, KNOWN.host, pool)
    assert "more may use it" not in consequence(BY_ID[action], subject, KNOWN)
    unread = replace(KNOWN, missing_parts={Part.DEFINITIONS: "web does not answer"})
    told = consequence(BY_ID[action], subject, unread)
    assert "Not all definitions are known (web does not answer): more may use it." in told
