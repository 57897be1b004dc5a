"""Keys of ``config.toml``, what each takes, and the environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from . import inside
from .promise import hold
from .source import nodes, texts

VALUES = (
    "true", "-1", "0", "0.1", "0.2", "1", "1.5", "16", "17", "3600", "3601", "inf", '"x"', '"/x"',
    '"auto"', '"dark"', '"light"', '"ansi"', '"none"', '"unicode"', '"ascii"', '"braille"',
    '"blocks"', "[]",
)  # fmt: skip
KNOWN = {"LANG", "TERM", "VISUAL", "EDITOR"}
"""Environment variables of one word."""


def config_text(key: str, value: str) -> str:
    table, _, name = key.rpartition(".")
    return f"[{table}]\n{name} = {value}\n" if table else f"{key} = {value}\n"


def test_every_key_has_its_default() -> None:
    hold("config-defaults", [f"{key} = {value!r}" for key, value in inside.config_defaults()])


def test_every_key_takes_what_it_took(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    told = []
    for key, _ in inside.config_defaults():
        taken = [one for one in VALUES if not inside.config_error(file, config_text(key, one))]
        told.append(f"{key} takes {' '.join(taken)}")
    hold("config-values", told)


def test_hosts_are_known_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[[host]]\nname = "kvm01"\nuri = "qemu+ssh://root@kvm01/system"\n'
        '[[host]]\nuri = "qemu:///system"\n'
    )
    assert inside.hosts_of(file) == [
        ("kvm01", "qemu+ssh://root@kvm01/system", "kvm01"),
        ("qemu:///system", "qemu:///system", ""),
    ]
    for text in ("[host]\n", "[[host]]\n", '[[host]]\nuri = ""\n', "host = 1\n"):
        assert inside.config_error(file, text), text


def test_a_whole_file_is_read_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    assert not inside.config_error(
        file,
        'interval = 2\nslow = true\nread_only = true\ntheme = "light"\nglyphs = "ascii"\n'
        'eyes_first = false\nshutdown_wait = 30\nat_a_time = 5\ngraphs = "blocks"\n'
        'log = "/x/log"\nscratch = "/x/tmp"\n[limits]\ncpu = 80\nmemory = 85\nsteal = 5\n'
        "filesystem = 70\nfull = 75\nfull_alarm = 99\nlatency = 20\nlatency_times = 4\n"
        "vcpus_promised = 2.5\nmemory_promised = 110\npool_promised = 200\npressure = 40\n",
    )
    hold("config-read", [f"{key}: {value}" for key, value in inside.config_values(file).items()])


def variables() -> Iterator[str]:
    """Every variable that is asked of an environment, by functions that have one."""
    for text, node in nodes("environ"):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if "environ" in "".join(text.splitlines()[node.lineno - 1 : node.end_lineno]):
            for one in texts(node):
                if one in KNOWN or re.fullmatch(r"[A-Z]+_[A-Z_]+", one):
                    yield one


def test_the_environment_is_read_by_the_same_names() -> None:
    hold("environment", sorted(set(variables())))
