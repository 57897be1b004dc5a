"""Arguments and environment first; textual and libvirt are imported only when they are needed."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from virttui import __version__
from virttui.cli import backup_options
from virttui.cli.snapshots import options as snapshot_options

if TYPE_CHECKING:
    from virttui.model.backend import Backend, HostSpec, OpenBackend, Publish
    from virttui.settings import Settings

DESCRIPTION = "A keyboard-driven terminal console for libvirt."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 0, 1 on failure, 2 on bad arguments."""
    with _quiet_on_ctrl_c():
        return _run(arguments)


@contextlib.contextmanager
def _quiet_on_ctrl_c() -> Iterator[None]:
    """ctrl+c ends a command as it ends any Unix tool, also while modules are still imported.

    What has something to undo sets handlers of its own; the screen takes the key as one of its.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:
        yield  # nohup, or a caller's own
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run(arguments: Sequence[str] | None) -> int:
    _open_what_is_closed()
    parser = _parser()
    try:
        chosen = parser.parse_args(arguments)
        if chosen.command == "create" and not (chosen.file or chosen.fields):
            parser.error("create needs a FILE; create --fields lists what can be in it")
        if problem := backup_options.problem(chosen):
            parser.error(problem)
    except SystemExit as end:
        return _printed(int(end.code or 0))
    # Only now: --version and --help need none of it.
    from virttui.model.errors import InvalidInput

    try:
        settings = _settings(chosen)
    except InvalidInput as error:
        print(f"virttui: {error.message}", file=sys.stderr)
        return 2
    if settings.log is not None and not _log_to(settings.log):
        return 2
    # The library's own log goes to stderr by default, which is where the screen is drawn.
    os.environ.setdefault("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null")
    if chosen.command is None:
        return _screen(settings)
    from virttui.cli import output

    try:
        status = _headless(chosen, settings)
        output.flush()
    except BrokenPipeError:
        # Whoever read our output has seen enough, as with any Unix tool.
        output.discard_output()
        return 1
    except InvalidInput as error:
        output.warn(error.message)
        output.discard_output()
        return 1
    return status


def _printed(status: int) -> int:
    """The status of an end by --help, --version or a bad argument, 1 where it was not printed."""
    try:
        sys.stdout.flush()
    except OSError as error:
        print(f"virttui: standard output cannot be written: {error.strerror}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return status


def _open_what_is_closed() -> None:
    """Have no connection or file of ours become standard input, output or error.

    Errors go nowhere then; an output that is wanted fails, as it is told by its exit status.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is what is opened next.
            os.open(os.devnull, os.O_RDONLY if number == 1 else os.O_RDWR)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115


