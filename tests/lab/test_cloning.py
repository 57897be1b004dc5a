"""Clones on a lab: made whole or not at all, whatever the source does meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.ears import Ears, listening
from tests.hypervisor.test_volumes import Shelf
from virttui.definitions.cloning import planned
from virttui.model.cloning import CloneSource, Cloning
from virttui.model.commands import AT_ONCE, Command, Pace, Target, Verb
from virttui.model.errors import BadInput, Refused
from virttui.model.identity import Key, Kind
from virttui.model.news import Ask, Question
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import VolumeWork
from virttui.panes.cloning import sites
from virttui.panes.offering import macs
from virttui.panes.survey import Survey

from . import guests, xml
from .daemon import Lab
from .processes import wait_until
from .test_details import told

pytestmark = pytest.mark.lab

MIB = 1024**2
STEPWISE = Pace(stop_at_failure=True, one_by_one=True)


def source(ears: Ears, name: str) -> CloneSource:
    """What a host tells of a domain that is to be cloned."""
    ears.wait(lambda: (one := ears.pool("default")) and one.active, what="its pool is told")
    key = ears.target(name).key
    answer = ears.answer(Question(Ask.CLONE, Kind.DOMAIN, key, len(ears.answers)))
    assert answer.clone is not None, answer
    return answer.clone


def survey(ears: Ears) -> Survey:
    return Survey(inventories=dict(ears.inventories))


def plan(ears: Ears, name: str, new: str, **given: str) -> Cloning:
    """What the form comes to."""
    values = {"name": new, **{key.replace("_", " "): value for key, value in given.items()}}
    found = source(ears, name)
    known = survey(ears)
    return planned(values, found, sites(known, found.key), macs(known))


def made(ears: Ears, what: Cloning, seconds: float = 60) -> list[Task]:
    ids = ears.fleet.submit(what.commands, STEPWISE if what.stepwise else AT_ONCE)
    return [ears.done(id, seconds) for id in ids]


def well(tasks: Sequence[Task]) -> None:
    for task in tasks:
        assert task.state is TaskState.DONE, task


def off(lab: Lab, name: str, *volumes: str, domain: Callable[[str], str] = xml.still) -> None:
    """A machine that is off, with these volumes of its pool as disks."""
    disks = "".join(
        f"<disk type='file'><driver name='qemu' type='{one.rpartition('.')[2]}'/>"
        f"<source file='{guests.POOL}/{one}'/><target dev='vd{letter}' bus='virtio'/></disk>"
        for one, letter in zip(volumes, "abc", strict=False)
    )
    nic = "<interface type='network'><source network='default'/></interface>"
    text = domain(name).replace("<devices>", f"<devices>{disks}{nic}")
    lab.virsh("define", "/dev/stdin", text=text)


def data(lab: Lab, name: str, mib: int, *, format: str = "qcow2") -> None:
    """A volume of the pool with so many MiB of random bytes in it, of as many again."""
    raw = guests.pool_folder(lab) / f"{name}.tmp"
    raw.write_bytes(os.urandom(mib * MIB))
    os.truncate(raw, 2 * mib * MIB)
    place = str(guests.pool_folder(lab) / name)
    subprocess.run(["qemu-img", "convert", "-O", format, str(raw), place], check=True)
    raw.unlink()
    lab.virsh("pool-refresh", "default")


def same(lab: Lab, one: str, other: str) -> bool:
    """Whether two images of the pool hold the same."""
    images = [str(guests.pool_folder(lab) / name) for name in (one, other)]
    # What an overlay lies on is named as the lab sees it.
    done = subprocess.run(["qemu-img", "compare", "-U", *images], capture_output=True, check=False)
    return done.returncode == 0


def files(lab: Lab) -> set[str]:
    return {one.name for one in guests.pool_folder(lab).iterdir()}


def definition(lab: Lab, name: str) -> str:
    return lab.virsh("dumpxml", "--inactive", "--security-info", name)


def test_a_full_clone_has_its_own_disk_uuid_and_mac(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("cloning")
    data(lab, "web-01.qcow2", 8)
    data(lab, "data.raw", 4, format="raw")
    off(lab, "web-01", "web-01.qcow2", "data.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        what = plan(ears, "web-01", "web-{02,03}")
        well(made(ears, what))
    assert {"web-02.qcow2", "web-02-vdb.raw", "web-03.qcow2", "web-03-vdb.raw"} <= files(lab)
    assert same(lab, "web-01.qcow2", "web-02.qcow2") and same(lab, "data.raw", "web-02-vdb.raw")
    old, new = definition(lab, "web-01"), definition(lab, "web-02")
    assert f"{guests.POOL}/web-02.qcow2" in new and "web-01" not in new
    for tag in ("<uuid>", "<mac address='"):
        assert old.partition(tag)[2][:17] != new.partition(tag)[2][:17]


def test_linked_clones_lie_on_a_base_that_nobody_writes_to(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("linking")
    data(lab, "web-01.qcow2", 8)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        what = plan(ears, "web-01", "web-{02..04}", disk_vda="linked to default")
        assert what.stepwise and "goes on on web-01-own.qcow2" in what.made[0]
        before = (guests.pool_folder(lab) / "web-01.qcow2").stat().st_mtime_ns
        well(made(ears, what))
        assert "web-01-own.qcow2" in definition(lab, "web-01")
        assert (guests.pool_folder(lab) / "web-01.qcow2").stat().st_mtime_ns == before
        for name in ("web-01-own", "web-02", "web-04"):
            told = lab.virsh("vol-dumpxml", f"{name}.qcow2", "default")
            assert f"<path>{guests.POOL}/web-01.qcow2</path>" in told
        assert "linked" not in definition(lab, "web-02")

        base = source(ears, "web-01").disks[0]
        assert base.backing.endswith("/web-01.qcow2") and base.backing_users == ()
        well(made(ears, plan(ears, "web-01", "web-05", disk_vda="base to default")))
        assert same(lab, "web-01.qcow2", "web-01.qcow2")
        told = lab.virsh("vol-dumpxml", "web-05.qcow2", "default")
        assert f"<path>{guests.POOL}/web-01.qcow2</path>" in told

        # Somebody takes the base as a disk of a machine of their own.
        late = plan(ears, "web-01", "web-06", disk_vda="base to default")
        off(lab, "thief", "web-01.qcow2")
        task = made(ears, late)[-1]
        assert isinstance(task.trouble, Refused) and "thief could write to it" in task.words
        assert "web-06.qcow2" not in files(lab)


def test_a_running_domain_is_copied_as_it_is_at_one_moment(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("mirroring")
    guests.define_guest(lab, "web-01")
    with listening(lab.uri) as ears:
        ears.listed()
        guests.wait_booted(lab, "web-01")
        ears.wait(lambda: ears.is_in("web-01", "running"))
        what = plan(ears, "web-01", "web-{02,03}", start="yes")
        assert any("web-01 runs" in note for note in what.outline.notes)
        well(made(ears, what, 120))
        assert lab.virsh("domstate", "web-01").strip() == "running"
        assert "<mirror" not in lab.virsh("dumpxml", "web-01")
        for name in ("web-02", "web-03"):
            guests.wait_booted(lab, name)
        found = {guests.address(lab, name) for name in ("web-01", "web-02", "web-03")}
        assert len(found) == 3, found
        assert f"{guests.POOL}/web-01.qcow2" in lab.virsh("dumpxml", "web-01")


def begun(ears: Ears, what: Cloning) -> int:
    """Have one clone made, and wait until it is at work."""
    id = ears.fleet.submit(what.commands)[0]
    ears.wait(lambda: id in ears.tasks and ears.tasks[id].state is TaskState.RUNNING)
    return id


def by_libvirt(what: Cloning) -> Cloning:
    """The same with its disks copied by libvirt itself, as on hosts that are far away."""
    commands = []
    for command in what.commands:
        assert command.recipe is not None
        steps = tuple(replace(step, streamed=False) for step in command.recipe.volumes)
        commands.append(replace(command, recipe=replace(command.recipe, volumes=steps)))
    return replace(what, commands=tuple(commands))


@pytest.mark.parametrize("how", ["streamed", "by libvirt"])
def test_a_clone_that_is_ended_leaves_nothing(new_lab: Callable[[str], Lab], how: str) -> None:
    lab = new_lab("ending")
    data(lab, "web-01.raw", 512, format="raw")
    off(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        before = files(lab)
        what = plan(ears, "web-01", "web-02")
        assert what.commands[0].recipe and what.commands[0].recipe.volumes[0].streamed
        id = begun(ears, what if how == "streamed" else by_libvirt(what))
        ears.wait(lambda: "web-02.raw" in files(lab), what="it has begun")
        ears.fleet.cancel(id)
        task = ears.done(id, 60)
        assert task.state is TaskState.CANCELLED, task
        assert files(lab) == before
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()
        (whole,) = made(ears, by_libvirt(plan(ears, "web-01", "web-03")))
        well([whole])
        assert whole.progress is not None and 0 < whole.progress.done <= whole.progress.total
        assert same(lab, "web-01.raw", "web-03.raw")


def test_what_runs_goes_on_when_its_copy_is_ended(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("far")
    data(lab, "big.raw", 512, format="raw")
    guests.define_guest(lab, "web-01", start=False)
    disk = (
        f"<disk type='file'><driver name='qemu' type='raw'/><source file='{guests.POOL}/big.raw'/>"
        "<target dev='vdb' bus='virtio'/></disk>"
    )
    text = definition(lab, "web-01").replace("<controller", f"{disk}<controller", 1)
    lab.virsh("define", "/dev/stdin", text=text)
    lab.virsh("start", "web-01")
    with listening(lab.uri) as ears:
        ears.listed()
        before = files(lab)
        id = begun(ears, plan(ears, "web-01", "web-02"))
        wait_until(lambda: "<mirror" in lab.virsh("dumpxml", "web-01"), 30, "the mirror", 0.01)
        ears.fleet.cancel(id)
        assert ears.done(id).state is TaskState.CANCELLED
        assert files(lab) == before
        assert lab.virsh("domstate", "web-01").strip() == "running"
        assert "<mirror" not in lab.virsh("dumpxml", "web-01")


def test_a_name_that_is_taken_meanwhile_is_refused_and_undone(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("taken")
    data(lab, "web-01.qcow2", 2)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        what = plan(ears, "web-01", "web-{02..04}")
        guests.define_still(lab, "web-02", start=False)
        (guests.pool_folder(lab) / "web-03.qcow2").write_bytes(b"somebody's")
        lab.virsh("pool-refresh", "default")
        one, other, last = made(ears, what)
        assert isinstance(one.trouble, Refused) and "web-02 is there already" in one.words
        assert isinstance(other.trouble, Refused) and "web-03.qcow2 is in default" in other.words
        assert last.state is TaskState.DONE
        assert (guests.pool_folder(lab) / "web-03.qcow2").read_bytes() == b"somebody's"
        assert "web-02.qcow2" not in files(lab)


def test_a_pool_that_is_full_is_said_before_and_undone_in_between(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("full")
    lab.inside("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", "/var/lib/libvirt/spare")
    lab.virsh("pool-start", "spare")
    data(lab, "web-01.qcow2", 16)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: (one := ears.pool("spare")) and one.active and one.available)
        with pytest.raises(BadInput, match="spare has"):
            plan(ears, "web-01", "web-{02..05}", disk_vda="full to spare")
        what = plan(ears, "web-01", "web-02", disk_vda="full to spare")
        lab.inside("dd", "if=/dev/zero", "of=/var/lib/libvirt/spare/filler", "bs=1M", "count=12")
        task = made(ears, what)[0]
        assert task.state is TaskState.FAILED, task
        assert lab.inside("ls", "/var/lib/libvirt/spare").split() == ["filler"]
        assert "web-02" not in lab.virsh("list", "--all", "--name").split()


def test_a_base_is_neither_deleted_nor_shrunk_nor_wiped(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("base")
    data(lab, "web-01.qcow2", 2)
    off(lab, "web-01", "web-01.qcow2")
    with listening(lab.uri) as ears:
        ears.listed()
        well(made(ears, plan(ears, "web-01", "web-02", disk_vda="linked to default")))
        shelf = Shelf(ears, "default")
        base = shelf.volumes()["web-01.qcow2"]
        for verb, rest in (
            (Verb.DELETE, {}),
            (Verb.WIPE, {}),
            (Verb.RESIZE, {"capacity": MIB, "shrinks": True}),
        ):
            pool = ears.pool("default")
            assert pool is not None
            target = Target(Kind.VOLUME, Key(pool.key.host, base.path), base.name)
            work = VolumeWork(pool.key, pool.name, **rest)  # type: ignore[arg-type]
            task = ears.done(ears.fleet.submit([Command(verb, target, volume=work)])[0])
            assert isinstance(task.trouble, Refused), task
            assert "web-02.qcow2" in task.words
        off(lab, "writer", "web-01.qcow2")
        assert source(ears, "web-01").disks[0].backing_users == ("writer",)
        way = plan(ears, "web-01", "web-03", disk_vda="base to default")
        assert way.commands[0].recipe and way.commands[0].recipe.untouched == (), "not offered"


def test_a_clone_goes_to_another_host_as_it_is() -> None:
    skip_without_root()
    with Lab(f"here-{os.getpid()}") as one, Lab(f"there-{os.getpid()}") as other:
        for lab in (one, other):
            guests.furnish_lab(lab)
        data(one, "web-01.qcow2", 8)
        off(one, "web-01", "web-01.qcow2")
        nvram(one, "web-01")
        with listening(one.uri, other.uri) as ears:
            for host in ears.hosts:
                ears.listed(host)
                ears.wait(lambda host=host: (p := ears.pool("default", host)) and p.active)
            there = ears.inventory(ears.hosts[1]).host.name
            what = plan(ears, "web-01", "web-02", host=there)
            assert what.commands[0].target.key.host == ears.hosts[1]
            well(made(ears, what))
        assert (guests.pool_folder(other) / "web-02.qcow2").read_bytes() == (
            guests.pool_folder(one) / "web-01.qcow2"
        ).read_bytes()
        assert "web-02" in other.virsh("list", "--all", "--name").split()
        assert "web-02" not in one.virsh("list", "--all", "--name").split()
        assert (other.folder / "lib/qemu/nvram/web-02_VARS.fd").read_bytes() == VARIABLES


VARIABLES = b"variables" + bytes(528 * 1024 - 9)


def nvram(lab: Lab, name: str) -> None:
    """Give a machine variables of a firmware, as it has them once it has run."""
    folder = lab.folder / "lib" / "qemu" / "nvram"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}_VARS.fd").write_bytes(VARIABLES)
    place = f"/var/lib/libvirt/qemu/nvram/{name}_VARS.fd"
    firmware = (
        "<loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>"
        f"<nvram template='/usr/share/OVMF/OVMF_VARS_4M.fd'>{place}</nvram></os>"
    )
    lab.virsh("define", "/dev/stdin", text=definition(lab, name).replace("</os>", firmware))


@pytest.mark.skipif(
    not Path("/usr/share/OVMF/OVMF_CODE_4M.fd").exists(), reason="firmware: apt install ovmf"
)
def test_the_variables_of_its_firmware_are_its_own_from_the_first(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("firmware")
    data(lab, "web-01.qcow2", 2)
    off(lab, "web-01", "web-01.qcow2")
    nvram(lab, "web-01")
    with listening(lab.uri) as ears:
        ears.listed()
        # Side by side: there can be only one pool of their folder at a time.
        well(made(ears, plan(ears, "web-01", "web-{02..05}")))
        folder = lab.folder / "lib" / "qemu" / "nvram"
        (folder / "web-01_VARS.fd").unlink()
        assert (folder / "web-03_VARS.fd").read_bytes() == VARIABLES
        lab.virsh("start", "web-03", "--paused")
        assert lab.virsh("domstate", "web-03").strip() == "paused"
        pools = lab.virsh("pool-list", "--all", "--name").split()
        assert not [name for name in pools if name.startswith("virttui")]
        # Without variables libvirt makes them from the template, as for the source.
        well(made(ears, plan(ears, "web-01", "web-06")))
        assert not (folder / "web-06_VARS.fd").exists()

        # What fails later takes them along.
        late = plan(ears, "web-01", "web-07")
        (folder / "web-01_VARS.fd").write_bytes(VARIABLES)
        recipe = late.commands[0].recipe
        assert recipe is not None
        broken = replace(recipe, xml=recipe.xml.replace("<devices>", "<devices><nonsense/>"))
        task = made(ears, replace(late, commands=(replace(late.commands[0], recipe=broken),)))[0]
        assert task.state is TaskState.FAILED and "web-07.qcow2" not in files(lab), task
        assert not (folder / "web-07_VARS.fd").exists()


def test_what_a_killed_run_leaves_is_a_volume_that_nobody_uses(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("killed")
    data(lab, "web-01.qcow2", 400)
    off(lab, "web-01", "web-01.qcow2")
    code = (
        "import sys, time; from tests.ears import listening; from tests.lab import test_cloning\n"
        "with listening(sys.argv[1]) as ears:\n"
        "    ears.listed(); what = test_cloning.plan(ears, 'web-01', 'web-02')\n"
        "    ears.fleet.submit(what.commands); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", code, lab.uri], cwd=Path(__file__).parents[2])
    try:
        wait_until(lambda: "web-02.qcow2" in files(lab), 30, "the copy to begin")
    finally:
        run.kill()
        run.wait()
    assert "web-02" not in lab.virsh("list", "--all", "--name").split()
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: (one := ears.pool("default")) and one.active)
        left = Shelf(ears, "default").volumes()["web-02.qcow2"]
        pool = ears.pool("default")
        assert pool is not None
        # Deleting refuses whatever anybody uses, so this is what :orphans shows.
        target = Target(Kind.VOLUME, Key(pool.key.host, left.path), left.name)
        work = VolumeWork(pool.key, pool.name)
        well([ears.done(ears.fleet.submit([Command(Verb.DELETE, target, volume=work)])[0])])


def test_a_reflink_is_refused_in_words_where_it_cannot_be(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("reflink")
    data(lab, "web-01.raw", 2, format="raw")
    off(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        task = made(ears, plan(ears, "web-01", "web-02", disk_vda="reflink to default"))[0]
        if task.state is TaskState.DONE:
            pytest.skip("the file system of this machine shares blocks")
        assert isinstance(task.trouble, Refused), task
        assert "default cannot share blocks" in task.words and "web-02.raw" not in files(lab)


def test_an_image_that_a_guest_wrote_itself_is_not_followed(new_lab: Callable[[str], Lab]) -> None:
    """A raw disk whose guest wrote the head of a qcow2 with a backing file of the host into it."""
    lab = new_lab("hostile")
    secret = guests.pool_folder(lab) / "secret"
    secret.write_bytes(b"of the host" + bytes(MIB))
    trap = guests.pool_folder(lab) / "web-01.raw"
    subprocess.run(
        ["qemu-img", "create", "-q", "-f", "qcow2", "-u", "-b", f"{guests.POOL}/secret", "-F",
         "raw", str(trap), "1M"], check=True,
    )  # fmt: skip
    os.truncate(trap, MIB)
    lab.virsh("pool-refresh", "default")
    off(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as ears:
        ears.listed()
        disk = source(ears, "web-01").disks[0]
        assert (disk.format, disk.seen, disk.backing) == ("raw", "qcow2", "")
        well(made(ears, plan(ears, "web-01", "web-02")))
    copy = (guests.pool_folder(lab) / "web-02.raw").read_bytes()
    assert copy == trap.read_bytes() and b"of the host" not in copy
    assert "type='raw'" in definition(lab, "web-02")


def blocks(lab: Lab, name: str) -> int:
    """How many numbered blocks an image begins with; fails where one is missing in between."""
    image = str(guests.pool_folder(lab) / name)
    raw = f"{image}.plain"
    subprocess.run(["qemu-img", "convert", "-O", "raw", image, raw], check=True)
    content = Path(raw).read_bytes()
    Path(raw).unlink()
    there = [
        int(words[1])
        for place in range(0, len(content), 512)
        if len(words := content[place : place + 512].split(b"\0")[0].split()) == 2
        and words[0] == b"block"
    ]
    assert there == list(range(1, len(there) + 1)), (name, there[-5:])
    return len(there)


def test_all_disks_of_a_clone_are_of_the_same_moment(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("moment")
    lab.virsh("vol-create-as", "default", "second.qcow2", "64M", "--format", "qcow2")
    guests.define_guest(lab, "web-01", start=False)
    disk = (
        f"<disk type='file'><driver name='qemu' type='qcow2'/><source file='{guests.POOL}/"
        "second.qcow2'/><target dev='vdb' bus='virtio'/></disk>"
    )
    text = definition(lab, "web-01").replace("<controller", f"{disk}<controller", 1)
    lab.virsh("define", "/dev/stdin", text=text)
    lab.virsh("start", "web-01")
    guests.wait_booted(lab, "web-01")
    # Each block goes to the first disk, and to the second one once it is safe on the first.
    line = (
        "i=1; while [ $i -lt 100000 ]; do for d in vda vdb; do echo block $i |"
        " dd of=/dev/$d bs=512 seek=$i conv=notrunc,fsync; done; i=$((i+1)); done"
    )
    told(lab, "web-01", "guest-exec", path="/bin/sh", arg=["-c", line])
    with listening(lab.uri) as ears:
        ears.listed()
        ears.wait(lambda: ears.is_in("web-01", "running"))
        for name in ("web-02", "web-03", "web-04"):
            well(made(ears, plan(ears, "web-01", name)))
    counts = [
        (blocks(lab, f"{name}.qcow2"), blocks(lab, f"{name}-vdb.qcow2"))
        for name in ("web-02", "web-03", "web-04")
    ]
    assert all(one - other in (0, 1) for one, other in counts), counts
    assert counts[0][0] < counts[1][0] < counts[2][0], "it wrote all the time"
