"""Secret values, which can be read once, and fields of records that are never shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from msgspec import Struct

_Record = TypeVar("_Record", bound=Struct)


def hides(*hidden: str) -> Callable[[type[_Record]], type[_Record]]:
    """Return a decorator of records that leaves fields out of ``repr``, and of what Rich shows.

    The fields may hold passwords, or are long. Rich is here because Textual draws its report of a
    crash with it, the values of locals included.
    """

    def shown(record: Struct) -> Iterator[tuple[str, object]]:
        for name in record.__struct_fields__:
            if name not in hidden:
                yield name, getattr(record, name)

    def text(record: Struct) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in shown(record))
        return f"{type(record).__name__}({fields})"

    def decorate(record: type[_Record]) -> type[_Record]:
        type.__setattr__(record, "__repr__", text)
        type.__setattr__(record, "__rich_repr__", shown)
        return record

    return decorate


class SecretBytes:
    """A secret on its way to libvirt: ``repr`` does not show it, and ``take`` erases it."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value: bytes | None = value

    def take(self) -> bytes | None:
        """Return the value at the first call, and None after that."""
        value, self._value = self._value, None
        return value

    def __repr__(self) -> str:
        return "SecretBytes()"
