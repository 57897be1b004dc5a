"""Rows of a list that are made when they are looked at: of ten thousand, forty are in view."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

from virttui.model.identity import ObjectId

R = TypeVar("R")


class LazyRows(Sequence[R], Generic[R]):
    """The rows of ``keys``, in their order; ``make`` makes the row of a key.

    ``sort_keys`` has, by the id of a column, a function that gives the sort keys of rows without
    making them, and ``texts`` gives so what a plain word of a filter is looked for in.
    """

    __slots__ = ("_make", "_sort_keys", "_texts", "keys")

    def __init__(
        self,
        keys: Sequence[ObjectId],
        make: Callable[[ObjectId], R],
        sort_keys: Mapping[str, Callable[[Sequence[ObjectId]], list[Any]]],
        texts: Callable[[Sequence[ObjectId]], list[str]] | None = None,
    ) -> None:
        self.keys = keys
        self._make = make
        self._sort_keys = sort_keys
        self._texts = texts

    def __len__(self) -> int:
        return len(self.keys)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> list[R]: ...
    def __getitem__(self, place: int | slice) -> R | list[R]:
        if isinstance(place, slice):
            return list(map(self._make, self.keys[place]))
        return self._make(self.keys[place])

    def __iter__(self) -> Iterator[R]:
        return map(self._make, self.keys)

    def picked(self, places: Sequence[int]) -> LazyRows[R]:
        """The rows at these places, in this order."""
        keys = self.keys
        return LazyRows([keys[place] for place in places], self._make, self._sort_keys, self._texts)

    def sort_keys(self, column: str, sort: Callable[[R], Any]) -> list[Any]:
        """The sort key of each row; ``sort`` gives it where the column has no function."""
        known = self._sort_keys.get(column)
        return known(self.keys) if known is not None else list(map(sort, self))

    def texts(self, text: Callable[[R], str]) -> list[str]:
        """What a plain word is looked for in, of each row; ``text`` gives it of a row that is
        made."""
        return self._texts(self.keys) if self._texts is not None else list(map(text, self))


def keys_of(rows: Sequence[Any]) -> Sequence[ObjectId]:
    """The keys of rows."""
    return rows.keys if isinstance(rows, LazyRows) else [row.key for row in rows]


def picked(rows: Sequence[R], places: Sequence[int]) -> Sequence[R]:
    """The rows at these places, in this order."""
    if isinstance(rows, LazyRows):
        return rows.picked(places)
    return [rows[place] for place in places]


def sort_keys_of(rows: Sequence[R], column: str, sort: Callable[[R], Any]) -> list[Any]:
    """The sort key of each row, which ``sort`` gives of a row that is made."""
    if isinstance(rows, LazyRows):
        return rows.sort_keys(column, sort)
    return list(map(sort, rows))


def plain_texts_of(rows: Sequence[R], text: Callable[[R], str]) -> list[str]:
    """What a plain word is looked for in, of each row, which ``text`` gives of a row that is
    made."""
    if isinstance(rows, LazyRows):
        return rows.texts(text)
    return list(map(text, rows))
