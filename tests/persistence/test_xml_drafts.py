"""Unfinished edits: saved, found again, and never in the way when their file is broken."""

from __future__ import annotations

import json
import stat

import pytest
from msgspec.structs import replace

from virttui.model.documents import Document
from virttui.model.identity import Kind, ObjectId
from virttui.persistence import xml_drafts
from virttui.persistence.xml_drafts import Draft
from virttui.settings import state_folder

WEB = Document(Kind.DOMAIN, ObjectId("kvm01", "9b199ddd-7158-582f-afa1-36269d4fd12c"), "web-01")
DRAFT = Draft(WEB, "<domain/>", "<domain>\n  <na", 1, 5, 1700000000.5)


def test_a_draft_is_whole_when_it_is_found_again() -> None:
    xml_drafts.save(DRAFT)
    assert xml_drafts.load(WEB) == DRAFT
    xml_drafts.save(replace(DRAFT, base=None, text="", saved_epoch=1700000001.0))
    later = xml_drafts.load(WEB)
    assert later is not None and later.base is None
    assert len(xml_drafts.all_drafts()) == 1
    xml_drafts.delete(WEB)
    xml_drafts.delete(WEB)
    assert xml_drafts.load(WEB) is None and xml_drafts.all_drafts() == ()


def test_what_was_typed_is_for_its_owner_alone() -> None:
    xml_drafts.save(DRAFT)
    (path,) = (state_folder() / "drafts").rglob("*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "<domain" not in repr(DRAFT)


@pytest.mark.parametrize("name", ["..", "/etc/passwd", "two\nlines", "漢字" * 200, "\udce4"])
def test_hostile_names_are_data(name: str) -> None:
    document = Document(Kind.SNAPSHOT, ObjectId("..", name), name, part=name)
    xml_drafts.save(replace(DRAFT, document=document))
    (path,) = state_folder().rglob("*.json")
    assert len(path.resolve().relative_to(state_folder().resolve()).parts) == 3
    found = xml_drafts.load(document)
    assert found is not None and found.document == document


def test_documents_of_one_key_have_drafts_of_their_own() -> None:
    snapshot = Document(Kind.SNAPSHOT, WEB.key, "before", "before")
    later = replace(DRAFT, document=snapshot, saved_epoch=DRAFT.saved_epoch + 1)
    xml_drafts.save(DRAFT)
    xml_drafts.save(later)
    assert xml_drafts.load(snapshot) == later and xml_drafts.load(WEB) == DRAFT
    assert xml_drafts.all_drafts() == (later, DRAFT)


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"kind": "domain"}',
        b'{"line": "no"}',
        b"[" * 100_000,
    ],
)
def test_a_broken_file_is_no_draft(broken: bytes) -> None:
    xml_drafts.save(DRAFT)
    (path,) = state_folder().rglob("*.json")
    path.write_bytes(broken)
    assert xml_drafts.load(WEB) is None and xml_drafts.all_drafts() == ()
    xml_drafts.save(DRAFT)
    assert xml_drafts.load(WEB) == DRAFT, "and is written over"


@pytest.mark.parametrize(
    "error", [{"line": None}, {"kind": "spaceship"}, {"text": 3}, {"saved_epoch": "now"}]
)
def test_a_record_of_something_else_is_no_draft(error: dict[str, object]) -> None:
    xml_drafts.save(DRAFT)
    (path,) = state_folder().rglob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **error}))
    assert xml_drafts.load(WEB) is None


def test_another_documents_file_is_no_draft_of_this_one() -> None:
    xml_drafts.save(DRAFT)
    (path,) = state_folder().rglob("*.json")
    other = Document(Kind.DOMAIN, ObjectId("kvm01", "another"), "db-01")
    xml_drafts.save(replace(DRAFT, document=other))
    (copied,) = (p for p in state_folder().rglob("*.json") if p != path)
    copied.write_bytes(path.read_bytes())
    assert xml_drafts.load(other) is None and xml_drafts.load(WEB) == DRAFT
