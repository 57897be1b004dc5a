"""Secret values, which can be read once and are never shown."""

from __future__ import annotations


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
