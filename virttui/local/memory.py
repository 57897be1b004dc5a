"""How the C library keeps this process's memory: in few heaps, and free pages given back."""

from __future__ import annotations

_M_ARENA_MAX = -8
"""The parameter's number in glibc's malloc.h."""
_HEAPS = 2


def use_few_heaps() -> bool:
    """Have threads that begin from now on share two heaps; false where malloc has no such setting.

    glibc gives each thread one of its own, up to eight a core, each with free pages between what is
    used: with 50 hosts of 200 domains, 10 MiB of 283.
    """
    import ctypes  # when first needed, which is after the first frame

    set_parameter = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_parameter is not None and bool(set_parameter(_M_ARENA_MAX, _HEAPS))


def give_back() -> bool:
    """Have the C library return the pages it keeps for later; false where it cannot (musl).

    It keeps what the reading of many definitions at once took: with 50 hosts of 200 domains 50 MiB
    of 280. It takes some milliseconds, in which other threads may run.
    """
    import ctypes  # when first needed, which is long after the first frame

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))
