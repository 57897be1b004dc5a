"""Volumes as they are told bit by bit: nothing known is forgotten, and late words are dropped."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import fleet
from virttui.model.backend import HostSpec
from virttui.model.errors import HostLost
from virttui.model.identity import ObjectId
from virttui.model.inventory import Volume
from virttui.model.queries import (
    FileUsersQuery,
    FileUsersResult,
    VolumesQuery,
    VolumesResult,
)
from virttui.model.thresholds import Thresholds
from virttui.panes.main.export_rows import records
from virttui.panes.storage.volumes import volumes_pane
from virttui.render.filter import Filter
from virttui.render.glyphs import UNICODE, RenderContext
from virttui.render.line import Run
from virttui.render.list_pane import arrange
from virttui.store.fleet_state import FleetStore

GIB = 1024**3
POOL = ObjectId("kvm01", "pool-default")
ONE = Volume("one", "/srv/default/one", "qcow2", 10 * GIB, GIB)
TWO = Volume("two", "/srv/default/two", "raw", 5 * GIB, GIB)
UNREAD = replace(ONE, format="", capacity=0, allocation=0, known=False)


def store() -> FleetStore:
    made = FleetStore((HostSpec("kvm01", "qemu:///system", "kvm01"),), 0.0, Thresholds())
    made.apply_inventory(fleet.inventory("kvm01"))
    return made


def apply_volumes(made: FleetStore, serial: int, *volumes: Volume, more: bool = False) -> None:
    query = VolumesQuery(POOL, serial=serial)
    made.apply_query_result(VolumesResult(query, volumes=volumes, more_follows=more))


def test_what_is_read_again_is_shown_as_it_was_until_it_was_read() -> None:
    made = store()
    apply_volumes(made, 1, ONE, TWO)
    before = made.fleet_state(0.0, 0.0).volumes[POOL]
    apply_volumes(made, 2, UNREAD, replace(TWO), more=True)
    now = made.fleet_state(0.0, 0.0).volumes[POOL]
    assert all(one is other for one, other in zip(now, before, strict=True))
    grown = replace(ONE, capacity=20 * GIB)
    apply_volumes(made, 2, grown, replace(TWO))
    now = made.fleet_state(0.0, 0.0).volumes[POOL]
    assert now[0] == grown and now[1] is before[1]


def test_an_answer_to_an_older_question_comes_too_late() -> None:
    made = store()
    apply_volumes(made, 2, ONE)
    apply_volumes(made, 1, ONE, TWO)
    assert made.fleet_state(0.0, 0.0).volumes[POOL] == (ONE,)


def test_rows_are_made_anew_only_when_something_is_another() -> None:
    made = store()
    pane = volumes_pane(POOL)
    apply_volumes(made, 1, ONE, TWO)
    rows = pane.rows(made.fleet_state(0.0, 0.0))
    assert pane.rows(made.fleet_state(1.0, 1.0)) is rows
    apply_volumes(made, 2, ONE)
    assert [row.volume.name for row in pane.rows(made.fleet_state(2.0, 2.0))] == ["one"]


def test_what_was_not_read_yet_has_no_size_and_comes_last() -> None:
    made = store()
    pane = volumes_pane(POOL)
    apply_volumes(made, 1, UNREAD, TWO, more=True)
    fleet_state = made.fleet_state(0.0, 0.0)
    assert not pane.ready(fleet_state)
    listing = arrange(pane, fleet_state, pane.choice())
    assert [row.volume.name for row in listing.rows] == ["two", "one"]
    look = RenderContext(UNICODE, True, 0.0, 0.0, Thresholds())
    said = "".join(run.text for run in pane.status_text(listing.rows[1], fleet_state, look))
    assert "is being read" in said
    size = pane.column("size")
    assert size is not None and size.cell(listing.rows[1], look) == "–"


def test_what_was_not_read_yet_is_exported_as_unknown() -> None:
    made = store()
    apply_volumes(made, 1, UNREAD, TWO, more=True)
    unread, whole = records(volumes_pane(POOL).rows(made.fleet_state(0.0, 0.0)))
    assert unread["capacity_bytes"] is None and unread["allocation_bytes"] is None
    assert whole["capacity_bytes"] == 5 * GIB and "known" not in whole


def held(made: FleetStore, *uses: tuple[str, str], unknown: str = "", about: str = "") -> None:
    query = FileUsersQuery(ObjectId("kvm01", ""))
    not_known = ((about, unknown),) if unknown else ()
    made.apply_query_result(FileUsersResult(query, users_by_path=uses, unknown=not_known))


def user_texts(made: FleetStore, name: str) -> tuple[str, str]:
    """What the list says of who uses a volume, and the line below it."""
    pane, fleet_state = volumes_pane(POOL), made.fleet_state(0.0, 0.0)
    row = next(one for one in pane.rows(fleet_state) if one.volume.name == name)
    column = pane.column("users")
    assert column is not None
    look = RenderContext(UNICODE, True, 0.0, 0.0, Thresholds())
    cell = column.cell(row, look)
    line = "".join(run.text for run in pane.status_text(row, fleet_state, look))
    return (cell.text if isinstance(cell, Run) else str(cell)), line


def test_nobody_is_only_said_once_everybody_was_looked_at() -> None:
    made = store()
    apply_volumes(made, 1, ONE, TWO)
    assert user_texts(made, "one")[0] == "not known", "its host did not tell yet"
    held(made)
    assert user_texts(made, "one")[0] == "nobody"
    held(made, unknown="what is in the pool far, which is off")
    cell, line = user_texts(made, "one")
    assert cell == "not known" and "not known: what is in the pool far" in line
    for word in ("used:nobody", "used:known"):
        query = volumes_pane(POOL).language.parse(word)
        found = volumes_pane(POOL).rows(made.fleet_state(0.0, 0.0))
        assert isinstance(query, Filter) and len(query.narrow(found)) == 2, word
    held(made, unknown="whether it is a link", about=TWO.path)
    assert user_texts(made, "one")[0] == "nobody" and user_texts(made, "two")[0] == "not known"
    asked = FileUsersQuery(ObjectId("kvm01", ""))
    made.apply_query_result(FileUsersResult(asked, error=HostLost("kvm01 does not answer now")))
    assert "who uses what: kvm01 does not answer" in user_texts(made, "one")[1]


def test_of_a_name_that_cannot_be_told_nothing_is_claimed() -> None:
    made = store()
    rest = Volume("1 file whose name is no UTF-8", "", known=False)
    top = replace(TWO, name="top", backing="/srv/default/B\ufffdro")
    apply_volumes(made, 1, rest, top)
    held(made)
    assert user_texts(made, rest.name)[0] == "not known"
    assert "missing" not in user_texts(made, "top")[1]


def test_who_uses_a_volume_by_its_host_s_word_is_shown() -> None:
    made = store()
    rel = replace(TWO, name="rel", path="/srv/default/rel", backing=ONE.path)
    apply_volumes(made, 1, ONE, TWO, rel)
    held(made, (ONE.path, "overlay rel"), (ONE.path, "overlay far"), (TWO.path, "data of one"))
    assert user_texts(made, "one")[0] == "2 overlays", "one in this pool, and one elsewhere"
    assert user_texts(made, "two")[0] == "data of one"
    found = volumes_pane(POOL).language.parse("used:nobody")
    assert isinstance(found, Filter)
    rows = volumes_pane(POOL).rows(made.fleet_state(0.0, 0.0))
    assert [row.volume.name for row in found.narrow(rows)] == ["rel"]
