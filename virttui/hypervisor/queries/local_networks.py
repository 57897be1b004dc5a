"""Facts about networks that libvirt does not report, read on this machine: dnsmasq, bridges.

It is read as libvirt's daemon sees it, through the root of its process: the daemon may live in a
mount namespace of its own.
"""

from __future__ import annotations

import os
from pathlib import Path

from virttui.hypervisor.connection.uris import split_uri
from virttui.hypervisor.queries.diagnosis import daemon
from virttui.model.inventory import Dnsmasq

_CONFIG = "/var/lib/libvirt/dnsmasq/{}.conf"
_PID = "run/libvirt/network/{}.pid"


class LocalNetworks:
    """The machine of one connection. The daemon is looked for once: a new one, a new connection."""

    def __init__(self, here: str) -> None:
        """``here`` is the URI of a host that is this machine, else ""."""
        self._here = here
        self._scanned = False
        self._root: Path | None = None
        self._sure = False

    def dnsmasq(self, network: str) -> Dnsmasq | None:
        """The dnsmasq of an active network that has one; None where it cannot be seen."""
        root = self._seen()
        if root is None or "/" in network:
            return None
        config = _CONFIG.format(network)
        try:
            pid = int((root / _PID.format(network)).read_text())
        except FileNotFoundError:
            # A dnsmasq that is asked to end takes its file along. Without the daemon's own eyes
            # a file that is not there says nothing.
            died = self._sure and (root / config[1:]).exists()
            return Dnsmasq(config) if died else None
        except (OSError, ValueError):
            return None
        try:
            command = (root / f"proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            return Dnsmasq(config)
        except OSError:
            return None
        # Another process may have taken its number.
        return Dnsmasq(config, pid if config.encode() in command else None)

    def bridge_of(self, device: str) -> str | None:
        """The bridge that a device is on, "" for none; None where that cannot be seen."""
        root = self._seen()
        if root is None or not self._sure or "/" in device:
            return None
        place = root / "sys/class/net" / device
        try:
            return (place / "master").readlink().name
        except FileNotFoundError:
            return "" if place.exists() else None
        except OSError:
            return None

    def _seen(self) -> Path | None:
        if not self._scanned:
            self._scanned = True
            self._scan()
        return self._root

    def _scan(self) -> None:
        if not self._here or split_uri(self._here).path.startswith("/session"):
            return
        process = daemon(self._here)
        if process is None:
            return
        root = Path(f"/proc/{process}/root")
        self._sure = os.access(root / "run", os.X_OK)
        self._root = root if self._sure else Path("/")
