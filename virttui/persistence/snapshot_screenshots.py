"""Screenshots of guests' screens at the moment of a snapshot, as libvirt sent them (PNG or PPM).

``snapshot-screenshots/HOST/UUID/NAME``: libvirt keeps nothing of the kind with a snapshot. Only
their owner may read them: they show what the guest's screen showed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from virttui.local.private_files import make_private, write_whole
from virttui.model.identity import ObjectId
from virttui.persistence.file_names import folder_name
from virttui.settings import state_folder


def save_screenshot(key: ObjectId, name: str, data: bytes) -> None:
    """Keep the picture of a snapshot, in place of one of the same name. Raises OSError."""
    path = screenshot_path(key, name)
    make_private(path.parent)
    write_whole(path, data, mode=0o600)


def kept_screenshots(key: ObjectId, names: Iterable[str]) -> dict[str, str]:
    """Return the paths of the screenshots that are kept, by the names of their snapshots."""
    paths = {name: screenshot_path(key, name) for name in names}
    return {name: str(path) for name, path in paths.items() if path.is_file()}


def screenshot_path(key: ObjectId, name: str) -> Path:
    """Return the file that the picture of a snapshot is in, if there is one."""
    folder = state_folder() / "snapshot-screenshots" / folder_name(key.host) / folder_name(key.uuid)
    return folder / folder_name(name)
