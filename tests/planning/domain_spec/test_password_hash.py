"""Password hashes, held against the published vectors and openssl."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from virttui.model.errors import InvalidInput
from virttui.planning.domain_spec.password_hash import hash_password, sha512_crypt


def test_it_is_what_the_specification_says() -> None:
    made = sha512_crypt("Hello world!", "saltstring")
    assert made.removeprefix("$6$saltstring$") == (
        "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
    )


@pytest.mark.skipif(shutil.which("openssl") is None, reason="nothing to hold it against")
@pytest.mark.parametrize("password", ["a", "naïve pässword", "x" * 63, "x" * 64, "x" * 200])
def test_openssl_makes_the_same(password: str) -> None:
    made = sha512_crypt(password, "Ab./012345678901")
    told = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", "Ab./012345678901", "-stdin"],
        input=password, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert made == told.stdout.strip()


def test_each_has_a_salt_of_its_own() -> None:
    first, second = hash_password("secret"), hash_password("secret")
    assert first != second
    assert len(first.split("$")[2]) == 16
    assert sha512_crypt("secret", first.split("$")[2]) == first


@pytest.mark.parametrize("password", ["", "a\0b", "x" * 600, "\ud800"])
def test_what_is_no_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput):
        hash_password(password)
