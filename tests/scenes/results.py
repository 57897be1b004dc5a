"""Results of queries, by the class of the query."""

from __future__ import annotations

from virttui.model import queries
from virttui.model.errors import OperationError
from virttui.model.queries import Query, QueryResult


def result_of(query: Query, error: OperationError | None = None) -> QueryResult:
    """A result without values, of the class that belongs to the query."""
    name = type(query).__name__.removesuffix("Query") + "Result"
    made: type[QueryResult] = getattr(queries, name)
    return made(query, error=error)
