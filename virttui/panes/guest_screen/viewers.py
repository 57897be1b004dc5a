"""Lines that show a guest's display on a machine with a screen: virt-viewer, an ssh tunnel, a file.

An address that a host listens on for itself alone is reached through ssh to that host.
"""

from __future__ import annotations

import shlex
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from virttui.model.domains.guest_screen import Display
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end

_EVERYWHERE = ("", "0.0.0.0", "::", "*")
"""What a display listens on when it listens on every address."""

HEIGHT = 5
"""Lines of the part below the screen."""


class ViewerLines(Struct, frozen=True):
    """What can be handed over.

    ``viewer`` is virt-viewer's line for another machine, ``here`` its arguments on this one.
    ``tunnel`` is the ssh line that has to run
    first and ``remote`` the address to open then; both are "" where the display has no port.
    ``address`` is the display's own, as its host sees it. ``file`` is the content of a ``.vv``
    file, "" without a port: it goes with the tunnel, and has no password.
    """

    viewer: str
    here: tuple[str, ...]
    tunnel: str = ""
    remote: str = ""
    address: str = ""
    file: str = ""


def viewer_lines(uri: str, host: str, name: str, display: Display | None) -> ViewerLines:
    """The lines for a domain ``name`` at a libvirt ``uri``, on a host called ``host``."""
    here = ("virt-viewer", "-c", uri, "--", name)
    viewer = shlex.join(("virt-viewer", "-c", _from_elsewhere(uri, host), "--", name))
    if display is None or display.type not in ("vnc", "spice"):
        return ViewerLines(viewer, here)
    port = display.port or display.tls_port
    if port is None:
        return ViewerLines(viewer, here, address=display.socket)
    listens = "127.0.0.1" if display.address in _EVERYWHERE else display.address
    inside = f"[{listens}]" if ":" in listens else listens
    ssh = _ssh(urlsplit(uri), host)
    tunnel = shlex.join(["ssh", "-NL", f"{port}:{inside}:{port}", *ssh])
    return ViewerLines(
        viewer,
        here,
        tunnel,
        f"{display.type}://127.0.0.1:{port}",
        f"{display.type}://{inside}:{port}",
        _vv_file(display, port, name),
    )


def _from_elsewhere(uri: str, host: str) -> str:
    """The URI as another machine would have it: one of this machine goes through ssh to it."""
    parts = urlsplit(uri)
    driver, _, way = parts.scheme.partition("+")
    if parts.hostname or driver == "test" or way not in ("", "unix"):
        return uri
    return parts._replace(scheme=f"{driver}+ssh", netloc=host).geturl()


def _ssh(uri: SplitResult, host: str) -> list[str]:
    """Where ssh goes: as the URI says, else to the host by its name."""
    if not uri.hostname:
        return [host]
    begin = ["-p", str(uri.port)] if uri.port and "ssh" in uri.scheme else []
    user = f"{uri.username}@" if uri.username else ""
    return [*begin, f"{user}{uri.hostname}"]


def _vv_file(display: Display, port: int, name: str) -> str:
    """A connection file of remote-viewer. Its keys are those of ``man remote-viewer``."""
    key = "port" if display.port else "tls-port"
    title = "".join(char if char.isprintable() else " " for char in name)
    return (
        f"[virt-viewer]\ntype={display.type}\nhost=127.0.0.1\n{key}={port}\n"
        f"title={title}\ndelete-this-file=0\n"
    )


def lines(found: ViewerLines, look: RenderContext, width: int) -> list[Line]:
    """The part below the screen: exactly HEIGHT lines."""
    labelled = [("in one", found.viewer)]
    if found.tunnel:
        labelled += [("in two", found.tunnel), ("", f"remote-viewer {found.remote}")]
    title = "on a machine with a display"
    end = "h hands over"
    stroke = look.glyphs.rule
    room = max(0, width - len(title) - len(end) - 6)
    rule: Line = (
        Run(f"{stroke} ", Role.LINE),
        Run(title, Role.MUTED),
        Run(f" {stroke * room} ", Role.LINE),
        Run(end, Role.MUTED),
        Run(f" {stroke}", Role.LINE),
    )
    rows: list[Line] = [rule]
    for label, line in labelled:
        rows.append((Run(f" {label:<9}", Role.MUTED), Run(cut_end(clean(line), width - 11))))
    note = " Looking here disturbs no viewer. A second VNC viewer may throw the first out."
    rows.append((Run(cut_end(note, width), Role.MUTED),))
    return [*rows, *[()] * HEIGHT][:HEIGHT]
