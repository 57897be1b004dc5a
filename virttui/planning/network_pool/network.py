"""The form of a new virtual network: the fields of each mode, free subnets, and the XML."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from itertools import chain, islice

from virttui.libvirtxml.build import element, name
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.network_pool import NetworkPoolContext, NetworkPoolPlan
from virttui.planning.form import choice, of_names, preferred
from virttui.planning.network_pool.autostart import start_and_autostart, start_field

NONE = "none"
_SUGGESTED_SUBNETS = 4
_MAX_LEASES = 65_000
"""libvirt allows at most 65,535 addresses in a range."""

_MODES = (
    Option("nat", "NAT, by the host's address"),
    Option("route", "out by their own addresses"),
    Option("open", "routed, without firewall rules"),
    Option("isolated", "each other and the host only"),
    Option("bridge", "on a bridge of the host"),
    Option("ovs", "on an Open vSwitch bridge"),
    Option("macvtap", "on a card of the host"),
    Option("hostdev", "SR-IOV: a function for each"),
)
_MEANING = {
    "nat": "NAT: guests go out with the host's address; nothing outside can reach them.",
    "route": "Guests keep their addresses outside; the routers there need to know the way.",
    "open": "Guests are routed, and libvirt makes no firewall rules: the host's own count.",
    "isolated": "Guests reach each other and the host, and nothing else.",
    "bridge": "Guests are beside the host on its bridge, and get their addresses there.",
    "ovs": "Guests are ports of an Open vSwitch bridge, and get their addresses there.",
    "macvtap": "Guests are on the card's network; the host cannot reach them, nor they it.",
    "hostdev": "Each guest has a function of the card; with none left it does not start.",
}
_VIRTUAL = frozenset({"nat", "route", "open", "isolated"})
"""The modes in which libvirt creates a bridge of its own, with addresses."""


def form_fields(entered: FormValues, context: NetworkPoolContext) -> tuple[FormField, ...]:
    """Return the fields for the mode entered."""
    free = next(
        f"net{number}" for number in range(1, 10_000) if f"net{number}" not in context.names
    )
    mode = choice("mode", "mode", _MODES, entered)
    fields = [FormField("name", "name", entered.get("name") or free), mode]
    if mode.value in _VIRTUAL:
        fields += _addresses(entered, context)
        if mode.value in ("nat", "route"):
            cards = (Option("any", "whatever the host routes"), *of_names(*_cards(context)))
            fields.append(FormField("out", "uplink", entered.get("out") or "any", cards))
    elif mode.value in ("bridge", "ovs"):
        options = of_names(*context.host_environment.bridges) if mode.value == "bridge" else ()
        bridge = entered.get("bridge") or preferred(options)
        fields.append(FormField("bridge", "bridge", bridge, options, note="of the host, as br0"))
    else:
        options = of_names(*_cards(context))
        card = entered.get("card") or preferred(options)
        fields.append(FormField("card", "card", card, options, note="of the host, as enp1s0"))
        if mode.value == "macvtap":
            fields.append(choice("how", "macvtap mode", _MACVTAP, entered))
    return (*fields, start_field(entered))


def meaning(values: FormValues) -> str:
    """Return the effect of the mode for guests, in a sentence."""
    return _MEANING[values["mode"]]


_MACVTAP = (
    Option("bridge", "guests reach each other"),
    Option("vepa", "by the switch, if it can"),
    Option("private", "guests do not reach each other"),
    Option("passthrough", "one guest has the card"),
)


def _cards(context: NetworkPoolContext) -> tuple[str, ...]:
    return context.host_environment.cards


def _addresses(entered: FormValues, context: NetworkPoolContext) -> list[FormField]:
    """Return the fields of subnets, DHCP ranges and the domain name."""
    options = (*of_names(*free_subnets(context)), Option(NONE, "no IPv4"))
    subnet = entered.get("subnet") or options[0].name
    fields = [
        FormField("subnet", "IPv4 subnet", subnet, options, note="host takes the first address")
    ]
    network = _parsed(subnet)
    if isinstance(network, ipaddress.IPv4Network) and network.prefixlen <= 30:
        usual = _range_text(network, *_default_range(network))
        ranges = (Option(usual, "leased to guests"), Option(NONE, "addresses are set inside"))
        fields.append(FormField("dhcp", "DHCP range", entered.get("dhcp") or usual, ranges))
    own = _own_ipv6(context)
    second = (Option(NONE, "no IPv6"), Option(own, "this network's own"))
    fields.append(FormField("ipv6", "IPv6 subnet", entered.get("ipv6") or NONE, second))
    if fields[-1].value != NONE:
        ways = (
            Option("guests", "they make them of the prefix"),
            Option("dhcp", "leased, ::100 to ::1ff"),
        )
        fields.append(choice("dhcp6", "IPv6 leases", ways, entered))
    domain = entered.get("domain", "")
    fields.append(
        FormField("domain", "domain name", domain, needed=False, note="as lab.example, or none")
    )
    return fields


# -- subnets -----------------------------------------------------------------------------------

Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network


def free_subnets(context: NetworkPoolContext) -> list[str]:
    """Return the first four private subnets of 254 addresses that overlap with nothing known."""
    usual = (f"192.168.{number}.0/24" for number in range(100, 255))
    otherwise = (f"10.{number}.0.0/24" for number in range(1, 255))
    free = (one for one in chain(usual, otherwise) if not clash(ipaddress.ip_network(one), context))
    return list(islice(free, _SUGGESTED_SUBNETS))


def clash(subnet: Subnet, context: NetworkPoolContext) -> str:
    """Return a sentence about the network or route that uses a subnet already, else ""."""
    for other, network in context.used_subnets:
        if _overlap(subnet, other):
            return f"{subnet} clashes with {other} of the network {network}"
    for route in context.host_environment.routes:
        if _overlap(subnet, route.subnet):
            return f"{subnet} clashes with the host's route to {route.subnet} by {route.device}"
    return ""


def _overlap(subnet: Subnet, words: str) -> bool:
    other = _parsed(words)
    return other is not None and other.version == subnet.version and subnet.overlaps(other)


def _own_ipv6(context: NetworkPoolContext) -> str:
    """Return a unique local /64, as random as the UUID that it is derived from."""
    digits = context.uuid.replace("-", "")
    return f"{ipaddress.ip_network(f'fd{digits[:2]}:{digits[2:6]}:{digits[6:10]}::/64')}"


def _parsed(words: str) -> Subnet | None:
    try:
        return ipaddress.ip_network(words, strict=False)
    except ValueError:
        return None


def _subnet(words: str, version: int, context: NetworkPoolContext) -> Subnet:
    """Return the subnet as typed. Raises InvalidInput."""
    usual = "192.168.100.0/24" if version == 4 else "fd12:3456:789a::/64"
    network = _parsed(words)
    if network is None or network.version != version:
        raise InvalidInput(f"{words} is not an IPv{version} subnet, as {usual}")
    if network.prefixlen > (30 if version == 4 else 126) or not network.prefixlen:
        raise InvalidInput(f"{words} has no prefix length, as {usual}")
    if words.partition("/")[0] != str(network.network_address):
        raise InvalidInput(f"{words} is an address in a subnet: the subnet is {network}")
    if network.is_multicast or network.is_loopback or network.is_link_local:
        raise InvalidInput(f"{words} is reserved for other uses")
    if clash_text := clash(network, context):
        raise InvalidInput(clash_text)
    return network


# -- leases ------------------------------------------------------------------------------------

Range = tuple[ipaddress.IPv4Address, ipaddress.IPv4Address]


def _default_range(network: ipaddress.IPv4Network) -> Range:
    """Return all addresses after the host's own, the first one, as far as libvirt allows so
    many."""
    last = min(int(network.broadcast_address) - 1, int(network[2]) + _MAX_LEASES)
    return network[2], ipaddress.IPv4Address(last)


def _range_text(network: ipaddress.IPv4Network, first: object, last: object) -> str:
    """Return a range as ``192.168.100.2-254``: its end without the part that the subnet fixes."""
    end = str(last)
    return f"{first}-{end.rpartition('.')[2] if network.prefixlen >= 24 else end}"


def _range(words: str, network: ipaddress.IPv4Network) -> Range:
    """Return a range as typed: ``192.168.100.2-254``, ``2-254``, or both in full. Raises
    InvalidInput."""
    usual = _range_text(network, *_default_range(network))
    first, last = (_address(part.strip(), network) for part in _split_range(words, usual))
    if first is None or last is None:
        raise InvalidInput(f"{words} is not a range, as {usual}")
    for address in (first, last):
        if address not in network:
            raise InvalidInput(f"{address} is not in {network}")
    if first > last:
        raise InvalidInput(f"{words} ends before it begins")
    if first <= network[1]:
        raise InvalidInput(f"a range begins at {network[2]}: {network[1]} is the host's own")
    if last == network.broadcast_address:
        raise InvalidInput(f"{last} is for all of {network} at once, and cannot be leased")
    if int(last) - int(first) > _MAX_LEASES:
        raise InvalidInput(f"{words} is too large: libvirt leases {_MAX_LEASES} addresses")
    return first, last


def _split_range(words: str, usual: str) -> tuple[str, str]:
    first, dash, last = words.partition("-")
    if not dash:
        raise InvalidInput(f"{words} is not a range, as {usual}")
    return first, last


def _address(words: str, network: ipaddress.IPv4Network) -> ipaddress.IPv4Address | None:
    """Return an address typed in full, or as its last part; None for anything else."""
    if words.isascii() and words.isdigit():
        words = f"{str(network.network_address).rpartition('.')[0]}.{words}"
    try:
        return ipaddress.IPv4Address(words)
    except ValueError:
        return None


# -- XML ---------------------------------------------------------------------------------------


def plan(entered: FormValues, context: NetworkPoolContext) -> NetworkPoolPlan:
    """Return the network. Raises InvalidInput while it cannot be created."""
    fields = form_fields(entered, context)
    for one in fields:
        if one.needed and not one.value:
            raise InvalidInput(f"{one.label} is missing")
    values = {one.name: one.value for one in fields}
    object_name, mode = name(values["name"], "name of a network"), values["mode"]
    if object_name in context.names:
        raise InvalidInput(f"there is a network {object_name} already")
    body = _virtual_xml(values, context) if mode in _VIRTUAL else _device_xml(values)
    xml = element(
        "network", element("name", text=object_name), element("uuid", text=context.uuid), *body
    )
    start, autostart = start_and_autostart(values)
    return NetworkPoolPlan(object_name, xml, meaning(values), start=start, autostart=autostart)


def _virtual_xml(values: FormValues, context: NetworkPoolContext) -> Iterator[str]:
    mode, ipv6 = values["mode"], values["ipv6"]
    if mode != "isolated":
        out = values.get("out", "any")
        # Without it guests would be routed by IPv6 from addresses that nobody outside knows.
        nat = (
            "<nat ipv6='yes'/>" if mode == "nat" and ipv6 != NONE and _can_nat_ipv6(context) else ""
        )
        device = "" if out == "any" else name(out, "card")
        yield element("forward", nat, mode=mode, dev=device)
    if values["domain"]:
        yield element("domain", name=name(values["domain"], "domain name"))
    if values["subnet"] != NONE:
        yield _ipv4_xml(values, context)
    if ipv6 != NONE:
        yield _ipv6_xml(values, context)


def _can_nat_ipv6(context: NetworkPoolContext) -> bool:
    """True if this libvirt can NAT IPv6: since 6.5."""
    version = tuple(int(part) for part in context.libvirt.split(".")[:2] if part.isdigit())
    return version >= (6, 5)


def _ipv4_xml(values: FormValues, context: NetworkPoolContext) -> str:
    network = _subnet(values["subnet"], 4, context)
    if not isinstance(network, ipaddress.IPv4Network):
        raise InvalidInput(f"{network} is not an IPv4 subnet")
    leases = ""
    if values["dhcp"] != NONE:
        first, last = _range(values["dhcp"], network)
        leases = element("dhcp", element("range", start=str(first), end=str(last)))
    return element("ip", leases, address=str(network[1]), netmask=str(network.netmask))


def _ipv6_xml(values: FormValues, context: NetworkPoolContext) -> str:
    network = _subnet(values["ipv6"], 6, context)
    leases = ""
    if values["dhcp6"] == "dhcp":
        if network.prefixlen > 118:
            raise InvalidInput(f"{network} has no room for ::100 to ::1ff")
        ends = element("range", start=str(network[0x100]), end=str(network[0x1FF]))
        leases = element("dhcp", ends)
    elif network.prefixlen != 64:
        raise InvalidInput(f"guests make addresses of a prefix of 64 bits, {network} has another")
    return element(
        "ip", leases, family="ipv6", address=str(network[1]), prefix=str(network.prefixlen)
    )


def _device_xml(values: FormValues) -> Iterator[str]:
    mode = values["mode"]
    if mode in ("bridge", "ovs"):
        yield "<forward mode='bridge'/>"
        yield element("bridge", name=name(values["bridge"], "bridge"))
        if mode == "ovs":
            yield "<virtualport type='openvswitch'/>"
    elif mode == "macvtap":
        card = element("interface", dev=name(values["card"], "card"))
        yield element("forward", card, mode=values["how"])
    else:
        card = element("pf", dev=name(values["card"], "card"))
        yield element("forward", card, mode="hostdev", managed="yes")
