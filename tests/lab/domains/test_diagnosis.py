"""Why a domain did not start or went down: libvirt's words, the end of its QEMU log, a cause."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.fleet_client import RecordingClient, listening, trouble
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from virttui.model.commands import Verb
from virttui.model.domains.diagnosis import Diagnosis
from virttui.model.queries import DiagnosisQuery, DiagnosisResult
from virttui.model.tasks import Task, TaskState

pytestmark = pytest.mark.lab

QEMU_SPACE = "xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'"


@pytest.fixture
def bare(new_lab: Callable[[str], Lab]) -> Lab:
    return new_lab("why")


def define(lab: Lab, name: str, devices: str = "", arguments: str = "") -> None:
    """The smallest guest, with more devices and arguments of QEMU's own."""
    definition = xml.still(name).replace("</devices>", f"{devices}</devices>")
    if arguments:
        told = "".join(f"<qemu:arg value='{word}'/>" for word in arguments.split())
        told = f"<qemu:commandline>{told}</qemu:commandline></domain>"
        definition = definition.replace("<domain ", f"<domain {QEMU_SPACE} ")
        definition = definition.replace("</domain>", told)
    lab.virsh("define", "/dev/stdin", text=definition)


def disk(source: str, kind: str = "file") -> str:
    return (
        f"<disk type='{kind}' device='disk'><driver name='qemu' type='raw'/><source {source}/>"
        "<target dev='hda' bus='ide'/></disk>"
    )


def refused(client: RecordingClient, name: str) -> Task:
    """Start a domain that cannot be started."""
    task = client.done(client.do(Verb.START, name))
    assert task.state is TaskState.FAILED and task.trouble is not None, task
    return task


def why(client: RecordingClient, name: str) -> Diagnosis:
    key = client.target(name).key
    answer = client.answer(DiagnosisQuery(key, serial=len(client.results)), DiagnosisResult)
    assert answer.diagnosis is not None, answer
    return answer.diagnosis


def test_a_disk_that_is_not_there(bare: Lab) -> None:
    define(bare, "diskless", disk("file='/var/lib/libvirt/images/nowhere.raw'"))
    with listening(bare.uri) as client:
        client.listed()
        task = refused(client, "diskless")
        assert task.words == "/var/lib/libvirt/images/nowhere.raw is not there"
        assert "/nowhere.raw" in trouble(task).libvirt_message and "pool" in trouble(task).advice
        found = why(client, "diskless")
        # libvirt looked for the file itself: there was no QEMU to write a log.
        (line,) = found.log
        assert line.endswith("shutting down, reason=failed") and not found.cause
        assert found.messages is not None


def test_a_pool_that_is_off(bare: Lab) -> None:
    define(bare, "poolless", disk("pool='spare' volume='some.raw'", "volume"))
    with listening(bare.uri) as client:
        client.listed()
        task = refused(client, "poolless")
        assert task.words == "pool spare is off"
        assert "3, s" in trouble(task).advice
        assert not why(client, "poolless").cause


def test_an_argument_that_qemu_does_not_know(bare: Lab) -> None:
    define(bare, "odd one", arguments="-nonsense 3")
    with listening(bare.uri) as client:
        client.listed()
        task = refused(client, "odd one")
        assert "-nonsense" in trouble(task).libvirt_message
        found = why(client, "odd one")
        assert any("-nonsense: invalid option" in line for line in found.log)
        assert found.log_note == "/var/log/libvirt/qemu/odd one.log", "as the lab's daemon sees it"
        assert found.cause == "QEMU does not know the option -nonsense"
        assert "qemu:commandline" in found.advice


def test_a_file_that_only_qemu_misses(bare: Lab) -> None:
    define(bare, "romless", arguments="-drive file=/nowhere/rom.img,if=none,id=more")
    with listening(bare.uri) as client:
        client.listed()
        refused(client, "romless")
        found = why(client, "romless")
        assert found.cause == "its file /nowhere/rom.img is not there", found.log
        assert found.advice


def test_a_crash(bare: Lab) -> None:
    guests.define_still(bare, "mortal")
    with listening(bare.uri) as client:
        client.listed()
        os.kill(bare.guest_pid("mortal"), signal.SIGSEGV)
        client.wait(lambda: client.is_in("mortal", "shutoff") and client.domain("mortal"))
        client.wait(lambda: client.the_domain("mortal").reason == "crashed", what="its row says so")
        found = why(client, "mortal")
        assert found.cause == "its QEMU crashed" and "reason=crashed" in found.log[-1]
        bare.virsh("start", "mortal", "--paused")
        client.wait(lambda: client.is_in("mortal", "paused"))
        # A life that went well after it tells of no trouble, though the log still has the crash.
        assert client.done(client.do(Verb.FORCE_OFF, "mortal")).state is TaskState.DONE
        found = why(client, "mortal")
        assert any("reason=crashed" in line for line in found.log) and not found.cause


def test_the_log_of_a_domain_that_is_gone(bare: Lab) -> None:
    guests.define_still(bare, "short", start=False)
    with listening(bare.uri) as client:
        client.listed()
        query = DiagnosisQuery(client.target("short").key)
        bare.virsh("undefine", "short")
        answer = client.answer(query, DiagnosisResult)
        assert answer.error is not None and answer.error.message == "the domain is gone"
