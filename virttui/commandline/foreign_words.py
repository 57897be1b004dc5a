"""Words that are no commands here: what does the same, said to whoever typed them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from virttui.commandline.virsh import VirshCommand
from virttui.model.domains.settings import BY_NAME
from virttui.render.search import PickerItem

_MEDIA = ":set sda media none ejects, :set sda media pool/volume puts one in"
_KEYS = ":keys ctrl+alt+del on NAME; v, then tab lists them"
_DEVICES = ":add puts a device in, :set remove NAME takes one out"
_PLACES = {
    "snap": ":snapshot NAME takes one; t shows those there are",
    "eject": _MEDIA,
    "insert": _MEDIA,
    "change-media": _MEDIA,
    "cdrom": _MEDIA,
    "send-key": _KEYS,
    "sendkey": _KEYS,
    "sysrq": _KEYS,
    "screenshot": "v shows the screen, e there saves it",
    "migrate": ":virsh migrate --live NAME URI",
    "attach": _DEVICES,
    "detach": _DEVICES,
    "remove": ":set remove NAME takes a device out; U deletes what is selected",
    "ssh": "y copies the address of the selected domain",
    "backup": "A packs a domain that is off into one file; :virsh backup-begin while it runs",
    "resize": "z on a pool's volumes; :grow vda +5G while its guest runs",
    "upload": "i on a pool's volumes",
    "download": "e on a pool's volumes",
    "hosts": "4 shows them",
    "tasks": "5 shows them",
    "log": "l shows it",
    "kill": ":force off NAME, or D",
    "destroy": ":force off NAME, or D",
    "poweroff": ":force off NAME, or D",
    "suspend": ":pause NAME, or p",
    "undefine": ":delete NAME, or U",
    "vnc": "enter shows where its screen can be reached",
}


def elsewhere(
    text: str, entries: Sequence[PickerItem[str]], known: Collection[VirshCommand], *, found: bool
) -> str:
    """Where a line that begins with no command can be done; "" where nothing is known of it.

    ``found`` says that other commands hold its words.
    """
    first, *rest = text.split()
    word = first.casefold()
    if word in _PLACES and not any(entry.words.casefold() == word for entry in entries):
        return f"no action of its own: {_PLACES[word]}"
    if any(entry.words.casefold().startswith(word) for entry in entries):
        alone = any(entry.words.casefold() == word for entry in entries)
        nothing = f"{first} takes no arguments: select its row first"
        return nothing if rest and alone and not found else ""
    if word in BY_NAME:
        return f"{first} is a setting: :set {word} VALUE"
    if any(one.name == word for one in known):
        return f"no action of its own: :virsh {text}"
    return ""
