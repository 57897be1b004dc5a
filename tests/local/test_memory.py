"""Threads share heaps; what is freed goes back to the system, also from below what is used."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
from pathlib import Path
from virttui.local import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

blocks = [bytearray(4000) for _ in range(20_000)]
kept = bytearray(4000)
del blocks
before = resident()
print(memory.give_back(), (before - resident()) >> 20)
"""


HEAPS = """
import threading
from pathlib import Path
from virttui.local import memory

def reserved():
    # glibc reserves 64 MiB of addresses for each heap of a thread.
    return int(Path("/proc/self/statm").read_text().split()[0]) * 4096 >> 20

assert memory.use_few_heaps()
threading.stack_size(1 << 18)
before, ready, end = reserved(), threading.Barrier(9), threading.Event()

def work():
    kept = [bytearray(4000) for _ in range(100)]
    ready.wait()
    end.wait()

for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
ready.wait()
print(reserved() - before)
end.set()
"""

glibc_alone = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc has malloc_trim and mallopt's heaps"
)


@glibc_alone
def test_threads_share_two_heaps() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HEAPS], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 3 * 64, done.stdout


@glibc_alone
def test_freed_memory_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60
    )
    given, freed = done.stdout.split()
    assert given == "True" and int(freed) > 50, done.stdout
