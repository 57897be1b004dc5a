"""Operating systems read from a database of osinfo's layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui.model.provision.domain_spec import IsoDescriptor, ResourceNeeds
from virttui.planning.osinfo.catalog import OsCatalog, os_catalog
from virttui.planning.osinfo.database import FOLDERS

GIB = 1024**3


def put(folder: Path, place: str, inner: str) -> None:
    file = folder / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"<libosinfo version='0.0.1'>{inner}</libosinfo>")


def device(folder: Path, id: str, name: str) -> None:
    put(folder, f"device/x/{name}.xml", f"<device id='{id}'><name>{name}</name></device>")


def system(id: str, inner: str, family: str = "linux") -> str:
    return (
        f"<os id='http://x/{id}'><short-id>{id}</short-id><name xml:lang='de'>Nein</name>"
        f"<name>The {id}</name><family>{family}</family>{inner}</os>"
    )


def iso(fields: str) -> str:
    return f"<media arch='x86_64'><iso>{fields}</iso></media>"


@pytest.fixture
def known(tmp_path: Path) -> OsCatalog:
    share, own = tmp_path / "share", tmp_path / "own"
    for name in ("virtio-net", "virtio1.0-net", "virtio1.0-gpu"):
        device(share, f"http://d/{name}", name)
    needs = (
        "<resources arch='all'><minimum><n-cpus>1</n-cpus><ram>1073741824</ram></minimum>"
        "<recommended><ram>2147483648</ram></recommended></resources>"
        "<resources arch='x86_64'><minimum><ram>2147483648</ram></minimum></resources>"
    )
    put(share, "os/x/a1.xml", system(
        "a1", "<short-id>alpha</short-id><version>1</version><codename>Buster</codename>"
        "<release-date>2019-01-01</release-date>" + needs +
        "<devices><device id='http://d/virtio-net'/><device id='http://d/virtio1.0-gpu'/></devices>"
        + iso("<volume-id>^A 1</volume-id>")))  # fmt: skip
    put(share, "os/x/a2.xml", system(
        "a2", "<version>2</version><release-date>2021-01-01</release-date>"
        "<derives-from id='http://x/a1'/><resources arch='all' inherit='true'/>"
        "<devices><device id='http://d/virtio1.0-net'/>"
        "<device id='http://d/virtio1.0-gpu' supported='false'/></devices>"
        + iso("<volume-id>A \\d</volume-id><system-id>LINUX</system-id>")))  # fmt: skip
    put(share, "os/x/a3.xml", system(
        "a3", "<clones id='http://x/a2'/><clones id='http://x/a3'/><clones id='http://gone'/>"
        "<devices><device id='http://d/virtio1.0-gpu' supported='true'/></devices>"
        + iso("<volume-id>A (unclosed</volume-id>")))  # fmt: skip
    put(share, "os/x/w11.xml", system(
        "w11", "<firmware arch='x86_64' type='efi'/>"
        "<firmware arch='x86_64' type='bios' supported='false'/>", "winnt"))  # fmt: skip
    put(share, "os/x/b.xml", system("b-unknown", "<distro>more</distro>" + iso(
        "<volume-id>^B</volume-id>")))  # fmt: skip
    put(share, "os/x/gone.xml", system("gone", ""))
    put(share, "os/x/changed.xml", system("changed", "<version>8</version>"))
    put(own, "os/x/changed.xml", system("changed", "<version>9</version>"))
    put(own, "os/x/a1.d/more.xml", "<os id='http://x/a1'><distro>more</distro></os>")
    (own / "os/x/gone.xml").write_text("")
    (own / "os/x/broken.xml").write_text("<libosinfo><os>")
    return os_catalog((share, own, tmp_path / "missing"))


def test_what_it_comes_from_counts_until_it_says_otherwise(known: OsCatalog) -> None:
    assert known.by_id("a1").devices == {"virtio-net", "virtio1.0-gpu"}
    assert known.by_id("a2").devices == {"virtio-net", "virtio1.0-net"}
    assert known.by_id("a3").devices == {"virtio-net", "virtio1.0-net", "virtio1.0-gpu"}


def test_needs_are_of_the_architecture_and_handed_down(known: OsCatalog) -> None:
    first, second = known.by_id("a1"), known.by_id("a2")
    assert first.minimum == second.minimum == ResourceNeeds(1, 2 * GIB, 0)
    assert first.recommended == second.recommended == ResourceNeeds(0, 2 * GIB, 0)


def test_names_are_in_english_and_ids_have_others(known: OsCatalog) -> None:
    assert known.by_id("alpha") == known.by_id("a1")
    assert known.by_id("a1").name == "The a1"
    assert known.by_id("a1").uri == "http://x/a1"


def test_later_folders_count(known: OsCatalog) -> None:
    assert known.by_id("changed").version == "9"
    assert known.by_id("a1").distro == "more"
    assert not known.by_id("gone").known


def test_an_unknown_one_is_a_stand_in(known: OsCatalog) -> None:
    unknown = known.by_id("plan9")
    assert (unknown.id, unknown.known, unknown.devices) == ("plan9", False, frozenset())


def test_firmwares_are_told_where_they_are_known(known: OsCatalog) -> None:
    assert known.by_id("w11").firmwares == {"efi", "efi-secure"}
    assert known.by_id("a1").firmwares == frozenset()


def test_the_newest_of_a_family_comes_first(known: OsCatalog) -> None:
    assert [one.id for one in known.all] == ["changed", "a2", "a1", "a3", "b-unknown", "w11"]


def test_all_words_are_searched(known: OsCatalog) -> None:
    assert [one.id for one in known.search("the A1")] == ["a1"]
    assert [one.id for one in known.search("buster")] == ["a1"]
    assert [one.id for one in known.search("a3")] == ["a3"]
    assert known.search("a1 windows") == ()
    assert known.search("") == known.all


def test_media_are_told_by_most_of_their_fields(known: OsCatalog) -> None:
    assert [one.id for one in known.detect(IsoDescriptor("A 1", "LINUX"))] == ["a2", "a1"]
    assert [one.id for one in known.detect(IsoDescriptor("A 1"))] == ["a1"]
    assert known.detect(IsoDescriptor("C")) == ()


def test_a_newer_medium_is_told_by_the_one_before(known: OsCatalog) -> None:
    (told,) = known.detect(IsoDescriptor("A 27"))
    assert (told.id, told.name) == ("a1", "The a1 or later")
    (told,) = known.detect(IsoDescriptor("A17 A 55", "LINUX"))
    assert told.id == "a2"


def test_an_entry_for_whatever_comes_gives_way_to_one_that_knows_more(known: OsCatalog) -> None:
    (told,) = known.detect(IsoDescriptor("B 12"))
    assert (told.id, told.devices) == ("a1", frozenset({"virtio-net", "virtio1.0-gpu"}))


def test_a_user_without_a_home_has_the_others(tmp_path: Path) -> None:
    put(tmp_path, "os/x/a.xml", system("a", ""))
    assert [one.id for one in os_catalog((tmp_path, Path("~nobody-there/osinfo"))).all] == ["a"]


def test_without_a_database_a_few_are_shipped(tmp_path: Path) -> None:
    few = os_catalog((tmp_path,))
    assert {one.family for one in few.all} >= {"linux", "winnt"}
    assert "virtio1.0-block" in few.by_id("linux2022").devices
    assert few.by_id("win11").firmwares == {"efi", "efi-secure"}
    assert few.detect(IsoDescriptor("Debian 12 amd64 n")) == ()
    assert not few.by_id("debian12").known


@pytest.mark.skipif(not (FOLDERS[0] / "os").is_dir(), reason="osinfo-db is not installed")
@pytest.mark.parametrize(
    ("media", "id"),
    [
        (IsoDescriptor("Debian 11.5.0 amd64 n"), "debian11"),
        (IsoDescriptor("Ubuntu-Server 22.04.1 LTS amd64"), "ubuntu22.04"),
        (IsoDescriptor("Fedora-S-dvd-x86_64-37", "LINUX"), "fedora37"),
        (IsoDescriptor("RHEL-9-1-0-BaseOS-x86_64", "LINUX"), "rhel9.1"),
        (IsoDescriptor("CCCOMA_X64FRE_EN-US_DV9", "", "MICROSOFT CORPORATION"), "win11"),
        (IsoDescriptor("13_1_RELEASE_AMD64_CD", "FreeBSD"), "freebsd13.1"),
        (IsoDescriptor("Debian 99.1.0 amd64 n"), "debian"),
        (IsoDescriptor("Ubuntu-Server 98.04 LTS amd64"), "ubuntu"),
        (IsoDescriptor("Fedora-S-dvd-x86_64-99", "LINUX"), "fedora"),
    ],
)
def test_known_media_are_detected(media: IsoDescriptor, id: str) -> None:
    """The last ones are of no version yet: the newest that is known stands for them."""
    assert any(one.id.startswith(id) for one in os_catalog().detect(media)[:2])
