"""Printed lines do to what they name what they say, whatever it is called."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable
from functools import partial

import pytest

from tests.fleet_client import listening
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from virttui.model.commands import Command, Verb
from virttui.panes.virsh_equivalent import virsh

pytestmark = pytest.mark.lab


def test_a_line_is_for_the_domain_that_it_was_printed_for(new_lab: Callable[[str], Lab]) -> None:
    lab = new_lab("hits")
    guests.define_still(lab, "victim")
    id, uuid = lab.virsh("domid", "victim").strip(), lab.virsh("domuuid", "victim").strip()
    names = (id, uuid, uuid.upper().replace("-", ""), "--all", "-x", "a b", "$(id)", "ünï", "*")
    for name in names:
        lab.virsh("define", "/dev/stdin", text=xml.still(name))
    with listening(lab.uri) as client:
        client.listed()
        for verb, state in ((Verb.START, "running"), (Verb.FORCE_OFF, "shutoff")):
            for name in names:
                line = virsh(Command(verb, client.target(name)), lab.uri)
                subprocess.run(shlex.split(line), check=True, capture_output=True)
                client.wait(partial(client.is_in, name, state), what=line)
        assert lab.virsh("domstate", uuid).strip() == "paused", "the other one is as it was"
