"""Scenes for libvirt's test driver with any number of domains, three of four running."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

NAMED = re.compile(r"\b(?:db|web|ci-runner|k8s-node|mail|build)-\d{5}\b")
"""What a domain of a scene is called; nothing else on the screen looks like it."""

_ROLES = ("db", "web", "ci-runner", "k8s-node", "mail", "build")
_SPACE = uuid.UUID("5cf1e8b0-334a-5163-993d-4f2c72055449")

_DOMAIN = """\
<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
<name>{name}</name><uuid>{uuid}</uuid><title>Number {number}</title>
<memory>{memory}</memory><currentMemory>{memory}</currentMemory><vcpu>{vcpus}</vcpu>
<os><type>hvm</type><boot dev='hd'/></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>\
<source file='/srv/images/{name}.qcow2'/><target dev='vda' bus='virtio'/></disk>
<interface type='network'><mac address='52:54:00:{mac}'/><source network='net-{network}'/>\
<target dev='nic{number}'/><model type='virtio'/></interface>
<console type='pty'/><memballoon model='virtio'/></devices>
<test:runstate>{state}</test:runstate></domain>
"""
_NETWORK = """\
<network><name>net-{number}</name><uuid>{uuid}</uuid><forward mode='nat'/>\
<bridge name='virbr{number}'/><ip address='10.{number}.0.1' netmask='255.255.0.0'/></network>
"""
_POOL = """\
<pool type='dir'><name>pool-{number}</name><uuid>{uuid}</uuid>\
<target><path>/srv/pool-{number}</path></target></pool>
"""


def write(folder: Path, domains: int, *, running: bool = True, first: int = 0) -> str:
    """Write a scene into ``folder``; returns its URI. Not ``running`` means that all are off.

    Domains are numbered from ``first``.
    """
    path = folder / f"{domains}-{'mixed' if running else 'off'}.xml"
    if not path.exists():
        parts = ["<node>\n<cpu><mhz>2900</mhz><model>x86_64</model><active>32</active>"]
        parts.append("<nodes>2</nodes><sockets>1</sockets><cores>8</cores><threads>2</threads>")
        parts.append("</cpu>\n<memory>805306368</memory>\n")
        parts += [_domain(number, running) for number in range(first, first + domains)]
        parts += [_NETWORK.format(number=n, uuid=_uuid(f"net-{n}")) for n in range(4)]
        parts += [_POOL.format(number=n, uuid=_uuid(f"pool-{n}")) for n in range(4)]
        path.write_text("".join([*parts, "</node>\n"]))
    return f"test://{path}"


def _domain(number: int, running: bool) -> str:
    name = f"{_ROLES[number % len(_ROLES)]}-{number:05}"
    return _DOMAIN.format(
        name=name,
        uuid=_uuid(name),
        number=number,
        memory=2 ** (20 + number % 5),
        vcpus=1 + number % 4,
        mac=f"{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
        network=number % 4,
        state=1 if running and number % 4 else 5,
    )


def _uuid(name: str) -> uuid.UUID:
    return uuid.uuid5(_SPACE, name)
