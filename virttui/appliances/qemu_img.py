"""Conversion of disk images with ``qemu-img`` on this computer, in a temporary private folder.

It gets a list of arguments and never a shell; each format is named, and that the image has no
backing file. A disk inside an OVA is read in place, so that nothing is unpacked first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from virttui.appliances.image_headers import examine
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
_POLL_INTERVAL = 0.2
"""Seconds between two checks whether to stop."""
MIN_FREE = 64 * 1024**2
"""Bytes to leave free on the disk."""


def missing_program() -> str:
    """Return a sentence when qemu-img is missing, else ""."""
    if shutil.which(PROGRAM) is not None:
        return ""
    return "qemu-img is not installed on this machine, and it converts the disks"


@contextmanager
def scratch(folder: str = "") -> Iterator[Path]:
    """Provide a private folder that is deleted afterwards; those that a crash left are deleted
    first.

    Raises InvalidInput where none can be created.
    """
    parent = Path(folder).expanduser() if folder else state_folder() / "unpacked"
    with ExitStack() as stack:
        try:
            mine = stack.enter_context(own_folder(parent, "virttui-import-"))
        except OSError as error:
            raise InvalidInput(f"{parent}: {error.strerror}") from error
        yield mine


def convert(part: FileSlice, to: Path, on_progress: OnProgress) -> None:
    """Convert a part of a file. Raises InvalidInput, and any error of ``on_progress``."""
    if why := missing_program():
        raise InvalidInput(why, advice="install qemu-utils (Debian) or qemu-img (Fedora)")
    image = examine(part.path, part.offset, part.size if part.offset else -1)
    if image.format != part.convert:
        raise InvalidInput(f"{part.label} is not what it was a moment ago")
    source = _source(part)
    needed = _required_size(source, part.into)
    free = shutil.disk_usage(to.parent).free
    if needed + MIN_FREE > free:
        raise InvalidInput(
            f"{to.parent.parent} has {sized(free)} free, and {part.label} takes {sized(needed)}",
            advice="set scratch in config.toml to a folder with more room",
        )
    _run(["convert", "-p", "-O", part.into, source, str(to)], max(needed, 1), on_progress)


def check_qcow2(descriptor: int, poll: Callable[[], object]) -> str:
    """Return what ``qemu-img check`` finds wrong in an open qcow2 file, "" where it is well.

    Its backing file is not looked at. Raises InvalidInput where it cannot be checked, and any error
    of ``poll``, which is called meanwhile.
    """
    file = {"driver": "file", "filename": f"/proc/{os.getpid()}/fd/{descriptor}"}
    node = {"driver": "qcow2", "backing": None, "file": file}
    arguments = [PROGRAM, "check", "-U", "--output", "json", f"json:{json.dumps(node)}"]
    try:
        pipe = subprocess.PIPE
        process = subprocesses.begin(arguments, pipe, pipe, _environment())
    except OSError as error:
        raise InvalidInput(f"qemu-img: {error.strerror}") from error
    with subprocesses.running(process):
        said = bytearray()
        for data in subprocesses.output(process, _POLL_INTERVAL):
            said += data[: _MOST_WORDS - len(said)]
            poll()
        _, errors = process.communicate()
    if process.returncode in (0, _LEAKS):
        return ""
    if process.returncode == _CORRUPT:
        return f"it is corrupt: qemu-img check finds {_corruptions(bytes(said))} errors"
    raise InvalidInput(_error_text(errors.decode("utf-8", "replace")))


_CORRUPT, _LEAKS = 2, 3
"""Exit statuses of ``qemu-img check``: errors were found; clusters are taken that nothing uses."""
_MOST_WORDS = 64 * 1024


def _corruptions(said: bytes) -> int | str:
    try:
        return int(json.loads(said)["corruptions"])
    except (ValueError, KeyError, TypeError):
        return "some"


def _source(part: FileSlice) -> str:
    """Return qemu-img's name of an image, with its format and without a backing file."""
    path = str(Path(part.path).expanduser().absolute())
    file: dict[str, Any] = {"driver": "file", "filename": path}
    if part.offset:
        whole = -(-part.size // _SECTOR) * _SECTOR
        file = {"driver": "raw", "offset": part.offset, "size": whole, "file": file}
    node: dict[str, Any] = {"driver": part.convert, "file": file}
    if part.convert in ("vmdk", "qcow2"):
        node["backing"] = None
    return f"json:{json.dumps(node)}"


def _required_size(source: str, format: str) -> int:
    """Return the bytes that the converted image will take."""
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
        raise InvalidInput(_error_text(done.stderr))
    return done.stdout


def _run(arguments: Sequence[str], total: int, on_progress: OnProgress) -> None:
    """Run qemu-img and report its progress; any error meanwhile stops it."""
    try:
        pipe = subprocess.PIPE
        process = subprocesses.begin([PROGRAM, *arguments], pipe, pipe, _environment())
    except OSError as error:
        raise InvalidInput(f"qemu-img: {error.strerror}") from error
    with subprocesses.running(process):
        share = 0.0
        for data in subprocesses.output(process, _POLL_INTERVAL):
            shares = [float(found[1]) / 100 for found in _PROGRESS.finditer(data)]
            share = max(share, *shares) if shares else share
            on_progress(int(share * total), total)
        _, errors = process.communicate()
        if process.returncode:
            raise InvalidInput(_error_text(errors.decode("utf-8", "replace")))


def _error_text(words: str) -> str:
    """Return the last line of qemu-img's errors."""
    lines = [line for line in words.splitlines() if line.strip()] or ["it failed"]
    return f"qemu-img: {lines[-1].removeprefix('qemu-img: ')[:300]}"


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C"}
