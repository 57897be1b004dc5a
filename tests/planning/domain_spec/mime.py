"""The parts of cloud-init's user-data."""

from __future__ import annotations

from email import message_from_string
from email.message import Message


def parts(text: str) -> list[Message]:
    """Every part that is not parts itself, in order."""
    return [part for part in message_from_string(text).walk() if not part.is_multipart()]


def body(part: Message) -> bytes:
    """What a part holds, decoded."""
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload
