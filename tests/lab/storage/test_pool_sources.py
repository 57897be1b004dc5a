"""What pools could be made of, looked for by a real libvirtd with the host's own tools."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab.daemon import Lab
from virttui.model.errors import Refused, TimedOut, Unsupported
from virttui.model.identity import Kind, ObjectId
from virttui.model.provision.network_pool import PoolSource, PoolSourceQuery
from virttui.model.queries import Query, QueryKind, QueryResult

pytestmark = pytest.mark.lab

SHOWMOUNT = "#!/bin/sh\ncase $* in *silent*) sleep 600;; esac\necho '/export/vms (everyone)'\n"


def look(client: RecordingClient, seek: PoolSourceQuery) -> QueryResult:
    key = ObjectId(client.hosts[0], "")
    question = Query(QueryKind.SOURCES, Kind.HOST, key, uuid4().int, seek=seek)
    client.fleet.ask(question)
    return client.wait(
        lambda: next((a for a in client.answers if a.question == question), None), 40, str(seek)
    )


def program(lab: Lab, name: str, script: str) -> None:
    """Have the lab's daemon find a program beside those of the machine."""
    folder = lab.folder / "sbin"
    folder.mkdir()
    (folder / name).write_text(script)
    (folder / name).chmod(0o755)
    lower = f"lowerdir={folder}:/usr/sbin"
    lab.inside("mount", "-t", "overlay", "overlay", "-o", lower, "/usr/sbin")


def test_what_libvirt_cannot_look_for_is_told_in_words(lab: Lab) -> None:
    with listening(lab.uri) as client:
        client.listed()
        unable = look(client, PoolSourceQuery("gluster", "localhost"))
        assert isinstance(unable.trouble, Unsupported), unable
        assert unable.trouble.message == "this libvirt cannot look for gluster sources"
        for seek in (PoolSourceQuery("logical"), PoolSourceQuery("iscsi", "localhost")):
            told = look(client, seek)
            # Whether LVM and iSCSI are installed here is the machine's own business.
            if isinstance(told.trouble, Refused):
                assert "looks with" in told.trouble.message or "could not look" in (
                    told.trouble.message
                )
                assert "/" not in told.trouble.message, "no paths of programs"
            else:
                assert told.trouble is None


def test_shares_of_a_server_are_found_and_a_silent_one_holds_nobody_up(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("sources")
    with listening(lab.uri) as client:
        client.listed()
        none = look(client, PoolSourceQuery("netfs", "nas01"))
        assert isinstance(none.trouble, Refused) and "showmount" in none.trouble.message
        program(lab, "showmount", SHOWMOUNT)
        found = look(client, PoolSourceQuery("netfs", "nas01"))
        assert found.sources == (PoolSource(dir="/export/vms", format="nfs"),), found

        silent = Query(QueryKind.SOURCES, Kind.HOST, ObjectId(client.hosts[0], ""), 1,
                          seek=PoolSourceQuery("netfs", "silent"))  # fmt: skip
        client.fleet.ask(silent)
        pool = client.wait(lambda: client.pool("default"))
        volumes = Query(QueryKind.VOLUMES, Kind.POOL, pool.key, 2)
        assert client.answer(volumes).volumes is not None
        assert client.answer(Query(QueryKind.SURROUNDINGS, Kind.HOST, silent.key, 3)).surroundings
        assert not any(one.question == silent for one in client.answers), "others come first"
        told = client.wait(
            lambda: next((a for a in client.answers if a.question == silent), None), 40, "an answer"
        )
        assert isinstance(told.trouble, TimedOut)
        assert told.trouble.message == "silent does not answer libvirt"
        assert look(client, PoolSourceQuery("netfs", "nas01")).sources == found.sources, (
            "others are looked for"
        )
