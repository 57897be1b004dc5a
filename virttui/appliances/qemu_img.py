"""Disk images converted by ``qemu-img`` on this machine, into a private folder that goes again.

It is given a list of arguments and never a shell; each format is named, and that nothing lies under
an image. A disk within an OVA is read where it lies, so that nothing is unpacked first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from virttui.appliances.image_headers import examined
from virttui.formatting import size as sized
from virttui.local import subprocesses
from virttui.local.private_files import own_folder
from virttui.model.errors import InvalidInput
from virttui.model.provision.file_slice import FileSlice
from virttui.model.types import OnProgress
from virttui.settings import state_folder

PROGRAM = "qemu-img"
_PROGRESS = re.compile(rb"\((\d+\.\d+)/100%\)")
_SECTOR = 512
_LOOK = 0.2
"""Seconds between two looks whether it is to end."""
SPARE = 64 * 1024**2
"""Bytes that are left free on the disk."""


def missing() -> str:
    """Why nothing can be converted here, "" where it can."""
    if shutil.which(PROGRAM) is not None:
        return ""
    return "qemu-img is not installed on this machine, and it converts the disks"


@contextmanager
def scratch(folder: str = "") -> Iterator[Path]:
    """A private folder that is gone afterwards; those that a crash left are taken away first.

    Raises InvalidInput where none can be made.
    """
    above = Path(folder).expanduser() if folder else state_folder() / "unpacked"
    with ExitStack() as held:
        try:
            mine = held.enter_context(own_folder(above, "virttui-import-"))
        except OSError as error:
            raise InvalidInput(f"{above}: {error.strerror}") from error
        yield mine


def convert(part: FileSlice, to: Path, told: OnProgress) -> None:
    """Convert a part of a file. Raises InvalidInput, and whatever ``told`` raises."""
    if why := missing():
        raise InvalidInput(why, advice="install qemu-utils (Debian) or qemu-img (Fedora)")
    image = examined(part.path, part.offset, part.size if part.offset else -1)
    if image.format != part.convert:
        raise InvalidInput(f"{part.label} is not what it was a moment ago")
    source = _source(part)
    needed = _measured(source, part.into)
    free = shutil.disk_usage(to.parent).free
    if needed + SPARE > free:
        raise InvalidInput(
            f"{to.parent.parent} has {sized(free)} free, and {part.label} takes {sized(needed)}",
            advice="set scratch in config.toml to a folder with more room",
        )
    _run(["convert", "-p", "-O", part.into, source, str(to)], max(needed, 1), told)


def _source(part: FileSlice) -> str:
    """What names an image, its format and all that is under it."""
    path = str(Path(part.path).expanduser().absolute())
    file: dict[str, Any] = {"driver": "file", "filename": path}
    if part.offset:
        whole = -(-part.size // _SECTOR) * _SECTOR
        file = {"driver": "raw", "offset": part.offset, "size": whole, "file": file}
    node: dict[str, Any] = {"driver": part.convert, "file": file}
    if part.convert in ("vmdk", "qcow2"):
        node["backing"] = None
    return f"json:{json.dumps(node)}"


def _measured(source: str, format: str) -> int:
    """How many bytes an image will take."""
    done = _output(["measure", "--output", "json", "-O", format, source])
    try:
        return int(json.loads(done)["required"])
    except (ValueError, KeyError, TypeError):
        raise InvalidInput(f"qemu-img measure said {done[:80]!r}") from None


def _output(arguments: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            [PROGRAM, *arguments], capture_output=True, text=True, errors="replace", check=False,
            stdin=subprocess.DEVNULL, timeout=300, env=_environment(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InvalidInput(f"qemu-img: {error}") from error
    if done.returncode:
        raise InvalidInput(_said(done.stderr))
    return done.stdout


def _run(arguments: Sequence[str], total: int, told: OnProgress) -> None:
    """Run it to its end, and tell how far it is; whatever comes between ends it."""
    try:
        pipe = subprocess.PIPE
        process = subprocesses.begin([PROGRAM, *arguments], pipe, pipe, _environment())
    except OSError as error:
        raise InvalidInput(f"qemu-img: {error.strerror}") from error
    with subprocesses.running(process):
        share = 0.0
        for data in subprocesses.output(process, _LOOK):
            shares = [float(found[1]) / 100 for found in _PROGRESS.finditer(data)]
            share = max(share, *shares) if shares else share
            told(int(share * total), total)
        _, said = process.communicate()
        if process.returncode:
            raise InvalidInput(_said(said.decode("utf-8", "replace")))


def _said(words: str) -> str:
    """The last line of what qemu-img complained of."""
    lines = [line for line in words.splitlines() if line.strip()] or ["it failed"]
    return f"qemu-img: {lines[-1].removeprefix('qemu-img: ')[:300]}"


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}
