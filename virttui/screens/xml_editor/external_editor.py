"""The same text in the user's own editor: the terminal is lent to it until it ends."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping

from virttui.local.private_files import own_folder
from virttui.model.errors import InvalidInput
from virttui.settings import runtime_folder

MAX_BYTES = 8 * 1024**2


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """``$VISUAL`` or ``$EDITOR`` as an argument list, ``vi`` without both. Raises InvalidInput."""
    line = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise InvalidInput(f"$EDITOR cannot be parsed: {error}") from error
    if not words:
        raise InvalidInput("$EDITOR is blank")
    return words


def edit_text(text: str, name: str, line: list[str]) -> str:
    """``text`` after the editor ended. The file is private, and gone afterwards.

    What a run that was killed has left is taken away first.

    Raises InvalidInput when the editor could not be started, failed, or left no text.
    """
    try:
        with own_folder(runtime_folder(), "edit-") as own:
            path = own / f"{_file_stem(name)}.xml"
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
            status = _run_in_terminal([*line, str(path)])
            if status:
                raise InvalidInput(f"{line[0]} ended with status {status}; its text is not taken")
            if not path.is_file():
                raise InvalidInput(f"{line[0]} left no file; nothing is taken")
            if path.stat().st_size > MAX_BYTES:
                raise InvalidInput("it is larger than any definition; it is not taken")
            return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInput("it is not UTF-8 any more; it is not taken") from error
    except OSError as error:
        raise InvalidInput(f"no file could be made for {line[0]}: {error}") from error


def _run_in_terminal(line: list[str]) -> int:
    """Run a program that has the terminal; returns its status. Raises InvalidInput."""
    # ctrl+c is for the program. A handler of ours, unlike SIG_IGN, is not inherited by it.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    try:
        return subprocess.run(line, check=False).returncode
    except FileNotFoundError as error:
        raise InvalidInput(f"{line[0]} is not there: set $EDITOR, or type here") from error
    except OSError as error:
        raise InvalidInput(f"{line[0]} cannot be started: set $EDITOR, or type here") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _file_stem(name: str) -> str:
    kept = "".join(char if char.isalnum() or char in "-_" else "_" for char in name)
    return kept[: os.pathconf("/", "PC_NAME_MAX") // 4] or "definition"
