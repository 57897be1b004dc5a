"""Places of the web, opened so that a failure is a sentence. Every call here waits for a server."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from contextlib import AbstractContextManager, closing
from typing import Any

from virttui.model.errors import InvalidInput

FAILS = (OSError, http.client.HTTPException, ValueError)
"""What urllib raises: URLError is an OSError, a bad port a ValueError."""
_NOTHING = (404, 403, 410)


class HttpNotFound(InvalidInput):
    """A server says that it has no such thing."""


def opened(
    url: str, patience: float, method: str = "GET", **headers: str
) -> AbstractContextManager[Any]:
    """The answer of a server, which may pause for ``patience`` seconds.

    Raises InvalidInput, and Missing where it has nothing there.
    """
    all_headers = {"User-Agent": "virttui", **headers}
    try:
        request = urllib.request.Request(url, headers=all_headers, method=method)
        answer = urllib.request.urlopen(request, timeout=patience)
    except urllib.error.HTTPError as error:
        error.close()
        kind = HttpNotFound if error.code in _NOTHING else InvalidInput
        raise kind(f"{url}: its server says {error.code} {error.reason}") from error
    except FAILS as error:
        raise InvalidInput(f"{url}: {why(error)}") from error
    return closing(answer)


def why(error: BaseException) -> str:
    """The error message, without urllib's wrapping."""
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason) or type(error).__name__
