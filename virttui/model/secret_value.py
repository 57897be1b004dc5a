"""A value that is read once and shown never."""

from __future__ import annotations


class SecretBytes:
    """Bytes on their way to libvirt: none of them in ``repr``, none left after ``take``."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value: bytes | None = value

    def take(self) -> bytes | None:
        """The value, the first time; None ever after."""
        value, self._value = self._value, None
        return value

    def __repr__(self) -> str:
        return "Sealed()"
