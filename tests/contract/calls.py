"""The calls that are made, all at one time, and the files that they name."""

from __future__ import annotations

from . import inside
from .child import NOWHERE, TEST

FILES = {
    "wrong.toml": "no_such_setting = 1\n",
    "wrong.csv": "a,b\n",
    "machines.toml": '[[machine]]\nname = "web-{01..02}"\nmethod = "network boot"\n'
    'memory = "64M"\n',
    "xdg/virttui/config.toml": "no_such_setting = 1\n",
}
COMMANDS = ("", "list", "record", "metrics", "create", "import", "archive", "backup", "verify",
            "restore", "doctor")  # fmt: skip
HELP = tuple(f"{command} --help".strip() for command in COMMANDS)
STATUSES = (
    "--version",
    "--help",
    "list --help",
    "",
    "--demo",
    "--no-such-option",
    "no-such-command",
    "-c",
    "--interval soon list",
    "--interval 0 list",
    "--config /nonexistent/config.toml list",
    "--config wrong.toml list",
    "--log /nonexistent/log list",
    f"list -c {TEST}",
    f"-c {TEST} list --json",
    f"list -c {NOWHERE}",
    "record",
    f"record -c {TEST} --for 0.1 out.csv",
    f"record -c {TEST} --for 0.1 out.jsonl",
    f"record -c {TEST} --for 0.1 -",
    f"record -c {TEST} --for 0.1 --format jsonl -",
    f"record -c {TEST} --for 0 out.csv",
    f"record -c {TEST} --for 0.1 out.txt",
    f"record -c {TEST} --format xml out.csv",
    f"record -c {TEST} --for 0.1 wrong.csv",
    f"metrics -c {TEST}",
    f"metrics -c {NOWHERE}",
    "metrics --listen x:y",
    f"metrics -c {TEST} --listen 192.0.2.1:1",
    "create",
    "create --fields",
    f"create -c {TEST} /nonexistent.toml",
    f"create -c {TEST} --dry-run wrong.toml",
    f"create -c {TEST} --dry-run machines.toml",
    "import",
    f"import -c {TEST} /nonexistent.ova",
    f"import -c {TEST} --set nonsense machines.toml",
    "archive test",
    f"archive -c {TEST} test web.vtar",
    "backup",
    f"backup -c {TEST} test",
    f"backup -c {TEST} test --pool nowhere",
    f"backup -c {TEST} --all test --pool default-pool",
    f"backup -c {TEST} test --pool default-pool --dry-run",
    f"backup -c {TEST} --list",
    "verify",
    f"verify -c {TEST} test",
    "restore",
    "restore test --in-place --as other",
    f"restore -c {TEST} test",
    f"doctor -c {TEST}",
    f"doctor -c {NOWHERE}",
)
DEMO = f"list -c {inside.demo_uri()}"
CALLS = tuple(dict.fromkeys((*STATUSES, *HELP, DEMO)))
ELSEWHERE = {
    "LIBVIRT_DEFAULT_URI": ("doctor", TEST),
    "XDG_CONFIG_HOME": ("doctor", "xdg"),
}
"""Variables of the environment, each with a call and a value for it."""
