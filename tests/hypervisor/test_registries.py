"""Every verb and every kind of query is registered where it has to be; an error names the place."""

from __future__ import annotations

import pytest

from virttui.hypervisor.commands.registry import VERBS
from virttui.hypervisor.queries.registry import QUERIES
from virttui.model import queries
from virttui.model.commands import Verb
from virttui.model.queries import Query, VolumesQuery
from virttui.panes import virsh_equivalent


@pytest.mark.parametrize("verb", Verb)
def test_a_verb_has_its_executor_and_its_virsh_line(verb: Verb) -> None:
    missing = []
    if verb not in VERBS:
        missing.append("an Executor in VERBS of virttui/hypervisor/commands/registry.py")
    elif not VERBS[verb].functions:
        missing.append("a function in its Executor (virttui/hypervisor/commands/registry.py)")
    if verb not in virsh_equivalent.VIRSH and verb not in virsh_equivalent.WITHOUT_WORD:
        missing.append(
            "its virsh command in VIRSH of virttui/panes/virsh_equivalent.py, "
            "or in WITHOUT_WORD there what its line is made of instead"
        )
    assert not missing, f"Verb.{verb.name} lacks {' and '.join(missing)}"


def test_no_verb_has_two_virsh_lines() -> None:
    both = virsh_equivalent.VIRSH.keys() & virsh_equivalent.WITHOUT_WORD.keys()
    assert not both, f"{both} are in VIRSH and in WITHOUT_WORD of panes/virsh_equivalent.py"


def test_the_queue_knows_what_overtakes() -> None:
    assert all(one.skips_queue for one in VERBS.values() if one.extra_slot)


KINDS_OF_QUERY = [
    one
    for one in vars(queries).values()
    if isinstance(one, type) and issubclass(one, Query) and one is not Query
]


@pytest.mark.parametrize("kind", KINDS_OF_QUERY)
def test_a_kind_of_query_has_its_reader(kind: type[Query]) -> None:
    assert kind in QUERIES, (
        f"{kind.__name__} lacks a Reader in QUERIES of virttui/hypervisor/queries/registry.py"
    )
    result = QUERIES[kind].result
    assert result.__name__ == kind.__name__.removesuffix("Query") + "Result"
    sliced = QUERIES[kind].function is None
    assert sliced is (kind is VolumesQuery), f"{kind.__name__} lacks a function"


def test_a_lane_has_one_timeout() -> None:
    lanes: dict[str, set[float | None]] = {}
    for reader in QUERIES.values():
        lanes.setdefault(reader.worker, set()).add(reader.timeout)
    assert all(len(timeouts) == 1 for timeouts in lanes.values()), lanes
