"""What pools could be made of, looked for by a real libvirtd with the host's own tools."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.lab.daemon import Lab
from virttui.model.errors import Refused, TimedOut, Unsupported
from virttui.model.identity import ObjectId
from virttui.model.provision.network_pool import PoolSource, PoolSourceSearch
from virttui.model.queries import (
    HostEnvironmentQuery,
    HostEnvironmentResult,
    PoolSourcesQuery,
    PoolSourcesResult,
    VolumesQuery,
    VolumesResult,
)

pytestmark = pytest.mark.lab

SHOWMOUNT = "#!/bin/sh\ncase $* in *silent*) sleep 600;; esac\necho '/export/vms (everyone)'\n"


def look(client: RecordingClient, search: PoolSourceSearch) -> PoolSourcesResult:
    key = ObjectId(client.hosts[0], "")
    query = PoolSourcesQuery(key, search, serial=uuid4().int)
    return client.answer(query, PoolSourcesResult, 40)


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
        unable = look(client, PoolSourceSearch("gluster", "localhost"))
        assert isinstance(unable.error, Unsupported), unable
        assert unable.error.message == "this libvirt cannot look for gluster sources"
        for search in (PoolSourceSearch("logical"), PoolSourceSearch("iscsi", "localhost")):
            told = look(client, search)
            # Whether LVM and iSCSI are installed here is the machine's own business.
            if isinstance(told.error, Refused):
                assert "looks with" in told.error.message or "could not look" in (
                    told.error.message
                )
                assert "/" not in told.error.message, "no paths of programs"
            else:
                assert told.error is None


def test_shares_of_a_server_are_found_and_a_silent_one_holds_nobody_up(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("sources")
    with listening(lab.uri) as client:
        client.listed()
        none = look(client, PoolSourceSearch("netfs", "nas01"))
        assert isinstance(none.error, Refused) and "showmount" in none.error.message
        program(lab, "showmount", SHOWMOUNT)
        found = look(client, PoolSourceSearch("netfs", "nas01"))
        assert found.sources == (PoolSource(dir="/export/vms", format="nfs"),), found

        search = PoolSourceSearch("netfs", "silent")
        silent = PoolSourcesQuery(ObjectId(client.hosts[0], ""), search, serial=1)
        client.fleet.ask(silent)
        pool = client.wait(lambda: client.pool("default"))
        volumes = VolumesQuery(pool.key, serial=2)
        assert client.answer(volumes, VolumesResult).volumes is not None
        assert client.answer(
            HostEnvironmentQuery(silent.key, serial=3), HostEnvironmentResult
        ).environment
        assert not any(one.query == silent for one in client.results), "others come first"
        told = client.wait(
            lambda: next((a for a in client.results if a.query == silent), None), 40, "an answer"
        )
        assert isinstance(told.error, TimedOut)
        assert told.error.message == "silent does not answer libvirt"
        assert look(client, PoolSourceSearch("netfs", "nas01")).sources == found.sources, (
            "others are looked for"
        )
