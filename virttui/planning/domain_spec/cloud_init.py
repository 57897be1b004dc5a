"""Seeds: what a cloud image reads at its first boot (cloud-init's NoCloud), as an ISO image.

YAML holds JSON whole, so what is typed into a form is written as JSON strings: nothing of it can
become a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from hashlib import sha256
from io import BytesIO

from pycdlib import PyCdlib

from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import CloudInit
from virttui.planning.domain_spec.user_data import parts


def seed(cloud: CloudInit) -> bytes:
    """The image, with the volume id ``cidata``. Raises InvalidInput for what cannot be written.

    A password alone lets its user in by ssh, too; with keys only those do. The user is the
    image's own default user under another name, with its shell, groups and sudo.
    """
    files = {"user-data": user_data(cloud), "meta-data": meta_data(cloud)}
    if cloud.network:
        files["network-config"] = _ended(cloud.network)
    data = {}
    for name, content in files.items():
        try:
            data[name] = content.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(f"{name} holds what is no text") from error
    return seed_image(data)


def seed_image(files: Mapping[str, bytes]) -> bytes:
    """The image of files by their names, as cloud-init looks for it."""
    image = PyCdlib()
    image.new(interchange_level=3, vol_ident="cidata", joliet=3, rock_ridge="1.09")
    for name, data in files.items():
        place = "".join(letter for letter in name.upper() if letter.isalpha())
        image.add_fp(
            BytesIO(data), len(data), f"/{place}.;1", rr_name=name, joliet_path=f"/{name}"
        )  # fmt: skip
    written = BytesIO()
    image.write_fp(written)
    image.close()
    return written.getvalue()


def meta_data(cloud: CloudInit) -> str:
    """Which instance this is. cloud-init does its work once for each."""
    instance = cloud.instance or "virttui-" + sha256(user_data(cloud).encode()).hexdigest()[:16]
    told = {"instance-id": _line(instance, "instance")}
    if cloud.hostname:
        told["local-hostname"] = _line(cloud.hostname, "host name")
    return _json(told)


def user_data(cloud: CloudInit) -> str:
    """The user-data: a ``#cloud-config``, and what is further told as parts beside it."""
    config = "#cloud-config\n" + _json(_config(cloud))
    if not cloud.extra.strip():
        return config
    try:
        cloud.extra.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("further user-data holds what is no text") from error
    further = parts(_ended(cloud.extra))
    told = (config + cloud.extra).encode("utf-8", "replace")
    message = MIMEMultipart(boundary=f"={sha256(told).hexdigest()[:24]}=")
    message.attach(MIMEText(config, "cloud-config", "utf-8"))
    for part in further:
        message.attach(part)
    return message.as_string()


def _config(cloud: CloudInit) -> dict[str, object]:
    told: dict[str, object] = {}
    if cloud.hostname:
        told["hostname"] = _line(cloud.hostname, "host name").partition(".")[0]
        if "." in cloud.hostname:
            told["fqdn"] = cloud.hostname
        told["manage_etc_hosts"] = True
    user: dict[str, object] = {}
    if cloud.user:
        user["name"] = _line(cloud.user, "user")
    if cloud.password:
        if not cloud.password.startswith("$"):
            raise InvalidInput("a password is given as its hash")
        user |= {"passwd": _line(cloud.password, "password"), "lock_passwd": False}
    if cloud.keys:
        user["ssh_authorized_keys"] = [_line(key.strip(), "key") for key in cloud.keys]
    if user:
        told["user"] = user
    if cloud.password:
        told["ssh_pwauth"] = not cloud.keys
    return told


def _line(words: str, what: str) -> str:
    if not words.isprintable():
        raise InvalidInput(f"the {what} holds control characters")
    return words


def _ended(words: str) -> str:
    return words if words.endswith("\n") else words + "\n"


def _json(told: dict[str, object] | dict[str, str]) -> str:
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"
