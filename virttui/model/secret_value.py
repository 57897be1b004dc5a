"""Secret values, which can be read once, and fields of records that are never shown."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


def repr_without(*hidden: str) -> Callable[[Struct], str]:
    """Return a ``__repr__`` that leaves out fields which may hold passwords, or are long."""

    def shown(record: Struct) -> str:
        names = (name for name in record.__struct_fields__ if name not in hidden)
        fields = ", ".join(f"{name}={getattr(record, name)!r}" for name in names)
        return f"{type(record).__name__}({fields})"

    return shown


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