def _headless(chosen: argparse.Namespace, settings: Settings) -> int:
    if chosen.command == "list":
        from virttui.cli.list_domains import list_domains

        return list_domains(_hosts(settings), settings, as_json=chosen.json)
    if chosen.command == "record":
        from virttui.cli.record import record

        return record(_hosts(settings), settings, chosen.file, chosen.format, chosen.seconds)
    if chosen.command == "create":
        if chosen.fields:
            from virttui.cli.create_fields import print_fields

            return print_fields()
        from virttui.cli.create import create

        return create(_hosts(settings), settings, chosen.file, dry_run=chosen.dry_run)
    if chosen.command == "import":
        from virttui.cli.import_archive import bring

        return bring(
            _hosts(settings), settings, chosen.file, chosen.host, chosen.set,
            dry_run=chosen.dry_run,
        )  # fmt: skip
    if chosen.command == "archive":
        from virttui.cli.import_archive import pack

        return pack(_hosts(settings), settings, chosen.name, chosen.file, chosen.host)
    if chosen.command in ("backup", "verify", "restore", "snapshot"):
        run = snapshot_options.run if chosen.command == "snapshot" else backup_options.run
        return run(chosen, _hosts(settings), settings)
    if chosen.command == "metrics":
        from virttui.cli.metrics import print_metrics, serve

        if chosen.listen is None:
            return print_metrics(_hosts(settings), settings)
        return serve(_hosts(settings), settings, chosen.listen)
    from virttui.cli.output import show_message
    from virttui.hypervisor.doctor import examine

    return examine(_hosts(settings), show_message)


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    _shared_options(common, argparse.SUPPRESS)
    parser = argparse.ArgumentParser(prog="virttui", description=DESCRIPTION)
    _shared_options(parser, None)
    parser.add_argument("--demo", action="store_true", help="simulated hosts to learn on")
    parser.add_argument("--interval", metavar="SECONDS", help="refresh interval; 1 by default")
    parser.add_argument("--slow", action="store_true", help="for slow links: 2 s, fewer colours")
    parser.add_argument("--version", action="version", version=f"virttui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    listing = commands.add_parser(
        "list", parents=[common], help="print all domains with state and metrics"
    )
    listing.add_argument("--json", action="store_true", help="as JSON, for scripts")
    recording = commands.add_parser(
        "record", parents=[common], help="write a row per domain and tick to a file"
    )
    recording.add_argument("file", metavar="FILE", help="- is standard output")
    recording.add_argument(
        "--interval", metavar="SECONDS", default=argparse.SUPPRESS, help="between two rows"
    )
    recording.add_argument(
        "--for", metavar="SECONDS", dest="seconds", type=_seconds, help="then end; else on ctrl+c"
    )
    recording.add_argument(
        "--format", choices=("csv", "jsonl"), default="", help="if FILE does not end in it"
    )
    metrics = commands.add_parser(
        "metrics", parents=[common], help="print or serve all metrics as OpenMetrics"
    )
    metrics.add_argument(
        "--interval", metavar="SECONDS", default=argparse.SUPPRESS, help="refresh interval"
    )
    metrics.add_argument(
        "--listen", metavar="HOST:PORT", nargs="?", const="", type=_address,
        help="serve /metrics there; 127.0.0.1:9177 by default",
    )  # fmt: skip
    creating = commands.add_parser(
        "create", parents=[common], help="create the machines that a TOML file describes"
    )
    creating.add_argument(
        "file", metavar="FILE", nargs="?", help="[defaults] and [[machine]] tables"
    )
    creating.add_argument(
        "--fields", action="store_true", help="list the fields of a FILE, by method"
    )
    creating.add_argument("--dry-run", action="store_true", help="plan and check, create nothing")
    importing = commands.add_parser(
        "import", parents=[common], help="create a machine from an OVA, VMX, XML or archive"
    )
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--host", default="", help="to which one of several")
    importing.add_argument("--dry-run", action="store_true", help="plan and check, create nothing")
    importing.add_argument(
        "--set", metavar="FIELD=VALUE", action="append", default=[], help="a field of the form"
    )
    archiving = commands.add_parser(
        "archive", parents=[common], help="pack a machine that is off into one file"
    )
    archiving.add_argument("name", metavar="NAME")
    archiving.add_argument("file", metavar="FILE")
    archiving.add_argument("--host", default="", help="on which one of several")
    backup_options.add_commands(commands, common)
    snapshot_options.add_command(commands, common)
    commands.add_parser(
        "doctor", parents=[common], help="check access to a host, and say how to fix it"
    )
    return parser


def _seconds(text: str) -> float:
    """A time that is longer than none."""
    with contextlib.suppress(ValueError):
        if 0 < (seconds := float(text)) < float("inf"):
            return seconds
    raise argparse.ArgumentTypeError(f"expected seconds above 0, not {text!r}")


def _address(text: str) -> tuple[str, int]:
    """``HOST:PORT``, ``[IPV6]:PORT``, ``HOST`` or ``PORT``; whatever is missing is the usual."""
    host, colon, port = text.rpartition(":")
    if text.endswith("]") or (not colon and not text.isdigit()):
        host, port = text, ""
    with contextlib.suppress(ValueError):
        if 0 <= (number := int(port or 9177)) <= 65535:
            return host.strip("[]") or "127.0.0.1", number
    raise argparse.ArgumentTypeError(f"expected HOST:PORT, not {text!r}")


