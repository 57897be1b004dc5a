"""What is measured of clones: linked ones of a base of 1 GiB, and a copy to another host."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from functools import partial

from tests.fleet_client import RecordingClient, listening
from tests.lab import clones, guests
from tests.lab.daemon import Lab
from virttui.model.provision.clone import ClonePlan

from .budgets import Row, Table, median
from .plan import Plan


def cloning(table: Table, plan: Plan) -> None:
    """Linked clones of 1 GiB, one by one and 20 in one go; 512 MiB to another host."""
    kept = os.environ.get("XDG_STATE_HOME")
    with tempfile.TemporaryDirectory() as state:
        os.environ["XDG_STATE_HOME"] = state
        try:
            _linked(table, plan)
            _far(table, plan)
        finally:
            os.environ.pop("XDG_STATE_HOME")
            if kept is not None:
                os.environ["XDG_STATE_HOME"] = kept


def _linked(table: Table, plan: Plan) -> None:
    with Lab("bench-clones") as lab:
        guests.furnish_lab(lab)
        clones.random_volume(lab, "web-01.qcow2", 2 * plan.image)
        clones.stopped_domain(lab, "web-01", "web-01.qcow2")
        with listening(lab.uri) as client:
            client.listed()
            first = _seconds(client, _plan(client, "first", "linked to default"))
            runs = range(plan.runs)
            each = [
                _seconds(client, _plan(client, f"one-{run}", "base to default")) for run in runs
            ]
            many = _plan(client, f"web-{{101..{100 + plan.clones}}}", "base to default")
            all_of_them = _seconds(client, many)
        note = f"the first {first:.2f} s, with its source put on an overlay"
        what = f"linked clone of {2 * plan.image} MiB"
        table.add(Row(what, median(each), "s", note, budget="linked clone"))
        note = f"{all_of_them / plan.clones:.2f} s each"
        table.add(Row(f"{plan.clones} linked clones in one go", all_of_them, "s", note))


def _far(table: Table, plan: Plan) -> None:
    with Lab("bench-here") as one, Lab("bench-there") as other:
        for lab in (one, other):
            guests.furnish_lab(lab)
        clones.random_volume(one, "web-01.raw", plan.image, format="raw")
        clones.stopped_domain(one, "web-01", "web-01.raw")
        with listening(one.uri, other.uri) as client:
            for host in client.hosts:
                client.listed(host)
                client.wait(partial(client.has_active_pool, "default", host))
            there = client.inventory(client.hosts[1]).host.name
            spent = [_seconds(client, clones.plan(client, "web-01", f"far-{run}", host=there))
                     for run in range(plan.runs)]  # fmt: skip
        raw = str(guests.pool_folder(one) / "web-01.raw")
        began = time.monotonic()
        subprocess.run(["cp", "--sparse=never", raw, str(plan.folder / "plain")], check=True)
        plain = time.monotonic() - began
        note = (
            f"{plan.image / median(spent):.0f} MiB/s; cp on one disk {plan.image / plain:.0f} MiB/s"
        )
        table.add(Row(f"{plan.image} MiB cloned to another host", median(spent), "s", note))


def _plan(client: RecordingClient, name: str, disk: str) -> ClonePlan:
    return clones.plan(client, "web-01", name, disk_vda=disk)


def _seconds(client: RecordingClient, what: ClonePlan) -> float:
    began = time.monotonic()
    clones.assert_done(clones.run_clones(client, what, 300))
    return time.monotonic() - began
