"""The displays and video devices in a domain's definition.

Field meanings follow libvirt's "Domain XML format".
"""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.domain_summary import os_id
from virttui.libvirtxml.parse import attribute, root_of, whole
from virttui.model.domains.guest_screen import Display, GuestDisplays
from virttui.model.errors import NotFound, Refused

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


def with_password(xml: str, type: str, password: str, valid_to: str) -> str:
    """Return the first display of a ``type`` with another password, as updateDevice takes it.

    ``valid_to`` is a moment in UTC as libvirt writes it (2026-12-31T23:59:00), "" for no end.
    Raises NotFound without such a display, Refused for one that was started without a password.
    """
    found = _of_type(xml, type)
    if not found.get("passwd"):
        raise Refused(
            f"its {type} display was started without a password",
            advice="give it one in its definition (x), for its next start",
        )
    found.set("passwd", password)
    found.attrib.pop("passwdValidTo", "")
    if valid_to:
        found.set("passwdValidTo", valid_to)
    return etree.tostring(found, encoding="unicode")


def password_of(xml: str, type: str) -> tuple[str, str]:
    """Return the password of the first display of a ``type``, and until when it is valid."""
    found = _of_type(xml, type)
    return found.get("passwd", ""), found.get("passwdValidTo", "")


def _of_type(xml: str, type: str) -> etree._Element:
    for one in root_of(xml).iterfind("devices/graphics"):
        if one.get("type") == type:
            return one
    raise NotFound(f"it has no {type} display any more")


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
