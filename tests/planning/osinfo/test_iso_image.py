"""What ISO images tell of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import CloudInit, IsoDescriptor
from virttui.planning.domain_spec.cloud_init import seed
from virttui.planning.osinfo.iso_image import descriptor


def image(*sectors: bytes) -> bytes:
    return bytes(16 * 2048) + b"".join(sector.ljust(2048, b"\0") for sector in sectors)


def primary(
    volume: str, system: str = "LINUX", publisher: str = "", application: str = ""
) -> bytes:
    head = b"\x01CD001\x01\0" + system.encode().ljust(32) + volume.encode().ljust(32) + bytes(8)
    sector = (head + (1000).to_bytes(4, "little")).ljust(128, b"\0") + (2048).to_bytes(2, "little")
    sector = sector.ljust(318, b"\0") + publisher.encode().ljust(128)
    return sector.ljust(574, b"\0") + application.encode().ljust(128)


BOOT = b"\0CD001\x01EL TORITO SPECIFICATION"
END = b"\xffCD001\x01"


def test_the_fields_are_read() -> None:
    told = descriptor(image(primary("Debian 12", publisher="DEBIAN", application="D-I"), BOOT, END))
    assert told == IsoDescriptor("Debian 12", "LINUX", "DEBIAN", "D-I", 2_048_000, bootable=True)


def test_what_boots_is_told_from_what_does_not() -> None:
    assert not descriptor(image(primary("data"), END, BOOT)).bootable


def test_the_first_primary_descriptor_counts() -> None:
    assert descriptor(image(primary("first"), primary("second"), END)).volume == "first"


def test_a_real_image_is_read() -> None:
    assert descriptor(seed(CloudInit(hostname="web"))[:65536]).volume == "cidata"


@pytest.mark.parametrize("data", [b"", b"hello", bytes(65536), image(END), image(BOOT)])
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="not an ISO image"):
        descriptor(data)


@given(
    st.lists(st.binary(max_size=2048).map(lambda rest: b"\x01CD001" + rest), max_size=3),
    st.binary(),
)
def test_no_bytes_crash_it(sectors: list[bytes], rest: bytes) -> None:
    for data in (image(*sectors) + rest, rest, b"".join(sectors)):
        try:
            told = descriptor(data)
        except InvalidInput:
            continue
        assert (told.volume + told.system + told.publisher + told.application).isprintable()
