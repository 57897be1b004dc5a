"""Saves a picture of a guest's screen as a PNG file of this machine."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial
from pathlib import Path

from virttui.local.private_files import write_whole
from virttui.terminal.images.image import Image
from virttui.terminal.images.png import SIGNATURE, write_png

PRIVATE = 0o600
"""A picture may show what only its owner may see."""


def proposed_name(name: str, epoch: float) -> str:
    """A name for the file: the domain's, and when."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.localtime(epoch))
    return f"{re.sub(r'[^A-Za-z0-9._-]', '_', name) or 'screen'}-{moment}.png"


async def save(typed: str, data: bytes, image: Image) -> str:
    """Write the picture to a new file; returns what is said of it, which begins with the path.

    What the host sent is kept byte for byte where it is PNG. Raises OSError; FileExistsError where
    the file is there already.
    """
    return await asyncio.to_thread(partial(_save, typed, data, image))


def _save(typed: str, data: bytes, image: Image) -> str:
    try:
        path = Path(typed).expanduser()
    except RuntimeError:
        raise FileNotFoundError(2, "that is not a user's home", typed) from None
    content = data if data.startswith(SIGNATURE) else write_png(image)
    write_whole(path, content, mode=PRIVATE, replace=False)
    return f"{path.absolute()}, {image.width}x{image.height}"
