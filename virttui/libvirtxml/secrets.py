"""Definitions of new secrets."""

from __future__ import annotations

from uuid import UUID

from lxml import etree

from virttui.model.errors import InvalidInput

USES = {"ceph": "name", "iscsi": "target", "volume": "volume", "tls": "name", "vtpm": "name"}
"""Usages of a secret, and the element that names its object."""


def secret(use: str, name: str, description: str, uuid: UUID) -> str:
    """Return the definition of a private secret that is not ephemeral. Raises InvalidInput."""
    if use not in USES:
        raise InvalidInput(f"{use or 'nothing'} is none of {', '.join(USES)}")
    if not name:
        raise InvalidInput("name what it is for")
    if not (name.isprintable() and description.isprintable()):
        raise InvalidInput("it has a character that no definition may have")
    root = etree.Element("secret", ephemeral="no", private="yes")
    etree.SubElement(root, "uuid").text = str(uuid)
    if description:
        etree.SubElement(root, "description").text = description
    usage = etree.SubElement(root, "usage", type=use)
    etree.SubElement(usage, USES[use]).text = name
    etree.indent(root)
    return etree.tostring(root, encoding="unicode") + "\n"
