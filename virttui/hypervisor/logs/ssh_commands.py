"""What is run on a host over ssh to read a log: ``sh`` with a script of ours and words for it.

ssh joins its words to one line for the login shell there, so each is quoted, and none has a
newline, which some shells refuse within quotes. Only ``stat``, ``tail`` and ``head`` are run.
"""

from __future__ import annotations

import re
import shlex

from virttui.hypervisor.connection.uris import authority, host_of, parameter

FIRST = 1 << 17
"""Bytes of the end of a file that are asked for."""
BLOCK = 1 << 16
"""Bytes that are read back at a time."""
NOTHING = "none"
"""What is said where nothing is before."""

_FOLLOW = (
    'found=$(stat -L -c "%s %Y %i" -- "$1") || found="- - -"; '
    "kept=0; "
    'while [ -e "$1.$kept" ]; do kept=$((kept + 1)); done; '
    'echo "file $found kept $kept"; '
    "size=${found%% *}; from=1; "
    'if [ "$size" != - ] && [ "$size" -gt "$2" ]; then from=$((size - $2 + 1)); fi; '
    'exec tail -c "+$from" -F -- "$1"'
)
"""For the path and ``FIRST``: what is known of the file, then its end, and what is added to it."""

_BEFORE = (
    "part() { "
    "from=$(($2 > $3 ? $2 - $3 : 0)); "
    'echo "inode $(stat -L -c %i -- "$1") from $from written $(stat -L -c %Y -- "$1")"; '
    'tail -c "+$((from + 1))" -- "$1" | head -c "$(($2 - from))"; exit 0; }; '
    "file=$1; number=0; found=; "
    'while [ -e "$file" ]; do '
    'if [ "$found" ]; then part "$file" "$(stat -L -c %s -- "$file")" "$4"; fi; '
    'if [ "$(stat -L -c %i -- "$file")" = "$2" ]; then '
    'if [ "$3" -gt 0 ]; then part "$file" "$3" "$4"; fi; found=yes; fi; '
    "file=$1.$number; number=$((number + 1)); done; "
    f"echo {NOTHING}"
)
"""For the path, the inode of the file that was read back so far, the place from which on it was,
and ``BLOCK``: a block before that place, of the file before where the place is 0."""

FOLLOWED = re.compile(rb"file (\d+|-) (\d+|-) (\d+|-) kept (\d+)\n")
"""What is said before the end of a file: its size, when it was written, its inode, and how many
renamed files there are."""
FOUND_BEFORE = re.compile(rb"inode (\d+) from (\d+) written (\d+)\n")
"""What is said before a block of older bytes."""


def ssh_arguments(uri: str, command: str) -> list[str]:
    """The arguments that run ``command`` on the host of ``uri``, as libvirt would log in there."""
    user, _, _ = authority(uri).rpartition("@")
    port = re.search(r":(\d+)$", authority(uri).rpartition("]")[2])
    arguments = [parameter(uri, "command") or "ssh", "-T", "-e", "none", "-o", "BatchMode=yes"]
    if port is not None:
        arguments += ["-p", port[1]]
    if user:
        arguments += ["-l", user]
    if keyfile := parameter(uri, "keyfile"):
        arguments += ["-i", keyfile]
    if parameter(uri, "no_verify") == "1":
        arguments += ["-o", "StrictHostKeyChecking=no"]
    return [*arguments, "--", host_of(uri), command]


def follow_command(path: str) -> str:
    """The command that gives the end of a file and goes on with what is added."""
    return shlex.join(["sh", "-c", _FOLLOW, "sh", path, str(FIRST)])


def before_command(path: str, inode: int, place: int) -> str:
    """The command that gives the block before a place in a file."""
    return shlex.join(["sh", "-c", _BEFORE, "sh", path, str(inode), str(place), str(BLOCK)])
