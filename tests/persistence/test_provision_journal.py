"""The journal of what is made: there before the first piece, and told once nobody writes it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from virttui.model.errors import Refused
from virttui.model.identity import ObjectId
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.persistence import provision_journal
from virttui.persistence.provision_journal import Journal
from virttui.settings import state_folder

WEB = ObjectId("qemu+ssh://kvm01/system", "9b199ddd-7158-582f-afa1-36269d4fd12c")
DISK = CreatedResource(ResourceKind.VOLUME, "web-02 ü\n.qcow2", "pool-uuid", "default")


def paths() -> list[Path]:
    return list((state_folder() / "making").rglob("*.jsonl"))


def test_what_was_cut_off_is_told_and_forgotten() -> None:
    one = Journal(WEB, "web-02", runs=True)
    one.note(DISK)
    one.note(CreatedResource(ResourceKind.FILE, "/nvram/web-02.fd"))
    assert provision_journal.interrupted_journals(WEB.host) == (), "it is being written"
    one.close(done=False)
    (cut,) = provision_journal.interrupted_journals(WEB.host)
    assert (cut.key, cut.name, cut.was_starting) == (WEB, "web-02", True)
    assert cut.resources == (DISK, CreatedResource(ResourceKind.FILE, "/nvram/web-02.fd"))
    assert provision_journal.interrupted_journals("another host") == ()
    (path,) = paths()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    provision_journal.delete_journal(WEB.host, "../../elsewhere")
    provision_journal.delete_journal(WEB.host, cut.path.name)
    assert provision_journal.interrupted_journals(WEB.host) == () and paths() == []


def test_what_is_done_leaves_nothing() -> None:
    one, other = Journal(WEB, "web-02"), Journal(WEB, "web-02")
    one.note(DISK)
    one.close(done=True)
    other.close(done=True)
    assert paths() == []


def test_what_is_made_anew_is_told_by_no_older_journal() -> None:
    other = CreatedResource(ResourceKind.VOLUME, "seed.iso", "pool-uuid", "default")
    for pieces in ((DISK, other), (DISK,)):
        one = Journal(WEB, "web-02", what="making")
        for piece in pieces:
            one.note(piece)
        one.close(done=False)
        assert [cut.resources for cut in provision_journal.interrupted_journals(WEB.host)][
            -1
        ] == pieces
    assert [cut.resources for cut in provision_journal.interrupted_journals(WEB.host)] == [
        (other,),
        (DISK,),
    ]
    again = Journal(WEB, "web-02", what="uploading")
    again.note(DISK)
    assert [cut.resources for cut in provision_journal.interrupted_journals(WEB.host)] == [(other,)]
    again.close(done=False)
    journals = provision_journal.interrupted_journals(WEB.host)
    assert [(cut.operation, cut.resources) for cut in journals] == [
        ("making", (other,)), ("uploading", (DISK,)),
    ]  # fmt: skip


def test_a_process_that_is_killed_lets_go_of_it() -> None:
    code = (
        "import os, signal; from tests.persistence.test_provision_journal import *\n"
        "Journal(WEB, 'web-02').note(DISK); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=False, env=dict(os.environ))
    (cut,) = provision_journal.interrupted_journals(WEB.host)
    assert cut.resources == (DISK,)


def test_what_makes_no_sense_is_left_out() -> None:
    one = Journal(WEB, "web-02")
    one.note(DISK)
    one.close(done=False)
    (path,) = paths()
    whole = path.read_text()
    path.write_text(whole + '{"part": "volume", "na')
    assert provision_journal.interrupted_journals(WEB.host)[0].resources == (DISK,), (
        "the last line was cut off, too"
    )
    path.write_text(whole + '{"part": "moon", "name": "x", "pool": "", "pool_name": ""}\n[1]\n')
    assert provision_journal.interrupted_journals(WEB.host)[0].resources == (DISK,)
    for text in ("", "[]\n", "\udcff".encode("utf-8", "surrogatepass").hex(), '{"uuid": 3}\n'):
        path.write_text(text)
        assert provision_journal.interrupted_journals(WEB.host) == ()


def test_without_a_place_for_it_nothing_is_made() -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / "making").write_text("in the way")
    with pytest.raises(Refused, match="journal cannot be written"):
        Journal(WEB, "web-02")
    assert provision_journal.interrupted_journals(WEB.host) == ()
