"""Keep the definition of whatever is about to be deleted, so that it can be put back by hand.

One file a deletion below the state folder: ``definitions/HOST/UUID/TIME-NAME.xml``. It may hold
passwords (it was read with SECURE, else they would be lost), so it is for its owner alone.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import quote

from virttui.files import write_private
from virttui.model.errors import Refused
from virttui.model.identity import Key
from virttui.settings import state_folder


def keep(key: Key, name: str, xml: str) -> Path:
    """Write ``xml`` whole, then rename it into place; returns where. Raises Refused."""
    folder = state_folder() / "definitions" / quote(key.host, safe="") / key.uuid
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    # The name is for people who look for the file; it must not lead out of the folder.
    readable = re.sub(r"[^\w.-]+", "_", name)[:60]
    path = folder / f"{moment}-{readable}.xml"
    try:
        write_private(path, xml)
    except OSError as error:
        raise Refused(
            f"its definition could not be kept in {folder}; nothing was deleted",
            advice="free some space there, or make it yours",
            said=str(error),
        ) from error
    return path
