"""Seeds of cloud-init (NoCloud): the ISO image that a cloud image reads at its first boot.

YAML contains JSON, so text from forms is written as JSON strings: none of it can become a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO

from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import CloudInit
from virttui.planning.domain_spec.user_data import parts


def seed(cloud_init: CloudInit) -> bytes:
    """Return the image, with the volume id ``cidata``. Raises InvalidInput for text that cannot be
    written.

    With a password and no keys, ssh accepts the password; with keys only those. The user is the
    image's own default user under another name, with its shell, groups and sudo.
    """
    files = {"user-data": user_data(cloud_init), "meta-data": meta_data(cloud_init)}
    if cloud_init.network:
        files["network-config"] = _with_newline(cloud_init.network)
    data = {}
    for name, content in files.items():
        try:
            data[name] = content.encode()
        except UnicodeEncodeError as error:
            raise InvalidInput(f"{name} is not text") from error
    return seed_image(data)


def seed_image(files: Mapping[str, bytes]) -> bytes:
    """Return the image of files by name, in the layout that cloud-init looks for."""
    from pycdlib import PyCdlib

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


def meta_data(cloud_init: CloudInit) -> str:
    """Return the meta-data with the instance id. cloud-init does its work once for each
    instance."""
    instance = (
        cloud_init.instance or "virttui-" + sha256(user_data(cloud_init).encode()).hexdigest()[:16]
    )
    values = {"instance-id": _checked_line(instance, "instance")}
    if cloud_init.hostname:
        values["local-hostname"] = _checked_line(cloud_init.hostname, "host name")
    return _json(values)


def user_data(cloud_init: CloudInit) -> str:
    """Return the user-data: a ``#cloud-config``, with further user-data as MIME parts beside it."""
    config = "#cloud-config\n" + _json(_config(cloud_init))
    if not cloud_init.extra.strip():
        return config
    try:
        cloud_init.extra.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("further user-data is not text") from error
    further = parts(_with_newline(cloud_init.extra))
    content = (config + cloud_init.extra).encode("utf-8", "replace")
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    message = MIMEMultipart(boundary=f"={sha256(content).hexdigest()[:24]}=")
    message.attach(MIMEText(config, "cloud-config", "utf-8"))
    for part in further:
        message.attach(part)
    return message.as_string()


def _config(cloud_init: CloudInit) -> dict[str, object]:
    config: dict[str, object] = {}
    if cloud_init.hostname:
        config["hostname"] = _checked_line(cloud_init.hostname, "host name").partition(".")[0]
        if "." in cloud_init.hostname:
            config["fqdn"] = cloud_init.hostname
        config["manage_etc_hosts"] = True
    user: dict[str, object] = {}
    if cloud_init.user:
        user["name"] = _checked_line(cloud_init.user, "user")
    if cloud_init.password:
        if not cloud_init.password.startswith("$"):
            raise InvalidInput("a password is given as its hash")
        user |= {"passwd": _checked_line(cloud_init.password, "password"), "lock_passwd": False}
    if cloud_init.keys:
        user["ssh_authorized_keys"] = [_checked_line(key.strip(), "key") for key in cloud_init.keys]
    if user:
        config["user"] = user
    if cloud_init.password:
        config["ssh_pwauth"] = not cloud_init.keys
    return config


def _checked_line(words: str, what: str) -> str:
    if not words.isprintable():
        raise InvalidInput(f"the {what} holds control characters")
    return words


def _with_newline(words: str) -> str:
    return words if words.endswith("\n") else words + "\n"


def _json(values: dict[str, object] | dict[str, str]) -> str:
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
