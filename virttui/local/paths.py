"""Files of this machine, as they are named in a form: what a path could become, and whether it can
be read from or written to. All of it waits for the disk."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from virttui.model.errors import InvalidInput

MOST = 500
"""How many entries of a folder are offered at most."""


def is_path(typed: str) -> bool:
    """Return true if the typed text is a path, and not the name of something else."""
    return typed.startswith(("/", "~", "./", "../"))


def completions(typed: str) -> tuple[str, ...]:
    """The completions of a typed path, folders with a slash behind them.

    Files whose names begin with a dot are offered once the dot is typed, as shells do.
    """
    if typed == "~":
        return ("~/",)
    folder, slash, prefix = typed.rpartition("/")
    try:
        place = Path(f"{folder}{slash}" or ".").expanduser()
        found = [entry for entry in os.scandir(place) if _offered(entry.name, prefix)]
        found.sort(key=lambda entry: entry.name)
        return tuple(
            f"{folder}{slash}{entry.name}{'/' if entry.is_dir() else ''}" for entry in found[:MOST]
        )
    except (OSError, RuntimeError):
        # RuntimeError: there is no such user, or no home.
        return ()


def _offered(name: str, prefix: str) -> bool:
    hidden = name.startswith(".") and not prefix.startswith(".")
    return name.startswith(prefix) and not hidden and name.isprintable()


def common(offered: tuple[str, ...]) -> str:
    """The common start of all of them."""
    alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*offered, strict=False))
    return "".join(letters[0] for letters in alike)


def check_readable(file: str) -> None:
    """Raises InvalidInput when a file cannot be read."""
    path = _path(file)
    try:
        if path.is_dir():
            raise InvalidInput(f"{path} is a folder, not a file")
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK))
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error


def check_new(file: str) -> None:
    """Raises InvalidInput when a file cannot be made: it is there, or its folder takes none."""
    path = _path(file)
    try:
        if path.is_symlink() or path.exists():
            raise InvalidInput(f"{path} is there already")
        folder = path.absolute().parent
        if not folder.is_dir():
            raise InvalidInput(f"there is no folder {folder}")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InvalidInput(f"{folder}: you may not write there")
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}") from error


def _path(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError as error:
        raise InvalidInput(f"{file}: there is no such home folder") from error
