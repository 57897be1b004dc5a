"""Volumes from forms: their fields, their XML, sizes as they are typed."""

from __future__ import annotations

import pytest

from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.inventory import Volume
from virttui.model.volumes import NewVolume, PoolContext
from virttui.planning.network_pool.volume import form_fields, new_size, plan, volume_xml

GIB = 1024**3
BASE = Volume("base.qcow2", "/srv/base.qcow2", "qcow2", 4 * GIB, GIB)
DIR = PoolContext("dir", 10 * GIB, (BASE, Volume("a.iso", "/srv/a.iso", "iso", GIB, GIB)))
LVM = PoolContext("logical", 10 * GIB)


def fields(room: PoolContext, **entered: str) -> dict[str, str]:
    return {one.name: one.value for one in form_fields(entered, room)}


def test_what_a_pool_of_files_asks_for() -> None:
    assert fields(DIR) == {
        "name": "", "format": "qcow2", "backing": "", "size": "20G", "preallocate": "no",
    }  # fmt: skip
    assert "backing" not in fields(DIR, format="raw")
    assert fields(LVM) == {"name": "", "format": "raw", "size": "20G"}
    secured = PoolContext("dir", GIB, (), (Option("uuid", "luks"),))
    assert fields(secured)["secret"] == "no"


def test_an_overlay_is_as_large_as_what_lies_under_it() -> None:
    assert fields(DIR, backing="base.qcow2")["size"] == "4G"
    new = plan({"name": "web", "backing": "base.qcow2"}, DIR)
    assert (new.backing, new.backing_format) == ("/srv/base.qcow2", "qcow2")
    by_path = plan({"name": "web", "backing": "/x/y", "backing_format": "raw"}, DIR)
    assert (by_path.backing, by_path.backing_format) == ("/x/y", "raw")


@pytest.mark.parametrize(
    ("entered", "room", "error"),
    [
        ({}, DIR, "its name is missing"),
        ({"name": "a/b"}, DIR, "a/b is not a valid volume name"),
        ({"name": ".."}, DIR, ".. is not a valid volume name"),
        ({"name": "base.qcow2"}, DIR, "base.qcow2 is there already"),
        ({"name": "v", "size": "much"}, DIR, "much is not a size"),
        ({"name": "v", "size": "1"}, DIR, "smaller than a sector"),
        ({"name": "v", "backing": "lost"}, DIR, "no volume here is called lost"),
        ({"name": "v", "size": "11G", "preallocate": "full"}, DIR, "less space than that"),
    ],
)
def test_what_makes_no_volume(entered: dict[str, str], room: PoolContext, error: str) -> None:
    with pytest.raises(InvalidInput, match=error.replace("..", r"\.\.")):
        plan(entered, room)


def test_the_xml_of_a_volume() -> None:
    whole = NewVolume(
        "<v>", GIB, "qcow2", 0, backing="/srv/b&c", backing_format="raw", secret="11-22"
    )
    text = volume_xml(whole)
    assert "<name>&lt;v&gt;</name>" in text
    assert "<capacity unit='bytes'>1073741824</capacity>" in text
    assert "<allocation unit='bytes'>0</allocation>" in text
    assert "<path>/srv/b&amp;c</path>" in text
    assert "<encryption format='luks'>" in text and "uuid='11-22'" in text
    assert "target" not in volume_xml(NewVolume("v", GIB)), "a pool without files has no format"


def test_space_is_taken_as_asked() -> None:
    assert plan({"name": "v", "size": "2G"}, DIR).allocation == 0
    assert plan({"name": "v", "size": "2G", "preallocate": "full"}, DIR).allocation == 2 * GIB
    tables = plan({"name": "v", "size": "2G", "preallocate": "metadata"}, DIR)
    assert tables.metadata and tables.allocation == 0
    assert plan({"name": "v"}, LVM).allocation is None


def test_sizes_as_typed() -> None:
    assert new_size("40G", GIB) == 40 * GIB
    assert new_size(" +1.5G ", GIB) == int(2.5 * GIB)
    for words in ("", "1G", "-5G", "+", "100"):
        with pytest.raises(InvalidInput):
            new_size(words, GIB)
