"""libvirt's own default event loop, on one daemon thread for the life of the process.

Not libvirtaio: libvirt calls the loop's hooks from whichever thread makes a call, and asyncio
may not be touched from foreign threads.
"""

from __future__ import annotations

import logging
import threading

import libvirt

log = logging.getLogger(__name__)

_once = threading.Lock()
_thread: threading.Thread | None = None


def start() -> None:
    """Silence libvirt on stderr, register the loop and run it. Must precede the first open."""
    global _thread
    with _once:
        if _thread is not None:
            return
        # By default every error is printed to stderr, which is where the screen is drawn.
        libvirt.registerErrorHandler(_quiet, None)
        libvirt.virEventRegisterDefaultImpl()
        _thread = threading.Thread(target=_run, name="libvirt-events", daemon=True)
        _thread.start()


def _quiet(_context: object, error: tuple[object, ...]) -> None:
    log.debug("libvirt: %s", error[2] if len(error) > 2 else error)


def _run() -> None:
    while True:
        libvirt.virEventRunDefaultImpl()
