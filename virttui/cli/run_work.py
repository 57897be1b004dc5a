"""A fleet for one command of the command line, with what its end means to the shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from virttui.cli.client import FleetClient
from virttui.cli.output import warn
from virttui.cli.task_follower import Interrupted, interruptible
from virttui.model.backend import HostSpec
from virttui.model.errors import InvalidInput
from virttui.settings import Settings

if TYPE_CHECKING:
    from virttui.hypervisor.fleet import Fleet

Work = Callable[[FleetClient, "Fleet"], int]


def with_fleet(hosts: Sequence[HostSpec], settings: Settings, work: Work) -> int:
    """Do some work with a fleet; the exit status, 1 with a line on stderr for bad input."""
    from virttui.hypervisor.fleet import Fleet

    client = FleetClient(hosts)
    fleet = Fleet(hosts, client.receive, settings)
    try:
        with interruptible():
            return work(client, fleet)
    except Interrupted as why:
        warn("nothing was started")
        return why.status
    except InvalidInput as error:
        advice = f": {error.advice}" if error.advice else ""
        warn(error.message + advice)
        return 1
    finally:
        fleet.stop()
