"""The screen of a guest: its displays as the definition has them, and pictures of it."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.secret_value import SecretBytes, hides


class Display(Struct, frozen=True):
    """A way to look at a guest from elsewhere: one ``<graphics>``.

    ``type`` is libvirt's ("vnc", "spice"). ``address`` is what it listens on, "" where that is not
    known; ``port`` and ``tls_port`` are None where it has none (yet). ``socket`` is a path on the
    host, "" for none. ``password`` says whether it was started with one, None where this
    connection may not see that.
    """

    type: str
    address: str = ""
    port: int | None = None
    tls_port: int | None = None
    socket: str = ""
    password: bool | None = None


class GuestDisplays(Struct, frozen=True):
    """What a domain shows itself with.

    ``video`` names the models of its video devices; ``screens`` counts what can be photographed.
    ``keymap`` is the layout that the definition names, "" for none. ``windows`` says that it is
    described as a Windows, where ctrl+alt+del is the way to log in.
    """

    displays: tuple[Display, ...] = ()
    video: tuple[str, ...] = ()
    screens: int = 0
    keymap: str = ""
    windows: bool = False


Chord = tuple[int, ...]
"""Codes of keys that are pressed together, in this order, modifiers first."""


@hides("strokes")
class KeysArguments(Struct, frozen=True):
    """SEND_KEYS: keys for a guest, one after the other; each is keys that are pressed together.

    Codes are Linux's (``model.domains.guest_keys``). ``label`` says in words what they are; where
    a text is typed it does not have the text, which may be a password.
    """

    strokes: tuple[Chord, ...]
    label: str


VNC_PASSWORD = 8
"""The most characters that a password of VNC has: its protocol takes no more."""


class DisplayPasswordArguments(Struct, frozen=True):
    """SET_DISPLAY_PASSWORD: of the display of a ``type``, until the domain goes off.

    Without a ``password`` nobody gets in any more: it is replaced by one that nobody knows, and has
    expired. ``seconds`` is how long it is valid, None for as long as the domain runs.
    """

    type: str
    password: SecretBytes | None = None
    seconds: float | None = None


@hides("data")
class Screenshot(Struct, frozen=True):
    """A picture of a screen as the host sent it: a MIME type, and the bytes of PNG or PPM."""

    type: str
    data: bytes
