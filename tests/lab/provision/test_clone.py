"""Clones on a lab: whole, their own in all that must be, on any host."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.arguments import arguments_of
from tests.conftest import skip_without_root
from tests.fleet_client import listening
from tests.lab import guests
from tests.lab.clones import (
    MIB,
    VARIABLES,
    assert_done,
    definition,
    nvram,
    plan,
    pool_files,
    random_volume,
    run_clones,
    same_content,
    source,
    stopped_domain,
)
from tests.lab.daemon import Lab
from virttui.model.provision.plan import ProvisionPlan
from virttui.model.tasks import TaskState

pytestmark = pytest.mark.lab


def test_a_full_clone_has_its_own_disk_uuid_and_mac(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("cloning")
    random_volume(lab, "web-01.qcow2", 8)
    random_volume(lab, "data.raw", 4, format="raw")
    stopped_domain(lab, "web-01", "web-01.qcow2", "data.raw")
    with listening(lab.uri) as client:
        client.listed()
        what = plan(client, "web-01", "web-{02,03}")
        assert_done(run_clones(client, what))
    assert {"web-02.qcow2", "web-02-vdb.raw", "web-03.qcow2", "web-03-vdb.raw"} <= pool_files(lab)
    assert same_content(lab, "web-01.qcow2", "web-02.qcow2") and same_content(
        lab, "data.raw", "web-02-vdb.raw"
    )
    old, new = definition(lab, "web-01"), definition(lab, "web-02")
    assert f"{guests.POOL}/web-02.qcow2" in new and "web-01" not in new
    for tag in ("<uuid>", "<mac address='"):
        assert old.partition(tag)[2][:17] != new.partition(tag)[2][:17]


def test_a_clone_goes_to_another_host_as_it_is() -> None:
    skip_without_root()
    with Lab(f"here-{os.getpid()}") as one, Lab(f"there-{os.getpid()}") as other:
        for lab in (one, other):
            guests.furnish_lab(lab)
        random_volume(one, "web-01.qcow2", 8)
        stopped_domain(one, "web-01", "web-01.qcow2")
        nvram(one, "web-01")
        with listening(one.uri, other.uri) as client:
            for host in client.hosts:
                client.listed(host)
                client.wait(partial(client.has_active_pool, "default", host))
            client.wait(
                lambda: len({client.inventory(host).host.name for host in client.hosts}) == 2
            )
            there = client.inventory(client.hosts[1]).host.name
            what = plan(client, "web-01", "web-02", host=there)
            assert what.commands[0].target.key.host == client.hosts[1]
            assert_done(run_clones(client, what))
        assert (guests.pool_folder(other) / "web-02.qcow2").read_bytes() == (
            guests.pool_folder(one) / "web-01.qcow2"
        ).read_bytes()
        assert "web-02" in other.virsh("list", "--all", "--name").split()
        assert "web-02" not in one.virsh("list", "--all", "--name").split()
        assert (other.folder / "lib/qemu/nvram/web-02_VARS.fd").read_bytes() == VARIABLES


@pytest.mark.skipif(
    not Path("/usr/share/OVMF/OVMF_CODE_4M.fd").exists(), reason="firmware: apt install ovmf"
)
def test_the_variables_of_its_firmware_are_its_own_from_the_first(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("firmware")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    nvram(lab, "web-01")
    with listening(lab.uri) as client:
        client.listed()
        # Side by side: there can be only one pool of their folder at a time.
        assert_done(run_clones(client, plan(client, "web-01", "web-{02..05}")))
        folder = lab.folder / "lib" / "qemu" / "nvram"
        (folder / "web-01_VARS.fd").unlink()
        assert (folder / "web-03_VARS.fd").read_bytes() == VARIABLES
        lab.virsh("start", "web-03", "--paused")
        assert lab.virsh("domstate", "web-03").strip() == "paused"
        pools = lab.virsh("pool-list", "--all", "--name").split()
        assert not [name for name in pools if name.startswith("virttui")]
        # Without variables libvirt makes them from the template, as for the source.
        assert_done(run_clones(client, plan(client, "web-01", "web-06")))
        assert not (folder / "web-06_VARS.fd").exists()

        # What fails later takes them along.
        late = plan(client, "web-01", "web-07")
        (folder / "web-01_VARS.fd").write_bytes(VARIABLES)
        provision_plan = arguments_of(late.commands[0], ProvisionPlan)
        assert provision_plan is not None
        broken = replace(
            provision_plan, xml=provision_plan.xml.replace("<devices>", "<devices><nonsense/>")
        )
        task = run_clones(
            client, replace(late, commands=(replace(late.commands[0], arguments=broken),))
        )[0]
        assert task.state is TaskState.FAILED and "web-07.qcow2" not in pool_files(lab), task
        assert not (folder / "web-07_VARS.fd").exists()


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
    stopped_domain(lab, "web-01", "web-01.raw")
    with listening(lab.uri) as client:
        client.listed()
        disk = source(client, "web-01").disks[0]
        assert (disk.format, disk.detected_format, disk.backing) == ("raw", "qcow2", "")
        assert_done(run_clones(client, plan(client, "web-01", "web-02")))
    copy = (guests.pool_folder(lab) / "web-02.raw").read_bytes()
    assert copy == trap.read_bytes() and b"of the host" not in copy
    assert "type='raw'" in definition(lab, "web-02")


@pytest.mark.skipif(
    not Path("/usr/share/OVMF/OVMF_CODE_4M.fd").exists(), reason="firmware: apt install ovmf"
)
def test_variables_that_libvirt_chose_the_place_of_come_along(
    new_lab: Callable[[str], Lab],
) -> None:
    lab = new_lab("chosen")
    random_volume(lab, "web-01.qcow2", 2)
    stopped_domain(lab, "web-01", "web-01.qcow2")
    text = definition(lab, "web-01").replace("<os>", "<os firmware='efi'>")
    lab.virsh("define", "/dev/stdin", text=text)
    lab.virsh("start", "web-01", "--paused")
    lab.virsh("destroy", "web-01")
    folder = lab.folder / "lib" / "qemu" / "nvram"
    before = (folder / "web-01_VARS.fd").read_bytes()
    marked = before[:-16] + b"chosen by libvirt"[:16]
    (folder / "web-01_VARS.fd").write_bytes(marked)
    with listening(lab.uri) as client:
        client.listed()
        assert_done(run_clones(client, plan(client, "web-01", "web-02")))
    assert (folder / "web-02_VARS.fd").read_bytes() == marked
    lab.virsh("start", "web-02", "--paused")
    assert "web-02_VARS.fd" in lab.virsh("dumpxml", "web-02")