def _shared_options(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Options that may stand before or after a command's name; the later one counts."""
    parser.add_argument(
        "-c", "--connect", metavar="URI", action="append", default=default,
        help="a host to open, such as qemu:///system; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "-r", "--readonly", action="store_true", default=default or False,
        help="show everything, refuse every change",
    )  # fmt: skip
    parser.add_argument(
        "--config", metavar="FILE", default=default, help="instead of the default one"
    )
    parser.add_argument("--log", metavar="FILE", default=default, help="write the log there")


def _settings(chosen: argparse.Namespace) -> Settings:
    """The file's settings with the command line's over them. Raises InvalidInput."""
    from msgspec.structs import replace

    from virttui import settings as files

    settings = files.read(Path(chosen.config) if chosen.config else None)
    if chosen.slow:
        settings = replace(settings, slow=True)
    if settings.slow:
        settings = replace(settings, interval=max(2.0, settings.interval))
    if chosen.interval is not None:
        settings = replace(settings, interval=files.interval_of(chosen.interval))
    if chosen.connect:
        settings = replace(settings, hosts=files.specs(chosen.connect), explicit=True)
    if chosen.log:
        settings = replace(settings, log=Path(chosen.log))
    return replace(settings, read_only=settings.read_only or chosen.readonly, demo=chosen.demo)


def _hosts(settings: Settings) -> tuple[HostSpec, ...]:
    """The hosts to open: those chosen, or whatever libvirt itself would open."""
    from virttui.settings import default_hosts

    return settings.hosts or default_hosts(settings.environment)


def _log_to(path: Path) -> bool:
    import logging

    try:
        # The log may name domains and hosts: it is for its owner alone.
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        logging.basicConfig(
            filename=path, level=logging.DEBUG, format="%(asctime)s %(name)s %(message)s"
        )
    except OSError as error:
        print(f"virttui: {path} cannot be written: {error.strerror}", file=sys.stderr)
        return False
    return True


def _screen(settings: Settings) -> int:
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        print("virttui: this needs a terminal; virttui list works without one", file=sys.stderr)
        return 1
    # Read by textual when it is imported.
    # A key waits for the next frame: over a slow link fewer of them, else as many as one can see.
    os.environ.setdefault("TEXTUAL_FPS", "30" if settings.slow else "60")
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    os.environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
    from msgspec.structs import replace

    from virttui.app import VirtTuiApp
    from virttui.demo import demo_hosts
    from virttui.local.terminal_graphics import ask

    if not settings.slow:
        # While the screen has the terminal, it takes what comes for keys.
        graphics, cell = ask(os.environ)
        settings = replace(settings, graphics=graphics, cell=cell)
    # Each tick makes as many objects as it frees; the usual threshold would have the collector walk
    # ten thousand rows for nothing, in the middle of a key.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    hosts = demo_hosts() if settings.demo else _hosts(settings)
    app = VirtTuiApp(settings, _backend_opener(settings), hosts, demo_hosts)
    app.run()
    # Nothing but the app's own end says 0: without one it broke.
    status = 1 if app.return_code is None else app.return_code
    sys.stdout.flush()
    sys.stderr.flush()
    # A libvirt call that hangs holds a thread of ours in C: nobody waits for it at exit.
    os._exit(status)


def _backend_opener(settings: Settings) -> OpenBackend:
    """What opens a fleet; libvirt is imported when it is called, after the first paint."""

    def open_backend(hosts: Sequence[HostSpec], publish: Publish) -> Backend:
        from virttui.hypervisor.fleet import Fleet

        return Fleet(hosts, publish, settings)

    return open_backend


if __name__ == "__main__":
    sys.exit(main())
