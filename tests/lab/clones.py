"""What tests of clones share: machines to be cloned, plans, and what became of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.fleet_client import RecordingClient
from virttui.model.commands import IN_PARALLEL, BatchPolicy
from virttui.model.provision.clone import ClonePlan, CloneSource
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.queries import CloneSourceQuery, CloneSourceResult
from virttui.model.tasks import Task, TaskState
from virttui.planning.clone.plan import plan as plan_clones
from virttui.planning.new_ids import IdGenerator
from virttui.store.clone_targets import clone_targets
from virttui.store.device_context import macs
from virttui.store.fleet_state import FleetState

from . import guests, xml
from .daemon import Lab

MIB = 1024**2
IN_SEQUENCE = BatchPolicy(stop_at_failure=True, one_by_one=True)
VARIABLES = b"variables" + bytes(528 * 1024 - 9)


def source(client: RecordingClient, name: str, snapshot: str = "") -> CloneSource:
    """What a host tells of a domain that is to be cloned."""
    client.wait(lambda: (one := client.pool("default")) and one.active, what="its pool is told")
    key = client.target(name).key
    query = CloneSourceQuery(key, snapshot, serial=len(client.results))
    answer = client.answer(query, CloneSourceResult)
    assert answer.source is not None, answer
    return answer.source


def fleet_state(client: RecordingClient) -> FleetState:
    return FleetState(inventories=dict(client.inventories))


def plan(
    client: RecordingClient, name: str, new: str, snapshot: str = "", **entered: str
) -> ClonePlan:
    """What the form comes to."""
    values = {"name": new, **{key.replace("_", " "): value for key, value in entered.items()}}
    found = source(client, name, snapshot)
    known = fleet_state(client)
    return plan_clones(values, found, clone_targets(known, found.key), IdGenerator(macs(known)))


def run_clones(client: RecordingClient, what: ClonePlan, seconds: float = 60) -> list[Task]:
    ids = client.fleet.submit(what.commands, IN_SEQUENCE if what.in_sequence else IN_PARALLEL)
    return [client.done(id, seconds) for id in ids]


def assert_done(tasks: Sequence[Task]) -> None:
    for task in tasks:
        assert task.state is TaskState.DONE, task


def stopped_domain(
    lab: Lab, name: str, *volumes: str, domain: Callable[[str], str] = xml.still
) -> None:
    """A machine that is off, with these volumes of its pool as disks."""
    disks = "".join(
        f"<disk type='file'><driver name='qemu' type='{one.rpartition('.')[2]}'/>"
        f"<source file='{guests.POOL}/{one}'/><target dev='vd{letter}' bus='virtio'/></disk>"
        for one, letter in zip(volumes, "abc", strict=False)
    )
    nic = "<interface type='network'><source network='default'/></interface>"
    text = domain(name).replace("<devices>", f"<devices>{disks}{nic}")
    lab.virsh("define", "/dev/stdin", text=text)


def random_volume(lab: Lab, name: str, mib: int, *, format: str = "qcow2") -> None:
    """A volume of the pool with so many MiB of random bytes in it, of as many again."""
    raw = guests.pool_folder(lab) / f"{name}.tmp"
    raw.write_bytes(os.urandom(mib * MIB))
    os.truncate(raw, 2 * mib * MIB)
    place = str(guests.pool_folder(lab) / name)
    subprocess.run(["qemu-img", "convert", "-O", format, str(raw), place], check=True)
    raw.unlink()
    lab.virsh("pool-refresh", "default")


def same_content(lab: Lab, one: str, other: str) -> bool:
    """Whether two images of the pool hold the same."""
    images = [str(guests.pool_folder(lab) / name) for name in (one, other)]
    # What an overlay lies on is named as the lab sees it.
    done = subprocess.run(["qemu-img", "compare", "-U", *images], capture_output=True, check=False)
    return done.returncode == 0


def pool_files(lab: Lab) -> set[str]:
    return {one.name for one in guests.pool_folder(lab).iterdir()}


def definition(lab: Lab, name: str) -> str:
    return lab.virsh("dumpxml", "--inactive", "--security-info", name)


def start_clone(client: RecordingClient, what: ClonePlan) -> int:
    """Have one clone made, and wait until it is at work."""
    id = client.fleet.submit(what.commands)[0]
    client.wait(lambda: id in client.tasks and client.tasks[id].state is TaskState.RUNNING)
    return id


def by_libvirt(what: ClonePlan) -> ClonePlan:
    """The same with its disks copied by libvirt itself, as on hosts that are far away."""
    commands = []
    for command in what.commands:
        plan = arguments_of(command, ProvisionPlan)
        steps = tuple(replace(step, streamed=False) for step in plan.volumes)
        commands.append(replace(command, arguments=replace(plan, volumes=steps)))
    return replace(what, commands=tuple(commands))


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
