"""Seeds, read back as cloud-init reads them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pycdlib import PyCdlib

from tests.planning.domain_spec.mime import body, parts
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import CloudInit
from virttui.planning.domain_spec.cloud_init import seed, user_data
from virttui.planning.domain_spec.password_hash import hash_password
from virttui.planning.osinfo.iso_image import descriptor


def read(cloud: CloudInit, by: str = "rr_path") -> dict[str, str]:
    image = PyCdlib()
    image.open_fp(BytesIO(seed(cloud)))
    found = {}
    for child in image.list_children(**{by: "/"}):
        if child is None or child.is_dir():
            continue
        at = child.rock_ridge.name() if by == "rr_path" else child.file_identifier()
        name = at.decode("utf-16-be" if by == "joliet_path" else "utf-8")
        content = BytesIO()
        image.get_file_from_iso_fp(content, **{by: f"/{name}"})
        found[name] = content.getvalue().decode()
    image.close()
    return found


def config(cloud: CloudInit) -> dict[str, Any]:
    told = read(cloud)["user-data"]
    assert told.startswith("#cloud-config\n")
    found: dict[str, Any] = yaml.safe_load(told)
    return found


FULL = CloudInit(
    hostname="web.lab.example",
    user="ada",
    password="$6$salt$hash",
    keys=("ssh-ed25519 AAAA ada@home\n",),
    network="version: 2\nethernets: {}",
    instance="i-1",
)


@pytest.mark.parametrize("by", ["rr_path", "joliet_path"])
def test_the_files_have_the_names_that_are_looked_for(by: str) -> None:
    assert set(read(FULL, by)) == {"user-data", "meta-data", "network-config"}
    assert set(read(CloudInit(), by)) == {"user-data", "meta-data"}
    assert descriptor(seed(FULL)).volume == "cidata"


def test_all_of_it_is_told() -> None:
    assert config(FULL) == {
        "hostname": "web",
        "fqdn": "web.lab.example",
        "manage_etc_hosts": True,
        "user": {
            "name": "ada",
            "passwd": "$6$salt$hash",
            "lock_passwd": False,
            "ssh_authorized_keys": ["ssh-ed25519 AAAA ada@home"],
        },
        "ssh_pwauth": False,
    }
    files = read(FULL)
    assert yaml.safe_load(files["meta-data"]) == {
        "instance-id": "i-1", "local-hostname": "web.lab.example",
    }  # fmt: skip
    assert files["network-config"] == "version: 2\nethernets: {}\n"


def test_a_password_alone_lets_its_user_in() -> None:
    assert config(CloudInit(user="ada", password=hash_password("secret")))["ssh_pwauth"] is True


def test_another_content_is_another_instance() -> None:
    first, second = (read(CloudInit(user=user))["meta-data"] for user in ("ada", "bob"))
    assert first != second


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1))
def test_nothing_typed_becomes_a_key(words: str) -> None:
    told = yaml.safe_load(user_data(CloudInit(hostname=words, user=words, keys=(words,))))
    assert told["user"] == {"name": words, "ssh_authorized_keys": [words]}
    assert set(told) <= {"hostname", "fqdn", "manage_etc_hosts", "user"}


@pytest.mark.parametrize("name", ["ada\nruncmd: [reboot]", "a\x00b", "\ud800"])
def test_control_characters_are_refused(name: str) -> None:
    for cloud in (CloudInit(user=name), CloudInit(hostname=name), CloudInit(keys=(name,))):
        with pytest.raises(InvalidInput):
            seed(cloud)


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ("#cloud-config\nruncmd: [[touch, /ok]]", "text/cloud-config"),
        ("\n#!/bin/sh\necho ok", "text/x-shellscript"),
    ],
)
def test_more_is_a_part_beside_ours(extra: str, kind: str) -> None:
    ours, theirs = parts(read(CloudInit(user="ada", extra=extra))["user-data"])
    assert (ours.get_content_type(), theirs.get_content_type()) == ("text/cloud-config", kind)
    assert yaml.safe_load(body(ours))["user"]["name"] == "ada"
    assert body(theirs).decode() == extra.lstrip() + "\n"
    assert "list(append)" in theirs["Merge-Type"]


@pytest.mark.parametrize("extra", ["runcmd: []", "#cloud-config\n\ud800"])
def test_more_that_nobody_would_read_is_refused(extra: str) -> None:
    with pytest.raises(InvalidInput, match="further user-data"):
        seed(CloudInit(extra=extra))


def test_a_password_in_the_clear_is_refused() -> None:
    with pytest.raises(InvalidInput, match="hash"):
        seed(CloudInit(user="ada", password="secret"))


def test_no_secret_is_in_its_repr() -> None:
    assert "hash" not in repr(FULL)
