"""Every command without a screen, against hosts and files that say what they like."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from tests.attack.definitions import BESIDE, IN_DEVICES, domain
from tests.attack.texts import TEXTS, in_xml, raw_in
from tests.e2e.child import Child
from tests.e2e.terminal import environment
from tests.e2e.test_command_line import run
from tests.patience import PATIENCE

COMMANDS = {
    "list": ("list",),
    "list as JSON": ("list", "--json"),
    "metrics": ("metrics",),
    "record": ("record", "-", "--for", "0.2", "--interval", "0.2"),
    "record as JSON": ("record", "-", "--for", "0.2", "--interval", "0.2", "--format", "jsonl"),
    "doctor": ("doctor",),
}


@pytest.fixture
def scene(tmp_path: Path) -> str:
    """The URI of a host whose every object has a hostile name and title."""
    parts = []
    for number, text in enumerate(TEXTS.values()):
        line = " ".join(in_xml(text).split("\n")).replace("\r", " ")
        name = escape(line.replace("/", "").strip()[:200] or "x")
        title = escape(line[:500])
        parts.append(
            f"<domain type='test'><name>{name}-{number}</name><title>{title}</title>"
            "<memory>1024</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>"
            f"<network><name>net-{name}-{number}</name><bridge name='b{number}'/></network>"
            f"<pool type='dir'><name>pool-{name}-{number}</name><target><path>/p{number}</path>"
            "</target></pool>"
        )
    file = tmp_path / "scene.xml"
    file.write_text(f"<node>{''.join(parts)}</node>")
    return f"test://{file}"


@pytest.mark.parametrize("command", COMMANDS)
def test_names_of_a_host_reach_no_terminal_raw(command: str, scene: str, tmp_path: Path) -> None:
    line = [sys.executable, "-m", "virttui", *COMMANDS[command], "-c", scene]
    with Child(line, 200, 60, environment(tmp_path)) as child:
        child.exit_status(PATIENCE)
        with child.wrote:
            child.wrote.wait_for(lambda: child.closed, PATIENCE)
        said = b"".join(data for _, data in child.chunks).decode().replace("\r\n", "\n")
    assert not raw_in(said), said
    assert "Traceback" not in said
    if command != "doctor":
        assert "\\u202e" in said, "it is shown, as what it is"


@pytest.mark.parametrize("command", [*COMMANDS, "create", "import", "archive"])
def test_what_a_host_says_before_the_login_reaches_no_terminal_raw(
    command: str, tmp_path: Path
) -> None:
    banner = tmp_path / "banner"
    banner.write_bytes("\n".join(TEXTS.values()).encode() + b"\xff\xfe")
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\ncat {banner} >&2\nexit 255\n")
    ssh.chmod(0o755)
    (tmp_path / "m.toml").write_text("[[machine]]\nname = 'a'\nmethod = 'network boot'\n")
    (tmp_path / "m.xml").write_text(domain())
    words = {
        "create": ("create", str(tmp_path / "m.toml")),
        "import": ("import", str(tmp_path / "m.xml")),
        "archive": ("archive", "a", str(tmp_path / "a.vtar")),
    }
    uri = f"qemu+ssh://root@127.0.0.1/system?command={ssh}"
    done = run(*{**COMMANDS, **words}[command], "-c", uri, home=tmp_path)
    assert not raw_in(done.stdout + done.stderr), done
    assert "Traceback" not in done.stderr, done


def test_a_definition_that_reaches_into_its_host_is_not_made(tmp_path: Path) -> None:
    devices = "".join(device for device, _ in IN_DEVICES.values())
    rest = "".join(one for one, _ in BESIDE.values())
    file = tmp_path / "all.xml"
    file.write_text(domain(devices, rest).replace("type='kvm'", "type='test'"))
    words = ("import", str(file), "-c", "test:///default")
    done = run(*words, home=tmp_path)
    assert done.returncode == 1, done
    blockers = [line for line in done.stdout.splitlines() if line.startswith("  blocker: ")]
    said = "\n".join(blockers)
    host = re.search(r"written to /etc/cron.d/x of (\S+)", said)
    assert host is not None, said
    for _, words_of in (*IN_DEVICES.values(), *BESIDE.values()):
        expected = words_of.replace("kvm01", host[1].rstrip(":"))
        cured = "/tmp/q is run" in expected or "on tap0" in expected
        assert expected in said or cured, "an emulator is the host's own, and so is a tap device"
    without = run(*words, "--set", "host-access=leave out", "--dry-run", home=tmp_path)
    assert "(host access)" not in without.stdout and "left out: " in without.stdout, without


def test_json_holds_every_text_as_it_is(scene: str, tmp_path: Path) -> None:
    rows = json.loads(run("list", "--json", "-c", scene, home=tmp_path).stdout)
    names = [row["name"] for row in rows]
    assert any("\u202e" in name for name in names) and len(names) == len(TEXTS)


def hears_all() -> None:
    """Where the tests run in the background, or under nohup, children are born deaf to these."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["list", "record", "metrics", "create", "import"])
def test_a_signal_at_any_moment_leaves_no_traceback(
    command: str, number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "m.toml").write_text("[[machine]]\nname = 'a'\nmethod = 'network boot'\n")
    (tmp_path / "m.xml").write_text(domain())
    words = {
        "create": ("create", str(tmp_path / "m.toml")),
        "import": ("import", str(tmp_path / "m.xml"), "--dry-run"),
        "record": ("record", "-", "--interval", "0.2"),
    }
    line = [sys.executable, "-m", "virttui", *{**COMMANDS, **words}[command]]
    for delay in (0.15, 0.4, 0.8):
        with subprocess.Popen(
            [*line, "-c", "test:///default"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, env=environment(tmp_path), start_new_session=True,
            preexec_fn=hears_all,
        ) as child:  # fmt: skip
            time.sleep(delay)  # whatever it does then is a moment as good as any
            os.kill(child.pid, number) if child.poll() is None else None
            _, said = child.communicate(timeout=60)
        # Python's own start is not ours: until the command line is read it dies in its own words.
        assert "Traceback" not in said or "in main" not in said, (delay, said)
