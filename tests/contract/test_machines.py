"""Files of ``virttui create``, fields of ``virttui import``, templates, archives."""

from __future__ import annotations

import json
from pathlib import Path

from . import inside
from .promise import FROZEN, hold

EVERY_WAY = """
[defaults]
host = "kvm01"
template = "web server"
method = "cloud image"
autostart = true

[[machine]]
name = "web-{01..03}"
vcpus = 4
memory = "2G"
disk2.size = "100G"
nic2.net = "bridge:br0"

[[machine]]
name = "db-01"
autostart = false
[machine.disk2]
pool = "fast"
"""


def test_the_fields_are_the_same() -> None:
    told: list[str] = []
    for method, fields in inside.fields_of_create().items():
        told += [method, *(f"    {one}" for one in fields)]
    hold("create", told)


def test_a_file_asks_for_the_same(tmp_path: Path) -> None:
    file = tmp_path / "machines.toml"
    file.write_text(EVERY_WAY.replace('template = "web server"\n', ""))
    hold("create-file", json.dumps(inside.machines_of(file), indent=1).splitlines())


def test_the_fields_of_an_import_are_the_same() -> None:
    told: list[str] = []
    for about, fields in inside.fields_of_import().items():
        told += [about, *(f"    {one}" for one in fields)]
    hold("import", told)


def test_an_archive_of_today_is_read() -> None:
    """``frozen/web-01.vtar`` was written by the version that this promise was made with."""
    told = inside.archive_told(FROZEN / "web-01.vtar")
    hold("archive-read", json.dumps(told, indent=1).splitlines())
