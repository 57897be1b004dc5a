"""The displays and video devices in a domain's definition.

Field meanings follow libvirt's "Domain XML format".
"""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.domain_summary import os_id
from virttui.libvirtxml.parse import attribute, root_of, whole
from virttui.model.domains.guest_screen import Display, GuestDisplays

_WINDOWS = "microsoft.com/win"


def guest_displays(xml: str, *, secured: bool) -> GuestDisplays:
    """Return the displays of a domain. Raises InvalidInput.

    ``secured`` says that the definition was read with its passwords, so that none means none.
    """
    root = root_of(xml)
    graphics = list(root.iterfind("devices/graphics"))
    video = [attribute(one, "model", "type") for one in root.iterfind("devices/video")]
    heads = [
        whole(attribute(one, "model", "heads", "1")) or 1 for one in root.iterfind("devices/video")
    ]
    shown = [kind for kind in video if kind != "none"]
    keymaps = [one.get("keymap", "") for one in graphics]
    return GuestDisplays(
        displays=tuple(_display(one, secured=secured) for one in graphics),
        video=tuple(shown),
        screens=sum(count for kind, count in zip(video, heads, strict=True) if kind != "none"),
        keymap=next((one for one in keymaps if one), ""),
        windows=_WINDOWS in os_id(root),
    )


def _display(element: etree._Element, *, secured: bool) -> Display:
    return Display(
        type=element.get("type", ""),
        address=attribute(element, "listen", "address") or element.get("listen", ""),
        port=_port(element.get("port", "")),
        tls_port=_port(element.get("tlsPort", "")),
        socket=attribute(element, "listen", "socket") or element.get("socket", ""),
        password=bool(element.get("passwd")) if secured else None,
    )


def _port(text: str) -> int | None:
    """A port that is there; libvirt writes -1 for one that it still has to choose."""
    return whole(text) or None
