"""Calls of libvirt's that may have no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libvirt


def or_none(connection: Any, ask: Callable[[], Any]) -> Any:
    """The answer, or None where there is none to give; a broken connection is raised."""
    try:
        return ask()
    except libvirt.libvirtError:
        if not connection.isAlive():
            raise
        return None
