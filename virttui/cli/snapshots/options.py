"""The options of ``virttui snapshot``; nothing else is imported until it runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from virttui.model.backend import HostSpec
    from virttui.settings import Settings


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the command to the parser; ``common`` has the options that all commands share."""
    taking = commands.add_parser(
        "snapshot", parents=[common], help="take a snapshot of domains, under one name"
    )
    taking.add_argument("names", metavar="NAME", nargs="+", help="a domain, by name or UUID")
    taking.add_argument(
        "--as", metavar="NAME", dest="called", default="", help="the snapshot's name; else the time"
    )
    taking.add_argument("--note", default="", help="a note that is kept with it")
    taking.add_argument(
        "--kind", choices=("external", "internal"), default="",
        help="else the kind that each domain has, or that its host can undo",
    )  # fmt: skip
    taking.add_argument("--memory", action="store_true", help="the memory too, where it runs")
    taking.add_argument(
        "--no-quiesce", action="store_true", help="do not have its agent hold the writes"
    )
    taking.add_argument(
        "--without", metavar="DISK", action="append", default=[], help="leave a disk out, as vdb"
    )
    taking.add_argument(
        "--delete-checkpoints", action="store_true",
        help="where an internal one wants it: the next backup is then a full one",
    )  # fmt: skip
    taking.add_argument("--dry-run", action="store_true", help="plan and check, change nothing")
    taking.add_argument("--host", default="", help="on which one of several")
    taking.add_argument("--json", action="store_true", help="as JSON, for scripts")


def run(chosen: argparse.Namespace, hosts: Sequence[HostSpec], settings: Settings) -> int:
    """Take them, or say what would be taken; the exit status."""
    from virttui.cli.snapshots.take import SnapshotRequest, take_snapshots

    request = SnapshotRequest(
        names=tuple(dict.fromkeys(chosen.names)),
        called=chosen.called,
        note=chosen.note,
        kind=chosen.kind,
        memory=chosen.memory,
        quiesce=not chosen.no_quiesce,
        without=tuple(chosen.without),
        delete_checkpoints=chosen.delete_checkpoints,
        host=chosen.host,
        dry_run=chosen.dry_run,
        as_json=chosen.json,
    )
    return take_snapshots(hosts, settings, request)
