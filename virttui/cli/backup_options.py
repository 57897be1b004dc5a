"""The options of the commands on backups; nothing else is imported until one of them runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from virttui.model.backend import HostSpec
    from virttui.settings import Settings


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the commands to the parser; ``common`` has the options that all commands share."""
    backing = commands.add_parser(
        "backup", parents=[common], help="back up running domains into a pool of their host"
    )
    backing.add_argument("names", metavar="NAME", nargs="*", help="a domain, by name or UUID")
    backing.add_argument("--all", action="store_true", help="every domain that runs")
    backing.add_argument("--pool", metavar="POOL", default="", help="where the backups go")
    backing.add_argument(
        "--full", dest="mode", action="store_const", const="full", default="automatic",
        help="all of each disk; else what changed, where that is possible",
    )  # fmt: skip
    backing.add_argument(
        "--incremental", dest="mode", action="store_const", const="incremental",
        help="what changed since the backup before, or nothing at all",
    )  # fmt: skip
    backing.add_argument(
        "--differential", dest="mode", action="store_const", const="differential",
        help="what changed since the full one, or nothing at all",
    )  # fmt: skip
    backing.add_argument(
        "--without", metavar="DISK", action="append", default=[], help="leave a disk out, as vdb"
    )
    backing.add_argument(
        "--no-quiesce", action="store_true", help="do not have its agent hold the writes"
    )
    backing.add_argument(
        "--start-paused", action="store_true",
        help="also domains that are off: started paused for it, ended after it",
    )  # fmt: skip
    backing.add_argument("--list", action="store_true", help="list the backups, take none")
    backing.add_argument("--dry-run", action="store_true", help="plan and check, change nothing")
    verifying = commands.add_parser(
        "verify", parents=[common], help="read backups again, and compare them with their manifests"
    )
    verifying.add_argument("names", metavar="NAME", nargs="*", help="a domain, by name or UUID")
    verifying.add_argument("--all", action="store_true", help="every domain that has some")
    verifying.add_argument("--pool", metavar="POOL", default="", help="only those in this pool")
    verifying.add_argument(
        "--id", metavar="ID", default="", help="only this one, and what it needs"
    )
    verifying.add_argument(
        "--dry-run", action="store_true", help="read nothing, say what --keep would delete"
    )
    for parser in (backing, verifying):
        parser.add_argument(
            "--keep", metavar="RULE", default="",
            help="then delete what a rule does not keep, as 'last 7, daily 14, weekly 8'",
        )  # fmt: skip
    restoring = commands.add_parser(
        "restore", parents=[common],
        help="restore a backup: as a new domain, in place, or single disks",
    )  # fmt: skip
    restoring.add_argument("name", metavar="NAME", help="the domain that it is of, by name or UUID")
    restoring.add_argument("--id", metavar="ID", default="", help="which one; else the newest")
    restoring.add_argument("--from", metavar="POOL", dest="source", default="", help="where it is")
    restoring.add_argument(
        "--pool", metavar="POOL", default="", help="where its volumes go; else beside the backup"
    )
    restoring.add_argument(
        "--as", metavar="NAME", dest="new_name", default="", help="the name of the new domain"
    )
    restoring.add_argument(
        "--in-place", action="store_true",
        help="give the domain itself its disks of then; it must be off, those of now stay",
    )  # fmt: skip
    restoring.add_argument(
        "--disk", metavar="DISK", action="append", default=[],
        help="only this one, as vda; alone it becomes a volume and no domain",
    )  # fmt: skip
    restoring.add_argument("--link-up", action="store_true", help="plug its network cards in")
    restoring.add_argument("--start", action="store_true", help="start the new domain")
    restoring.add_argument("--dry-run", action="store_true", help="plan and check, change nothing")
    for parser in (backing, verifying, restoring):
        parser.add_argument("--host", default="", help="on which one of several")
        parser.add_argument("--json", action="store_true", help="as JSON, for scripts")


def problem(chosen: argparse.Namespace) -> str:
    """What is missing among the arguments of a command, "" for nothing."""
    checks = {"backup": _backup_problem, "verify": _verify_problem, "restore": _restore_problem}
    if chosen.command not in checks:
        return ""
    return _rule_problem(getattr(chosen, "keep", "")) or checks[chosen.command](chosen)


def _restore_problem(chosen: argparse.Namespace) -> str:
    if chosen.in_place and (chosen.new_name or chosen.start):
        return "restore --in-place makes no new domain: without --as and --start"
    return ""


def _verify_problem(chosen: argparse.Namespace) -> str:
    if bool(chosen.names) == chosen.all:
        return "verify needs a NAME, or --all"
    if chosen.dry_run and not chosen.keep:
        return "verify has nothing to say beforehand without --keep"
    if chosen.id and chosen.keep:
        return "--keep is for all backups of a domain, not for one --id"
    return ""


def _backup_problem(chosen: argparse.Namespace) -> str:
    if chosen.list:
        if chosen.keep:
            return "--list deletes nothing; verify --keep RULE --dry-run says what would go"
        return ""
    if bool(chosen.names) == chosen.all:
        return "backup needs a NAME, or --all"
    if not chosen.pool:
        return "backup needs a --pool to put it in"
    return ""


def _rule_problem(rule: str) -> str:
    """What is wrong with a rule of how many backups are kept, "" for nothing."""
    if not rule:
        return ""
    from virttui.model.errors import InvalidInput
    from virttui.planning.backup.retention import retention_rule

    try:
        retention_rule(rule)
    except InvalidInput as error:
        return f"--keep: {error.message}; {error.advice}"
    return ""


def run(chosen: argparse.Namespace, hosts: Sequence[HostSpec], settings: Settings) -> int:
    """Do what was asked for; the exit status."""
    if chosen.command == "restore":
        return _restore(chosen, hosts, settings)
    from virttui.cli import backup
    from virttui.cli.backup_lookup import BackupRequest
    from virttui.model.backup.arguments import BackupMode

    request = BackupRequest(
        names=tuple(chosen.names),
        every=chosen.all,
        pool=chosen.pool,
        host=chosen.host,
        id=getattr(chosen, "id", ""),
        keep=chosen.keep,
        dry_run=chosen.dry_run,
        as_json=chosen.json,
    )
    if chosen.command == "verify":
        return backup.verify(hosts, settings, request)
    if chosen.list:
        return backup.show_backups(hosts, settings, request)
    from msgspec.structs import replace

    request = replace(
        request,
        mode=BackupMode(chosen.mode),
        quiesce=not chosen.no_quiesce,
        without=tuple(chosen.without),
        start_paused=chosen.start_paused,
    )
    return backup.back_up(hosts, settings, request)


def _restore(chosen: argparse.Namespace, hosts: Sequence[HostSpec], settings: Settings) -> int:
    from virttui.cli.restore import RestoreOptions, restore

    options = RestoreOptions(
        chosen.name,
        id=chosen.id,
        source=chosen.source,
        pool=chosen.pool,
        name=chosen.new_name,
        host=chosen.host,
        targets=tuple(chosen.disk),
        in_place=chosen.in_place,
        link_up=chosen.link_up,
        start=chosen.start,
        dry_run=chosen.dry_run,
        as_json=chosen.json,
    )
    return restore(hosts, settings, options)
