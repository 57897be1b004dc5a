"""Reasons why a connection could not be opened: by the transport, and by oddities of the URI.

Messages are those of libvirt 9 to 12, of OpenSSH and of what ssh runs on the far side. What fits no
row is quoted.
"""

from __future__ import annotations

import getpass
import os
import re
import shutil
from pathlib import Path

from virttui.hypervisor.connection.error_causes import Row, fitting
from virttui.hypervisor.connection.uris import authority, driver, host_of, transport

_BY_SSH = ("ssh", "libssh", "libssh2")
_BY_HAND = "run ssh {host} once in a shell, and accept its key if it is the right one"

_REMOTE_DENIED: tuple[Row, ...] = (
    (r"(?s)\b(?:virt-ssh-helper|nc|netcat|ncat|socket|unix connect)\b.*(?:-sock|socket|unix).*"
     r"Permission denied", "ssh lets {user} in there, and libvirt's socket does not",
     "sudo usermod -aG libvirt {user} on that host, or open it read-only with -r"),
    (r"no polkit agent|access denied by policy|authentication unavailable",
     "that host lets {user} in, and its libvirt asks for a right that {user} has not",
     "sudo usermod -aG libvirt {user} on that host, or open it read-only with -r"),
)  # fmt: skip
_SSH_DENIED: tuple[Row, ...] = (
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED",
     "the host key of {host} is not the one that ssh knows",
     "make sure that it is the right host, then run ssh-keygen -R {host} and ssh {host}"),
    (r"Host key verification failed|No \w+ host key is known|host key .* (?:unknown|not known)",
     "ssh does not know the host key of {host}", _BY_HAND),
    (r"Identity file (?P<file>.+?) not accessible", "the key {file} cannot be read",
     "see that it exists, for you alone (chmod 600); in the URI blanks are %20"),
    (r"Too many authentication failures", "ssh offers more keys than {host} looks at",
     "name the key in ~/.ssh/config, with IdentitiesOnly yes"),
    (r"Permission denied \(|Permission denied, please|no suitable method to retrieve|"
     r"[Aa]uthentication failed", "ssh does not let {user} in",
     "log in with a key: ssh-copy-id {login}, or an ssh-agent"),
)  # fmt: skip
_SSH_LOST: tuple[Row, ...] = (
    (r"(?s)\b(?:virt-ssh-helper|nc|netcat|ncat|socket|unix connect)\b.*"
     r"(?:-sock|socket|unix).*(?:No such file|Connection refused)",
     "ssh lets in, and no libvirt daemon answers on {host}",
     "sudo systemctl enable --now libvirtd (or virtqemud.socket) on that host"),
    (r"\b(?:virt-ssh-helper|nc|netcat): (?:command )?not found",
     "ssh lets in, and {host} has no program that reaches libvirt's socket",
     "install libvirt's daemon there, which has virt-ssh-helper"),
    (r"(?:[Cc]annot find|unable to find) '?ssh\b|ssh: (?:command )?not found",
     "there is no ssh on this machine", "install openssh-client"),
    (r"Bad port", "the port in the URI is none", "a port is 1 to 65535"),
)  # fmt: skip
_NETWORK: tuple[Row, ...] = (
    (r"(?:[Cc]ould not resolve|[Uu]nable to resolve|lookup for)[^\n]*|Name or service not known",
     "no address is known for {host}", "see how it is written, or name its address"),
    (r"Connection refused", "nothing listens there: {host} refuses the connection",
     "start the daemon, or its ssh, on that host, or name the port"),
    (r"No route to host|Network is unreachable", "there is no way to {host} from here",
     "see that it is on, and your network or VPN"),
    (r"(?:Connection|Operation) timed out", "{host} does not answer",
     "see that it is on, and that no firewall drops the port"),
)  # fmt: skip
_TLS: tuple[Row, ...] = (
    (r"Cannot read (?:CA certificate|certificate|private key) '(?P<file>[^']+)'",
     "without +ssh it goes by TLS, for which {file} is not there",
     "by ssh it is {by_ssh}"),
    (r"certificate.*(?:expired|not yet (?:valid|activated))",
     "a certificate of the TLS connection has expired", "renew it; see libvirt's tlscerts page"),
    (r"[Cc]ertificate.*(?:known issuer|not trusted|does not match|owner)",
     "the certificate of {host} is not trusted here", "by ssh it is {by_ssh}"),
)  # fmt: skip


def denied(uri: str, message: str) -> tuple[str, str] | None:
    """The reason and advice when ``uri`` denies this user; None for another reason."""
    if transport(uri) in _BY_SSH:
        return fitting(_REMOTE_DENIED + _SSH_DENIED, message, **_names(uri))
    return fitting(_REMOTE_DENIED[1:], message, **_names(uri)) if host_of(uri) else None


def lost(uri: str, message: str) -> tuple[str, str] | None:
    """The reason and advice when nothing answers at ``uri``; None where no row fits."""
    if transport(uri) in _BY_SSH:
        return fitting(_SSH_LOST + _NETWORK, message, **_names(uri))
    return fitting(_TLS + _NETWORK, message, **_names(uri)) if host_of(uri) else None


def _names(uri: str) -> dict[str, str]:
    """The values for the texts of a row: user, host, and the same URI by ssh."""
    host, user = host_of(uri) or "localhost", authority(uri).rpartition("@")[0]
    there = f"[{host}]" if ":" in host else host
    return {
        "host": host,
        "user": user or "you",
        "login": f"{user}@{host}" if user else host,
        "by_ssh": f"{driver(uri)}+ssh://{user or 'root'}@{there}/system",
    }


_UNITS = Path("/usr/lib/systemd/system"), Path("/lib/systemd/system")
_SPLIT = {"qemu": "virtqemud", "lxc": "virtlxcd", "xen": "virtxend", "ch": "virtchd",
          "vbox": "virtvboxd", "bhyve": "virtbhyved", "vz": "virtvzd"}  # fmt: skip


def start_here(uri: str) -> str:
    """The one command that starts the daemon of this machine, or installs it."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    own = _SPLIT.get(driver(uri), "virtqemud")
    for unit in ("libvirtd.service", f"{own}.socket"):
        if any((folder / unit).exists() for folder in _UNITS):
            return f"{sudo}systemctl enable --now {unit.removesuffix('.service')}"
    if shutil.which("apt-get"):
        return f"{sudo}apt-get install libvirt-daemon-system"
    return f"{sudo}dnf install libvirt" if shutil.which("dnf") else "install libvirt's daemon"


def join_group() -> str:
    """The one command that gives this user the right to the daemon of this machine."""
    return f"sudo usermod -aG libvirt {getpass.getuser()}, then log in again"


def not_taken(message: str) -> bool:
    """Return true if libvirt rejects the URI itself."""
    return re.search(
        r"no connection driver available|[Uu]nable to parse URI|[Mm]alformed|unexpected \S+ URI|"
        r"URI path|transport in URL not recogni[sz]ed|remote_open: |[Uu]nknown remote mode|"
        r"proxy type|does not include a driver name|unsupported URI|invalid URI", message,
    ) is not None  # fmt: skip
