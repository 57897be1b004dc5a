"""Seeds of clones: another instance and host name, all else as the source has it."""

from __future__ import annotations

from io import BytesIO

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from pycdlib import PyCdlib

from tests.planning.domain_spec.mime import body, parts
from virttui.model.provision.clone import CloudInitSeed
from virttui.model.provision.domain_spec import CloudInit
from virttui.planning.clone.cloud_init import host_name, read_seed, seed_for_clone
from virttui.planning.domain_spec.cloud_init import seed, seed_image

OLD, NEW = "52:54:00:AA:bb:01", "52:54:00:00:00:02"
UUID = "9b199ddd-7158-582f-afa1-36269d4fd12c"


def found(image: bytes) -> CloudInitSeed:
    told = read_seed(image)
    assert told is not None
    return told


def files_in(image: bytes) -> dict[str, bytes]:
    """What an image holds, by another reader."""
    iso = PyCdlib()
    iso.open_fp(BytesIO(image))
    told = {}
    for child in iso.list_children(joliet_path="/"):
        if child.is_file():
            data = BytesIO()
            name = child.file_identifier().decode("utf-16-be")
            iso.get_file_from_iso_fp(data, joliet_path=f"/{name}")
            told[name] = data.getvalue()
    iso.close()
    return told


def clone(image: bytes, name: str = "web-02") -> dict[str, bytes]:
    return files_in(seed_for_clone(found(image), name, UUID, [(OLD.lower(), NEW)]))


def test_a_seed_of_ours_names_the_clone_and_keeps_the_rest() -> None:
    cloud = CloudInit(hostname="web-01.example.org", user="lee", keys=("ssh-ed25519 AAAA lee",))
    image = seed(cloud)
    assert dict(found(image).files) == files_in(image)
    told = clone(image)
    meta, user = yaml.safe_load(told["meta-data"]), yaml.safe_load(told["user-data"])
    assert meta == {"instance-id": f"virttui-{UUID}", "local-hostname": "web-02"}
    assert (user["hostname"], user["fqdn"]) == ("web-02", "web-02.example.org")
    was = yaml.safe_load(files_in(image)["user-data"])
    assert {**was, "hostname": "", "fqdn": ""} == {**user, "hostname": "", "fqdn": ""}


def test_the_parts_of_several_are_renamed_where_they_name_it() -> None:
    image = seed(
        CloudInit(hostname="web-01", user="lee", extra="#!/bin/sh\necho hostname: web-01\n")
    )
    told = clone(image)["user-data"].decode()
    config, script = parts(told)
    assert yaml.safe_load(body(config))["hostname"] == "web-02"
    assert b"echo hostname: web-01" in body(script), "a script is left alone"
    assert script["Merge-Type"]


def test_meta_data_of_other_hands_is_kept() -> None:
    image = seed_image({
        "user-data": b"#cloud-config\nhostname: web-01   # ours\npackages:\n - nginx\nusers:\n"
                     b" - name: lee\n   hostname: no\n",
        "meta-data": b"---\ninstance-id: iid-1\nlocal-hostname: web-01\npublic-keys:\n  - a\n",
        "network-config": b"version: 2\nethernets:\n  a:\n    dhcp4: true\n"
                          b"    match: {macaddress: '52:54:00:aa:BB:01'}\n",
        "vendor-data": b"#cloud-config\n{}\n",
        "readme": b"not of a seed",
    })  # fmt: skip
    told = clone(image)
    assert yaml.safe_load(told["meta-data"]) == {
        "instance-id": f"virttui-{UUID}", "local-hostname": "web-02", "public-keys": ["a"],
    }  # fmt: skip
    user = yaml.safe_load(told["user-data"])
    assert user["hostname"] == "web-02" and user["users"][0] == {"name": "lee", "hostname": False}
    assert yaml.safe_load(told["network-config"])["ethernets"]["a"]["match"]["macaddress"] == NEW
    assert told["vendor-data"] == b"#cloud-config\n{}\n" and "readme" not in told
    assert not found(image).static


@pytest.mark.parametrize(
    "network",
    [b"    addresses: [10.0.0.5/24]\n", b"- type: static\n", b'  "address": "10.0.0.5"\n'],
)
def test_static_addresses_are_seen(network: bytes) -> None:
    told = {"user-data": b"#!/bin/sh\n", "meta-data": b"{}", "network-config": network}
    assert found(seed_image(told)).static


def test_what_is_no_seed_is_none() -> None:
    image = seed_image({"user-data": b"#!/bin/sh\n", "meta-data": b"{}"})
    assert read_seed(image) is not None
    assert read_seed(image.replace(b"cidata", b"tools ")) is None
    assert read_seed(seed_image({"user-data": b""})) is None
    assert read_seed(b"") is None and read_seed(bytes(100_000)) is None


@given(st.binary(max_size=64), st.integers(0, 60_000), st.text())
@example(b"\xff" * 8, 16 * 2048 + 2048 + 156, "")
def test_an_image_that_a_guest_wrote_can_do_no_harm(junk: bytes, at: int, name: str) -> None:
    image = bytearray(seed_image({"user-data": b"#cloud-config\n", "meta-data": b"a: 1\n"}))
    image[at : at + len(junk)] = junk
    told = read_seed(bytes(image))
    if told is not None:
        assert sum(len(content) for _, content in told.files) <= 4 * len(image)
        seed_for_clone(told, name, UUID, [])
    host = host_name(name)
    assert host and len(host) <= 63 and host.replace("-", "a").isalnum() and host.isascii()


def test_hashes_are_in_no_repr() -> None:
    assert "sha" not in repr(found(seed(CloudInit(user="lee", password="$6$sha$hash"))))
