"""A machine that is ended, or killed, at every single step: nothing of it is left unlisted."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import libvirt
import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.clones import nvram, plan, pool_files, random_volume, stopped_domain
from tests.lab.daemon import Lab
from virttui.hypervisor.commands.task_control import TaskControl
from virttui.hypervisor.connection.connect import visit
from virttui.hypervisor.provision import leftovers
from virttui.hypervisor.provision import run as provision_run
from virttui.model.commands import Command
from virttui.model.errors import Cancelled
from virttui.model.provision.plan import ProvisionPlan, VolumeStep
from virttui.model.volumes import NewVolume
from virttui.persistence import provision_journal

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(
        not Path("/usr/share/OVMF/OVMF_CODE_4M.fd").exists(), reason="firmware: apt install ovmf"
    ),
]
MOST = 60
"""More steps than any of these machines has."""


class Cutting(TaskControl):
    """Ends, or kills, the command at its step with the number ``at``."""

    def __init__(self, at: int, uri: str, *, kills: bool = False) -> None:
        super().__init__(lambda progress: None, visit=lambda host: visit(uri))
        self.at, self.count, self.kills = at, 0, kills

    def check(self) -> None:
        self.step()
        super().check()

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            if self.kills:
                os.kill(os.getpid(), 9)
            self.pull()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab with a machine of two disks and variables of its firmware."""
    skip_without_root()
    with Lab(f"steps-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        random_volume(lab, "web-01.qcow2", 1)
        random_volume(lab, "web-01-data.raw", 1, format="raw")
        stopped_domain(lab, "web-01", "web-01.qcow2", "web-01-data.raw")
        nvram(lab, "web-01")
        yield lab


def command(lab: Lab) -> Command:
    """A clone that starts, with a volume of bytes of ours besides."""
    with listening(lab.uri) as client:
        client.listed()
        (made,) = plan(client, "web-01", "web-02", start="yes").commands
        provision_plan = arguments_of(made, ProvisionPlan)
        assert provision_plan is not None and provision_plan.nvram is not None
        first = provision_plan.volumes[0]
        new = NewVolume("web-02-seed.iso", 6, "raw", 0)
        seed = VolumeStep(first.pool, first.pool_name, new, content=b"a seed")
        disk = (
            f"<disk type='file'><driver name='qemu' type='raw'/><source file='{guests.POOL}/"
            "web-02-seed.iso'/><target dev='vdc' bus='virtio'/></disk></devices>"
        )
        text = provision_plan.xml.replace("</devices>", disk)
        return replace(
            made,
            arguments=replace(provision_plan, xml=text, volumes=(*provision_plan.volumes, seed)),
        )


def there(lab: Lab) -> tuple[set[str], set[str], set[str], set[str]]:
    """All that could be left: volumes, variables, domains, pools."""
    variables = {one.name for one in (lab.folder / "lib" / "qemu" / "nvram").iterdir()}
    domains = set(lab.virsh("list", "--all", "--name").split())
    return (
        pool_files(lab),
        variables,
        domains,
        set(lab.virsh("pool-list", "--all", "--name").split()),
    )


def delete_clone(lab: Lab) -> None:
    """Take away a clone that is whole."""
    lab.virsh("destroy", "web-02")
    lab.virsh("undefine", "web-02", "--nvram")
    for name in pool_files(lab):
        if name.startswith("web-02"):
            lab.virsh("vol-delete", name, "--pool", "default")


@pytest.mark.parametrize("by_libvirt", [False, True], ids=["streamed", "by libvirt"])
def test_ended_at_every_step_nothing_is_left(lab: Lab, by_libvirt: bool) -> None:
    made = command(lab)
    plan = arguments_of(made, ProvisionPlan)
    if by_libvirt:
        steps = tuple(replace(step, streamed=False) for step in plan.volumes)
        plan = replace(plan, volumes=steps)
    before, host = there(lab), made.target.key.host
    connection = libvirt.open(lab.uri)
    ended = 0
    try:
        for at in range(1, MOST):
            control = Cutting(at, lab.uri)
            try:
                words = provision_run.make(connection, made, plan, control)
            except Cancelled:
                ended += 1
                assert there(lab) == before, f"at step {at}"
                assert provision_journal.interrupted_journals(host) == ()
                continue
            assert "and started" in words and control.count < at
            break
        assert ended >= 7, ended
    finally:
        delete_clone(lab)
        connection.close()
    assert there(lab) == before


KILLED = """
import pickle, sys
import libvirt
from tests.lab.provision.test_every_step import Cutting
from virttui.persistence.provision_journal import Journal
from virttui.hypervisor.provision import run
command, at = pickle.load(open(sys.argv[2], "rb")), int(sys.argv[3])
rope = Cutting(at, sys.argv[1], kills=True)
note = Journal.note
def noted(self, piece):
    note(self, piece)
    rope.step()
Journal.note = noted
run.make(libvirt.open(sys.argv[1]), command, command.arguments, rope)
"""


def test_killed_at_every_step_all_that_is_left_is_listed(lab: Lab, tmp_path: Path) -> None:
    made = command(lab)
    before, host = there(lab), made.target.key.host
    (tmp_path / "command").write_bytes(pickle.dumps(made))
    connection = libvirt.open(lab.uri)
    killed = 0
    try:
        for at in range(1, MOST):
            run = [sys.executable, "-c", KILLED, lab.uri, str(tmp_path / "command"), str(at)]
            done = subprocess.run(run, cwd=Path(__file__).parents[3], check=False, timeout=60)
            if done.returncode != -9:
                break
            killed += 1
            lab.virsh("pool-refresh", "default")
            found = leftovers.leftovers(connection, host)
            if "web-02" in lab.virsh("list", "--name").split():
                assert found == (), "it was whole"
                delete_clone(lab)
            for one in found:
                assert one.kept_reasons == ()
                words = leftovers.clear(connection, Command(made.verb, made.target, one), one)
                assert "removed" in words, words
            assert there(lab) == before, f"at step {at}: {found}"
            assert provision_journal.interrupted_journals(host) == ()
        assert done.returncode == 0 and killed >= 12, killed
    finally:
        delete_clone(lab)
        connection.close()
