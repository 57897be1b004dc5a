"""Work that takes longer than a frame, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def beside(work: Callable[[], T], discard: Callable[[T], object] = lambda result: None) -> T:
    """Run something on a thread of its own, which ends with it; returns its result.

    ``discard`` gets a result that nobody waits for any more.
    """
    loop = asyncio.get_running_loop()
    waited: asyncio.Future[T] = loop.create_future()

    def deliver(result: T) -> None:
        if waited.cancelled():
            discard(result)
        else:
            waited.set_result(result)

    def run() -> None:
        result = work()
        try:
            loop.call_soon_threadsafe(deliver, result)
        except RuntimeError:  # the app has ended meanwhile
            discard(result)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return await waited
