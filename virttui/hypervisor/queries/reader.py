"""How a query is answered: the host it is put to, and the function that asks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from virttui.hypervisor.connection.types import Connection
from virttui.model.queries import Query, QueryResult

Q = TypeVar("Q", bound=Query)
R = TypeVar("R", bound=QueryResult)


class QueryContext(NamedTuple):
    """The host that a query is put to.

    ``source`` names its hypervisor for people; ``here`` says that it is this computer.
    """

    read_only: bool
    source: str
    uri: str
    here: bool


class Reader(NamedTuple):
    """How one kind of query is answered.

    ``timeout`` is in seconds: after so long the call is left behind and its worker gets a new
    connection. None is for a worker shared with the pollers: it is asked only while the host
    answers, and takes as long as it takes. ``function`` is None for the volumes of a pool, which
    ``hypervisor.volume_listing`` reads in slices. ``name`` is what a call that hangs is called;
    ``result`` is the class of the results.
    """

    name: str
    worker: str
    timeout: float | None
    result: type[QueryResult]
    function: Callable[[Query, QueryContext, Connection], QueryResult] | None


def reader(
    name: str,
    worker: str,
    timeout: float | None,
    query: type[Q],
    result: type[R],
    function: Callable[[Q, QueryContext, Connection], R],
) -> Reader:
    """A reader whose function takes queries of one class, and returns results of one class."""

    def read_result(asked: Query, host: QueryContext, connection: Connection) -> QueryResult:
        if not isinstance(asked, query):
            raise TypeError(f"{query.__name__} expected, not {type(asked).__name__}")
        return function(asked, host, connection)

    return Reader(name, worker, timeout, result, read_result)
