"""Kept definitions: what is written, found again, and left out."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from virttui.model.documents import Document
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.persistence import definition_history
from virttui.settings import state_folder

KEY = ObjectId("kvm01", "9b199ddd-7158-582f-afa1-36269d4fd12c")
WEB = Document(Kind.DOMAIN, KEY, "web-01")

HOSTILE = ("..", ".", "../../up", "/etc/passwd", "two\nlines", "a%2Fb", "\x1b[31mred", "漢字" * 100)


def test_what_was_kept_is_found_again_newest_first() -> None:
    for number in range(3):
        definition_history.save_version(WEB, "edit", f"<domain>{number}</domain>")
    path = definition_history.save_version(WEB, "delete", "<domain>2</domain>")
    found = definition_history.versions_of_key(KEY)
    assert [definition_history.text(entry)[8] for entry in found] == ["2", "2", "1", "0"]
    assert [entry.action for entry in found] == ["delete", "edit", "edit", "edit"]
    assert found[0].path == path and found[0].document == WEB
    assert len({entry.epoch for entry in found}) == 4, "all of them in one second, or less"


def test_only_its_owner_may_look() -> None:
    path = definition_history.save_version(WEB, "edit", "<domain/>")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in path.parents:
        if folder.is_relative_to(state_folder()):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder


def test_the_same_again_is_not_kept_twice() -> None:
    first = definition_history.save_version(WEB, "edit", "<domain>a</domain>")
    assert definition_history.save_version(WEB, "edit", "<domain>a</domain>") == first
    definition_history.save_version(WEB, "edit", "<domain>b</domain>")
    definition_history.save_version(WEB, "edit", "<domain>a</domain>")
    assert len(definition_history.versions_of_key(KEY)) == 3, "there and back again are two changes"


def test_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definition_history, "MAX_VERSIONS", 5)
    other = Document(Kind.SNAPSHOT, KEY, "before", "before")
    definition_history.save_version(other, "edit", "<domainsnapshot/>")
    for number in range(9):
        definition_history.save_version(WEB, "edit", f"<domain>{number}</domain>")
    kept = [definition_history.text(entry)[8] for entry in definition_history.versions_of(WEB)]
    assert kept == ["8", "7", "6", "5", "4"]
    assert definition_history.versions_of(other), "another document's are its own"


def test_snapshots_of_one_domain_are_told_apart() -> None:
    first = Document(Kind.SNAPSHOT, KEY, "first", "first")
    second = Document(Kind.SNAPSHOT, KEY, "second", "second")
    for document in (first, second, WEB):
        definition_history.save_version(document, "edit", f"<{document.name}/>")
    (entry,) = definition_history.versions_of(first)
    assert entry.document == first and definition_history.text(entry) == "<first/>"
    assert len(definition_history.versions_of_key(KEY)) == 3


@pytest.mark.parametrize("name", HOSTILE)
def test_names_lead_nowhere(name: str) -> None:
    document = Document(Kind.INTERFACE, ObjectId(name, name), name)
    if len(name.encode()) > 80:
        document = Document(Kind.DOMAIN, KEY, name)
    path = definition_history.save_version(document, "edit", "<domain/>")
    assert path.resolve().is_relative_to(state_folder().resolve() / "definitions")
    assert len(path.relative_to(state_folder() / "definitions").parts) == 3
    assert path.name.isprintable()
    (entry,) = definition_history.versions_of(document)
    assert name.startswith(entry.document.name) and entry.document.key == document.key
    (found,) = definition_history.latest_versions(document.key.host)
    assert found == entry


def test_files_of_others_are_left_out() -> None:
    folder = definition_history.save_version(WEB, "edit", "<domain/>").parent
    (folder / "notes.txt").write_text("mine")
    (folder / "20261399T000000.000000Z-edit-domain-x.xml").write_text("no such month")
    (folder / "20260101T000000.000000Z-edit-spaceship-x.xml").write_text("no such kind")
    (folder / "20260101T000000Z-broken.xml").write_bytes(b"\xff\xfe")
    (folder / "20260101T000000Z-strange.xml").write_text("<strange/>")
    (folder.parent / "a file").write_text("where folders are")
    assert len(definition_history.versions_of_key(KEY)) == 1
    assert len(definition_history.latest_versions("kvm01")) == 1
    assert (
        definition_history.versions_of_key(ObjectId("kvm01", "never seen"))
        == ()
        == definition_history.latest_versions("no such host")
    )


def test_names_of_before_are_read() -> None:
    """Deletions alone used to be kept, without their action and kind."""
    folder = definition_history.save_version(WEB, "edit", "<domain/>").parent
    (folder / "20200102T030405Z-web_01.xml").write_text("<domain type='kvm'/>\n")
    old = definition_history.versions_of_key(KEY)[-1]
    assert (old.action, old.document.kind, old.document.name) == ("delete", Kind.DOMAIN, "web_01")
    assert old.epoch == 1577934245.0


def test_the_newest_of_each_object_tells_what_was_deleted() -> None:
    lab = Document(Kind.NETWORK, ObjectId("kvm01", "net"), "lab")
    definition_history.save_version(WEB, "edit", "<domain>1</domain>")
    definition_history.save_version(lab, "delete", "<network/>")
    definition_history.save_version(WEB, "delete", "<domain>2</domain>")
    definition_history.save_version(
        Document(Kind.POOL, ObjectId("kvm02", "pool"), "other"), "delete", "<pool/>"
    )
    found = definition_history.latest_versions("kvm01")
    assert [(e.document, e.action) for e in found] == [(WEB, "delete"), (lab, "delete")]


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = definition_history.save_version(WEB, "edit", "<domain/>").parent

    def full(_number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="nothing was changed") as raised:
        definition_history.save_version(WEB, "edit", "<domain>new</domain>")
    assert "No space" in raised.value.libvirt_message
    assert len(list(folder.iterdir())) == 1


def test_an_entry_that_went_is_told(tmp_path: Path) -> None:
    entry = definition_history.DefinitionVersion(tmp_path / "gone.xml", 0.0, "edit", WEB)
    with pytest.raises(InvalidInput, match="cannot be read"):
        definition_history.text(entry)
