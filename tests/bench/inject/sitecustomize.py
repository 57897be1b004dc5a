"""Found by Python at its start when this folder is on PYTHONPATH: changes libvirt's calls.

The environment says how; without it nothing is changed and nothing imported.

    BENCH_DELAY=0.03      every call that would cross a wire takes so many seconds longer
    BENCH_SLOW=TEXT       calls to hosts with this in their URI take BENCH_SLOWLY seconds longer
    BENCH_CALLS=FILE      every such call is written there: monotonic time, name, how many answers
    BENCH_CHANGING=0.67   the test driver's counters, which grow with the clock alone, grow by
                          rates that wander for this share of the domains; those of the others
                          stand still, so that their rows do not change

The library does the calls as ever. What is answered from memory (names, UUIDs, ids) is let alone,
and so is the library's event loop.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import itertools
import os
import random
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

LOCAL = {
    "ID", "UUID", "UUIDString", "name", "connect", "c_pointer", "domain", "network", "key",
    "getURI", "isAlive", "setKeepAlive", "ref", "close", "interface", "storagePoolLookupByVolume",
    "virConnGetLastError", "virConnResetLastError", "pathname",
}  # fmt: skip
CLASSES = ("virConnect", "virDomain", "virNetwork", "virStoragePool", "virStorageVol")
OPENERS = ("open", "openAuth", "openReadOnly")
VARIED = ("info", "interfaceStats", "blockStats", "memoryStats")

DELAY = float(os.environ.get("BENCH_DELAY", "0"))
SLOW = os.environ.get("BENCH_SLOW", "")
SLOWLY = float(os.environ.get("BENCH_SLOWLY", "0"))
CALLS = os.environ.get("BENCH_CALLS", "")
CHANGING = float(os.environ.get("BENCH_CHANGING", "-1"))


class Finder(importlib.abc.MetaPathFinder):
    """Lets the import of libvirt happen, and changes the module after it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != "libvirt":
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Changing(spec.loader)
        return spec


class Changing(importlib.abc.Loader):
    """A loader, with the module changed after it."""

    def __init__(self, loader: importlib.abc.Loader) -> None:
        self._loader = loader

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        change(module)


def change(libvirt: ModuleType) -> None:
    """Wrap what crosses the wire."""
    if CHANGING >= 0:
        for name in VARIED:
            varied = vary(getattr(libvirt.virDomain, name), globals()[f"_{name}"])
            setattr(libvirt.virDomain, name, varied)
    if DELAY or SLOW or CALLS:
        log = os.open(CALLS, os.O_CREAT | os.O_APPEND | os.O_WRONLY) if CALLS else -1
        for owner in (getattr(libvirt, name) for name in CLASSES):
            for name, method in vars(owner).copy().items():
                if callable(method) and not name.startswith("_") and name not in LOCAL:
                    setattr(owner, name, over_the_wire(method, name, log))
        for name in OPENERS:
            setattr(libvirt, name, over_the_wire(getattr(libvirt, name), name, log))


def over_the_wire(method: Callable[..., Any], name: str, log: int) -> Callable[..., Any]:
    """The call, later and on record."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if longer := SLOWLY if SLOW and SLOW in _uri(args[0]) else DELAY:
            time.sleep(longer)
        answer = method(*args, **kwargs)
        if log >= 0:
            count = len(answer) if isinstance(answer, list | dict) else 1
            os.write(log, f"{time.monotonic():.4f} {name} {count}\n".encode())
        return answer

    return call


def _uri(owner: Any) -> str:
    """Where a call goes to, by what it is called on; an opener is called with it."""
    if isinstance(owner, str):
        return owner
    connection = owner if hasattr(owner, "getURI") else owner.connect()
    return str(connection.getURI())


# -- counters that wander --------------------------------------------------------------------------

_rates: dict[str, float] = {}
_counters: dict[tuple[str, str], tuple[float, float]] = {}
_random = random.Random(7)
_chances = itertools.cycle([_random.uniform(-0.03, 0.03) for _ in range(1009)])


def vary(method: Callable[..., Any], change_answer: Callable[..., Any]) -> Callable[..., Any]:
    """The call with its counters replaced."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Kept with the handle: this must take little of what is measured.
        uuid = self.__dict__.get("bench_uuid")
        if uuid is None:
            uuid = self.bench_uuid = self.UUIDString()
        return change_answer(method(self, *args, **kwargs), uuid, *args)

    return call


def grown(uuid: str, counter: str, scale: float) -> int:
    """A counter that grew since it was last asked, by the domain's rate and a little chance."""
    rate = _rates.get(uuid)
    if rate is None:
        # Which third of the domains stands still is a matter of the UUID, and so lasts.
        place = zlib.crc32(uuid.encode()) / 2**32
        rate = _rates[uuid] = 0.02 + 0.93 * (place / CHANGING) if place < CHANGING else 0.0
    now = time.monotonic()
    last, value = _counters.get((uuid, counter), (now, 1e9))
    if rate:
        value += scale * (now - last) * max(0.0, rate + next(_chances))
    _counters[uuid, counter] = (now, value)
    return int(value)


def _info(answer: list[int], uuid: str) -> list[int]:
    if answer[0] == 1:
        answer[4] = grown(uuid, "cpu", 1e9 * answer[3])
    return answer


def _interfaceStats(answer: tuple[int, ...], uuid: str, device: str) -> tuple[int, ...]:
    return (grown(uuid, "rx", 5e7), *answer[1:4], grown(uuid, "tx", 9e6), *answer[5:])


def _blockStats(answer: tuple[int, ...], uuid: str, device: str) -> tuple[int, ...]:
    return (answer[0], grown(uuid, "rd", 4e7), answer[2], grown(uuid, "wr", 8e7), *answer[4:])


def _memoryStats(answer: dict[str, int], uuid: str, *flags: int) -> dict[str, int]:
    entered = answer.get("actual", 1 << 20)
    used = entered * (0.4 + 0.2 * (_random.random() if _rates.get(uuid) else 0.5))
    return {"actual": entered, "available": entered, "usable": int(entered - used)}


if DELAY or SLOW or CALLS or CHANGING >= 0:
    sys.meta_path.insert(0, Finder())
