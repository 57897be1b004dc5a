"""The cloud-init configuration that the wizard's fields describe."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping

from virttui.model.errors import InvalidInput
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import CloudInit
from virttui.model.provision.lookups import Lookup, LookupKind
from virttui.planning.clone.names import expand
from virttui.planning.create.disk_fields import DHCP
from virttui.planning.create.volumes import VolumePlanner
from virttui.planning.domain_spec import user_data
from virttui.planning.domain_spec.password_hash import hash_password

_KEY = ("ssh-", "ecdsa-", "sk-")


def cloud_init_of(planner: VolumePlanner, number: int, count: int, mac: str) -> CloudInit:
    """Return the configuration of machine ``number`` of ``count``; ``mac`` is that of its first
    card.

    Raises InvalidInput.
    """
    values, context = planner.choices.values, planner.context
    password = values.get("password", "")
    return CloudInit(
        hostname=values.get("hostname") or planner.name,
        user=values.get("user", ""),
        password=hash_password(password) if password else "",
        keys=_keys(values.get("keys", ""), context),
        network=_network(values, context, number, count, mac),
        extra=_extra(values.get("extra", ""), context),
        instance=context.uuid,
    )


def _keys(typed: str, context: CreateContext) -> tuple[str, ...]:
    """Return the SSH keys typed or read from a file; none where there is no such file."""
    if typed.startswith(_KEY):
        return (typed,)
    found = context.lookup_results.get(Lookup(LookupKind.TEXT, typed))
    if found is None or found.error:
        return ()
    lines = (line.strip() for line in found.text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def _text(path: str, context: CreateContext) -> str:
    """Return the text of a file of this computer. Raises InvalidInput."""
    if not path.startswith(("~", "/")):
        raise InvalidInput(f"{path} is not a path: type one from / or ~")
    found = context.lookup_results.get(Lookup(LookupKind.TEXT, path))
    if found is None or found.error:
        raise InvalidInput(found.error if found is not None else f"{path} is being read")
    return found.text


def _extra(path: str, context: CreateContext) -> str:
    """Return the further user-data, checked. Raises InvalidInput."""
    return user_data.check_user_data(_text(path, context), path) if path else ""


def _network(
    values: Mapping[str, str], context: CreateContext, number: int, count: int, mac: str
) -> str:
    """Return a network-config of version 2 for the first card, "" for DHCP."""
    typed = values.get("address", DHCP)
    if typed in ("", DHCP):
        return ""
    if typed.startswith(("~", "/")):
        return user_data.network_config(_text(typed, context), typed)
    addresses = expand_addresses(typed)
    if len(addresses) != count:
        raise InvalidInput(
            f"{len(addresses)} addresses for {count} machines: write a range, as names are"
        )
    address = _interface(addresses[number])
    card: dict[str, object] = {"match": {"macaddress": mac}, "addresses": [str(address)]}
    if gateway := values.get("gateway", ""):
        if _address(gateway) not in address.network:
            raise InvalidInput(f"the gateway {gateway} is not in {address.network}")
        to = "0.0.0.0/0" if address.version == 4 else "::/0"
        card["routes"] = [{"to": to, "via": gateway}]
    if servers := values.get("dns", "").replace(",", " ").split():
        card["nameservers"] = {"addresses": [str(_address(one)) for one in servers]}
    return json.dumps({"version": 2, "ethernets": {"first": card}}, indent=1) + "\n"


def expand_addresses(pattern: str) -> tuple[str, ...]:
    """Return the addresses of a pattern such as ``192.0.2.{10..29}/24``. Raises InvalidInput."""
    head, slash, prefix = pattern.partition("/")
    if not slash:
        raise InvalidInput(f"{pattern} has no prefix: write 192.0.2.10/24")
    return tuple(f"{one}/{prefix}" for one in expand(head))


def _interface(words: str) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    try:
        return ipaddress.ip_interface(words)
    except ValueError as error:
        raise InvalidInput(f"{words} is not an address: write 192.0.2.10/24") from error


def _address(words: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(words)
    except ValueError as error:
        raise InvalidInput(f"{words} is not an address") from error
