"""Storage that breaks under the hands: each told in words, and nothing else disturbed."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fleet_client import listening, trouble
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.guests import SPARE
from tests.lab.namespaces import enter
from tests.lab.processes import wait_until
from tests.patience import PATIENCE
from virttui.model.commands import Command, Target, Verb
from virttui.model.errors import InvalidInput, Refused
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, Pool
from virttui.model.queries import HostValuesQuery, HostValuesResult
from virttui.model.tasks import TaskState
from virttui.model.volumes import NewVolume, VolumeOperation
from virttui.panes.virsh_equivalent import virsh

from .test_pools import do, known
from .test_upload_download import digest, full, progress, sparse

pytestmark = pytest.mark.lab

MIB = 1024**2

# Mounts a file system whose server never answers; says so, and holds it until it is ended.
_DEAF = """
import ctypes, os, sys, time
fd = os.open('/dev/fuse', os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
data = f'fd={fd},rootmode=40000,user_id=0,group_id=0'.encode()
if libc.mount(b'deaf', sys.argv[1].encode(), b'fuse.deaf', 0, data):
    raise OSError(ctypes.get_errno(), 'mount')
print('deaf', flush=True)
time.sleep(600)
"""


# Takes half of the room there is, at once.
_TAKE = """
import os, sys
left = os.statvfs(os.path.dirname(sys.argv[1]))
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.posix_fallocate(file, 0, left.f_bavail * left.f_frsize // 2)
"""


@contextmanager
def deaf(lab: Lab, folder: str) -> Iterator[None]:
    """A folder of the lab hangs whoever looks at it."""
    line = enter(lab.keeper, "python3", "-c", _DEAF, folder)
    with subprocess.Popen(line, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None and server.stdout.readline() == b"deaf\n"
            yield
        finally:
            server.kill()


def test_a_daemon_that_dies_leaves_no_half_of_a_download(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("dying")
    full(guests.pool_folder(lab) / "there", 1536 * MIB)
    lab.virsh("pool-refresh default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        down = shelf.begin(Verb.DOWNLOAD, "there", file=str(tmp_path / "back"))
        progress(client, down)
        lab.kill_daemon()
        ended = client.done(down)
        assert ended.state is TaskState.FAILED and "the connection broke" in ended.words
        wait_until(lambda: not list(tmp_path.iterdir()), PATIENCE, "the part to be removed")
        lab.start_daemon()
        client.fleet.refresh()
        known(client, "default", True)
        assert (guests.pool_folder(lab) / "there").stat().st_size == 1536 * MIB


def test_a_pool_without_room_gets_nothing_of_an_upload(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("filling")
    guests.limit_spare(lab, 64)
    image = tmp_path / "image"
    full(image, 256 * MIB)
    before = digest(image)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "spare")
        up = shelf.put(Verb.UPLOAD, "image", file=str(image))
        assert up.state is TaskState.FAILED
        assert up.words == "spare is full: image needs 256M, and 64M are free", up
        assert "image" not in shelf.volumes()
        assert "image" not in lab.inside("ls", SPARE)
        assert digest(image) == before, "the source is untouched"
        small = tmp_path / "small"
        sparse(small, 16 * MIB)
        assert shelf.put(Verb.UPLOAD, "small", file=str(small)).state is TaskState.DONE


def test_what_others_wrote_counts_though_libvirt_has_not_looked_since(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("stale")
    guests.limit_spare(lab, 64)
    image = tmp_path / "image"
    full(image, 48 * MIB)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "spare")
        lab.inside("fallocate", "-l", "32M", f"{SPARE}/other")
        up = shelf.put(Verb.UPLOAD, "image", file=str(image))
        assert up.words == "spare is full: image needs 48M, and 32M are free", up
        lab.inside("rm", f"{SPARE}/other")
        assert shelf.put(Verb.UPLOAD, "image", file=str(image)).state is TaskState.DONE


def test_a_pool_that_gets_full_keeps_no_half_of_an_upload(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    """Others take the room while it is written. libvirt 11.3's daemon ends of that."""
    lab = new_lab("filling")
    guests.limit_spare(lab, 1100)
    image = tmp_path / "image"
    full(image, 1024 * MIB)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "spare")
        up = shelf.begin(Verb.UPLOAD, "image", file=str(image))
        progress(client, up)
        lab.inside("python3", "-c", _TAKE, f"{SPARE}/other")
        ended = client.done(up)
        assert ended.state is TaskState.FAILED
        if lab.answers():
            assert "the file system is full" in ended.words, ended
            assert "image" not in shelf.volumes()
        else:
            assert not client.inventory().host.libvirt.startswith("9.0.")
            assert "image in spare is not whole and could not be deleted" in ended.words, ended
            client.wait(lambda: client.phase() is ConnectionState.LOST, what="it is told")
            lab.start_daemon()
            client.fleet.refresh()
            client.wait(lambda: client.phase() is ConnectionState.LIVE, 40, "it is back")
            assert shelf.put(Verb.DELETE, "image").words == "is deleted"
        assert "image" not in lab.inside("ls", SPARE), "what was written is taken away"


def test_a_pool_whose_folder_vanished_is_told_and_harms_no_other(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("vanishing")
    lab.virsh("pool-start spare")
    with listening(lab.uri) as client:
        known(client, "spare", True)
        shutil.rmtree(lab.folder / "lib" / "spare")
        looked = do(client, Verb.REFRESH, "spare")
        assert looked.state is TaskState.FAILED
        assert SPARE in trouble(looked).libvirt_message, looked
        gone = known(client, "spare", False)
        assert isinstance(gone, Pool)
        assert Shelf(client, "default").volumes()
        assert do(client, Verb.BUILD, "spare").state is TaskState.DONE
        assert do(client, Verb.START, "spare").words == "is active"


def test_a_pool_that_hangs_keeps_nothing_else_waiting(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("hanging")
    lab.virsh("define", "/dev/stdin", text=xml.still("other"))
    (lab.folder / "lib" / "spare" / "far").mkdir()
    lab.virsh("pool-start spare")
    with listening(lab.uri) as client:
        client.listed()
        known(client, "spare", True)
        with deaf(lab, f"{SPARE}/far"):
            looking = client.do(Verb.REFRESH, "spare", Kind.POOL)
            client.wait(
                lambda: (
                    (task := client.tasks.get(looking)) and task.state is TaskState.RUNNING and task
                ),
                what="it looks",
            )
            started = client.done(client.do(Verb.START, "other"))
            assert started.words == "is running", "other commands go on"
            client.wait(lambda: client.is_in("other", "running"), what="and so do rows")
            at = client.inventory().at
            client.wait(lambda: client.inventory().at > at + 2, what="the host is live")
            assert client.inventory().current
            assert client.tasks[looking].state is TaskState.RUNNING
        ended = client.done(looking)
        assert ended.state.ended
        assert Shelf(client, "default").volumes(), "and it all comes back"


def test_two_networks_that_want_one_subnet(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("clashing")
    second = """<network><name>second</name><forward mode='nat'/><bridge name='virbr77'/>
    <ip address='192.168.122.1' netmask='255.255.255.0'/></network>"""
    lab.virsh("net-define", "/dev/stdin", text=second)
    with listening(lab.uri) as client:
        client.listed()
        client.wait(lambda: client.network("second"), what="the network is told")
        task = client.done(client.do(Verb.START, "second", Kind.NETWORK))
        assert isinstance(task.trouble, Refused), task
        assert "in use" in task.words
        assert client.the_network("default").active and not client.the_network("second").active


GOOD = ("a b", "-x", "--help", "ünï", "x" * 255, "$(id)", "quo'te\"s", "*")
BAD = ("..", "a/b", "/etc/passwd", "../up", "new\nline", "esc\x1b[31m", "x" * 256, "")


def test_names_of_volumes_are_data(new_lab: Callable[[str], Lab], tmp_path: Path) -> None:
    lab = new_lab("naming")
    folder = guests.pool_folder(lab)
    before = {one.name for one in folder.iterdir()}
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        for name in GOOD:
            made = shelf.put(Verb.CREATE, name, new=NewVolume(name, MIB, "raw", 0))
            assert made.state is TaskState.DONE, made
        assert {one.name for one in folder.iterdir()} - before == set(GOOD)
        for name in BAD:
            bad = shelf.put(Verb.CREATE, name, new=NewVolume(name, MIB, "raw", 0))
            assert bad.state is TaskState.FAILED, name
            assert isinstance(bad.trouble, Refused | InvalidInput), bad
        assert {one.name for one in folder.iterdir()} - before == set(GOOD)
        # Others make what we do not; it is listed as it is, and can be deleted by us.
        (folder / "new\nline").write_bytes(bytes(4096))
        lab.virsh("pool-refresh default")
        told = shelf.volumes()
        for name in ("-x", "--help", "$(id)"):
            target = Target(Kind.VOLUME, ObjectId(client.hosts[0], told[name].path), name)
            work = VolumeOperation(shelf.pool.key, "default")
            line = virsh(Command(Verb.DELETE, target, work), lab.uri)
            subprocess.run(shlex.split(line), check=True, capture_output=True)
        for name in set(shelf.volumes()) & set(GOOD):
            assert shelf.put(Verb.DELETE, name).words == "is deleted"
        assert {one.name for one in folder.iterdir()} - before == {"new\nline"}


def test_a_name_that_is_no_utf8_spoils_no_list(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("latin")
    folder = os.fsencode(guests.pool_folder(lab))
    for name in (b"bad\xff.img", b"M\xfcller.iso"):
        Path(os.fsdecode(folder + b"/" + name)).write_bytes(bytes(4096))
    lab.virsh("pool-refresh default")
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        told = shelf.volumes()
        assert {"data.qcow2", "spare.raw"} < set(told)
        assert not told["2 files whose names are no UTF-8"].known, "they are there, and not read"
        made = shelf.put(Verb.CREATE, "new", new=NewVolume("new", MIB, "raw", 0))
        assert made.state is TaskState.DONE, made
        query = HostValuesQuery(ObjectId(client.hosts[0], ""), serial=1)
        knowledge = client.answer(query, HostValuesResult).host_values
        assert knowledge is not None
        assert "data.qcow2" in str(knowledge)


def test_qemu_img_says_what_a_luks_volume_is(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("locking")
    uuid = "0a8c6a7e-6c0c-4f0e-9a35-5a3a7f1f3b11"
    lab.virsh("secret-define", "/dev/stdin", text=(
        f"<secret ephemeral='no' private='yes'><uuid>{uuid}</uuid>"
        "<usage type='volume'><volume>/locked</volume></usage></secret>"))  # fmt: skip
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        new = NewVolume("locked", 16 * MIB, "raw", 0, secret=uuid)
        without = shelf.put(Verb.CREATE, "locked", new=new)
        assert without.state is TaskState.FAILED, "a secret without a value locks nothing"
        lab.virsh("secret-set-value", uuid, "--base64", "czNjcmV0")
        for one in (new, NewVolume("locked.qcow2", 16 * MIB, "qcow2", 0, secret=uuid)):
            made = shelf.put(Verb.CREATE, one.name, new=one)
            for _ in range(30):  # qemu-img's own measurement fails now and then, more so when busy
                if "could not measure" not in made.words:
                    break
                made = shelf.put(Verb.CREATE, one.name, new=one)
            assert made.state is TaskState.DONE, made
            assert "s3cret" not in repr(made) and "s3cret" not in made.words
            file = guests.pool_folder(lab) / one.name
            told = subprocess.run(
                ["qemu-img", "info", "--output=json", str(file)], capture_output=True, check=True
            )
            info = json.loads(told.stdout)
            kind = info.get("format-specific", {}).get("data", {}).get("encrypt", {})
            assert info["format"] == "luks" or kind.get("format") == "luks", info
        assert b"s3cret" not in (lab.folder / "log" / "libvirtd.log").read_bytes()
