"""A login to a guest by ssh: what may be typed, the way there, and the program's arguments.

Nothing that is typed or told by a guest is ever an option of ssh: names and addresses that begin
with a dash or hold blanks are refused, and the address stands behind ``--``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from virttui.model.errors import InvalidInput
from virttui.model.inventory import Network

_USER = re.compile(r"[^\s@:\x00-\x1f\x7f-\x9f-][^\s@:\x00-\x1f\x7f-\x9f]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
PORT = 22


class SshLogin(Struct, frozen=True):
    """A login. ``jump`` is the host on the way, as ssh's option ``-J`` takes it, "" for none."""

    address: str
    user: str
    port: int = PORT
    jump: str = ""

    @property
    def title(self) -> str:
        """What it is called: ``ssh root@10.0.0.5``."""
        port = f":{self.port}" if self.port != PORT else ""
        way = f" through {self.jump}" if self.jump else ""
        return f"ssh {self.user}@{self.address}{port}{way}"


def login(address: str, user: str, port: str, jump: str = "") -> SshLogin:
    """The login of these values. Raises InvalidInput."""
    if not is_address(address):
        raise InvalidInput("the address is an IP address or a name of a host")
    if not _USER.fullmatch(user):
        raise InvalidInput("name the user; a name has no blank and no dash first")
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not 0 < number < 65536:
        raise InvalidInput("the port is a number up to 65535")
    return SshLogin(address, user, number, jump)


def is_address(text: str) -> bool:
    """Whether it is an IP address, or a name that cannot be an option."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return bool(_NAME.fullmatch(text)) and len(text) < 254
    return "%" not in text or bool(_NAME.fullmatch(text.partition("%")[2]))


def arguments(wanted: SshLogin) -> list[str]:
    """The process to start."""
    jump = ["-J", wanted.jump] if wanted.jump else []
    return ["ssh", "-p", str(wanted.port), "-l", wanted.user, *jump, "--", wanted.address]


def jump_of(uri: str) -> str:
    """The host of a connection by ssh, as ``-J`` takes it; "" where there is none to go through."""
    try:
        parts: SplitResult = urlsplit(uri)
        port, host, user = parts.port, parts.hostname or "", parts.username or ""
    except ValueError:
        return ""
    if "+ssh" not in parts.scheme and "+libssh" not in parts.scheme:
        return ""
    if not is_address(host) or (user and not _USER.fullmatch(user)):
        return ""
    named = f"[{host}]" if ":" in host else host
    return f"{user}@{named}" * bool(user) + named * (not user) + (f":{port}" if port else "")


def is_behind(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address is of a network that its host alone knows the way to."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    for network in networks:
        for subnet in network.subnets if network.active else ():
            try:
                if known in ipaddress.ip_network(str(subnet), strict=False):
                    return network.mode in ("nat", "isolated", "none", "")
            except ValueError:
                continue
    return False
