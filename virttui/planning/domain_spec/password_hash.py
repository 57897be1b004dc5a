"""Password hashes of Linux: SHA-512 crypt, after Ulrich Drepper's "Unix crypt using SHA-256 and
SHA-512".

The standard library lost its ``crypt`` with Python 3.13.
"""

from __future__ import annotations

import secrets
from hashlib import sha512

from virttui.model.errors import InvalidInput

_LETTERS = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ROUNDS = 5000
"""The number of rounds of a hash that names none."""
MAX_LENGTH = 512
"""Bytes: the time of a hash grows with them, and no login accepts more."""


def hash_password(password: str) -> str:
    """Return ``$6$salt$hash`` with a new salt. Raises InvalidInput for a password that nobody
    can type."""
    if not password:
        raise InvalidInput("the password is empty")
    if "\0" in password or len(password.encode("utf-8", "replace")) > MAX_LENGTH:
        raise InvalidInput("that is not a password: it is too long, or holds a zero byte")
    return sha512_crypt(password, "".join(secrets.choice(_LETTERS) for _ in range(16)))


def sha512_crypt(password: str, salt: str) -> str:
    """Return the hash with a salt of up to 16 letters. Raises InvalidInput for text that is not
    Unicode."""
    try:
        key, grain = password.encode(), salt.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("the password is not text") from error
    second = sha512(key + grain + key).digest()
    mixed = sha512(key + grain + _repeated(second, len(key)))
    length = len(key)
    while length:
        mixed.update(second if length & 1 else key)
        length >>= 1
    digest = mixed.digest()
    keys = _repeated(sha512(key * len(key)).digest(), len(key))
    grains = _repeated(sha512(grain * (16 + digest[0])).digest(), len(grain))
    for turn in range(_ROUNDS):
        odd = turn & 1
        step = sha512(keys if odd else digest)
        step.update(grains if turn % 3 else b"")
        step.update(keys if turn % 7 else b"")
        step.update(digest if odd else keys)
        digest = step.digest()
    return f"$6${salt}${_encoded(digest)}"


def _repeated(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _encoded(digest: bytes) -> str:
    """Return 64 bytes in the order and the alphabet of crypt(3)."""
    places = [(0, 21, 42)]
    while len(places) < 21:
        first, second, third = places[-1]
        places.append((second + 1, third + 1, first + 1))
    words = [_letters(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in places]
    return "".join(words) + _letters(digest[63], 2)


def _letters(value: int, count: int) -> str:
    return "".join(_LETTERS[value >> 6 * place & 63] for place in range(count))
