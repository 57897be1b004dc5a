"""New virtual networks: the fields of each mode, subnets that nobody has, and the XML."""

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
_PROPOSED = 4
_LEASES = 65_000
"""The most that libvirt lets a range hold is 65,535."""

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
"""The modes in which libvirt makes a bridge of its own, with addresses."""


def form_fields(entered: FormValues, site: NetworkPoolContext) -> tuple[FormField, ...]:
    """The fields of a network of the mode that is given."""
    free = next(f"net{number}" for number in range(1, 10_000) if f"net{number}" not in site.names)
    mode = choice("mode", "mode", _MODES, entered)
    wanted = [FormField("name", "name", entered.get("name") or free), mode]
    if mode.value in _VIRTUAL:
        wanted += _addresses(entered, site)
        if mode.value in ("nat", "route"):
            cards = (Option("any", "whatever the host routes"), *of_names(*_cards(site)))
            wanted.append(FormField("out", "uplink", entered.get("out") or "any", cards))
    elif mode.value in ("bridge", "ovs"):
        options = of_names(*site.host_environment.bridges) if mode.value == "bridge" else ()
        bridge = entered.get("bridge") or preferred(options)
        wanted.append(FormField("bridge", "bridge", bridge, options, note="of the host, as br0"))
    else:
        options = of_names(*_cards(site))
        card = entered.get("card") or preferred(options)
        wanted.append(FormField("card", "card", card, options, note="of the host, as enp1s0"))
        if mode.value == "macvtap":
            wanted.append(choice("how", "macvtap mode", _MACVTAP, entered))
    return (*wanted, start_field(entered))


def meaning(values: FormValues) -> str:
    """What the mode means for guests."""
    return _MEANING[values["mode"]]


_MACVTAP = (
    Option("bridge", "guests reach each other"),
    Option("vepa", "by the switch, if it can"),
    Option("private", "guests do not reach each other"),
    Option("passthrough", "one guest has the card"),
)


def _cards(site: NetworkPoolContext) -> tuple[str, ...]:
    return site.host_environment.cards


def _addresses(entered: FormValues, site: NetworkPoolContext) -> list[FormField]:
    """Subnets, what is leased of them, and the name that guests are under."""
    options = (*of_names(*free_subnets(site)), Option(NONE, "no IPv4"))
    subnet = entered.get("subnet") or options[0].name
    wanted = [
        FormField("subnet", "IPv4 subnet", subnet, options, note="host takes the first address")
    ]
    network = _parsed(subnet)
    if isinstance(network, ipaddress.IPv4Network) and network.prefixlen <= 30:
        usual = _short(network, *_usual_range(network))
        ranges = (Option(usual, "leased to guests"), Option(NONE, "addresses are set inside"))
        wanted.append(FormField("dhcp", "DHCP range", entered.get("dhcp") or usual, ranges))
    own = _own_ipv6(site)
    second = (Option(NONE, "no IPv6"), Option(own, "this network's own"))
    wanted.append(FormField("ipv6", "IPv6 subnet", entered.get("ipv6") or NONE, second))
    if wanted[-1].value != NONE:
        ways = (
            Option("guests", "they make them of the prefix"),
            Option("dhcp", "leased, ::100 to ::1ff"),
        )
        wanted.append(choice("dhcp6", "IPv6 leases", ways, entered))
    domain = entered.get("domain", "")
    wanted.append(
        FormField("domain", "domain name", domain, needed=False, note="as lab.example, or none")
    )
    return wanted


# -- subnets -----------------------------------------------------------------------------------

Subnet = ipaddress.IPv4Network | ipaddress.IPv6Network


def free_subnets(site: NetworkPoolContext) -> list[str]:
    """Private subnets of 254 addresses that clash with nothing that is known, the first four."""
    usual = (f"192.168.{number}.0/24" for number in range(100, 255))
    otherwise = (f"10.{number}.0.0/24" for number in range(1, 255))
    free = (one for one in chain(usual, otherwise) if not clash(ipaddress.ip_network(one), site))
    return list(islice(free, _PROPOSED))


def clash(subnet: Subnet, site: NetworkPoolContext) -> str:
    """Who has addresses of a subnet already, in words; "" when nobody is known to."""
    for other, network in site.used_subnets:
        if _overlap(subnet, other):
            return f"{subnet} clashes with {other} of the network {network}"
    for route in site.host_environment.routes:
        if _overlap(subnet, route.subnet):
            return f"{subnet} clashes with the host's route to {route.subnet} by {route.device}"
    return ""


def _overlap(subnet: Subnet, words: str) -> bool:
    other = _parsed(words)
    return other is not None and other.version == subnet.version and subnet.overlaps(other)


def _own_ipv6(site: NetworkPoolContext) -> str:
    """A unique local /64, as random as the UUID it is made of."""
    digits = site.uuid.replace("-", "")
    return f"{ipaddress.ip_network(f'fd{digits[:2]}:{digits[2:6]}:{digits[6:10]}::/64')}"


def _parsed(words: str) -> Subnet | None:
    try:
        return ipaddress.ip_network(words, strict=False)
    except ValueError:
        return None


def _subnet(words: str, version: int, site: NetworkPoolContext) -> Subnet:
    """A subnet to use. Raises InvalidInput in words."""
    usual = "192.168.100.0/24" if version == 4 else "fd12:3456:789a::/64"
    network = _parsed(words)
    if network is None or network.version != version:
        raise InvalidInput(f"{words} is no IPv{version} subnet, as {usual}")
    if network.prefixlen > (30 if version == 4 else 126) or not network.prefixlen:
        raise InvalidInput(f"{words} does not say how long its prefix is, as {usual}")
    if words.partition("/")[0] != str(network.network_address):
        raise InvalidInput(f"{words} is an address in a subnet: the subnet is {network}")
    if network.is_multicast or network.is_loopback or network.is_link_local:
        raise InvalidInput(f"{words} is set apart for other uses")
    if said := clash(network, site):
        raise InvalidInput(said)
    return network


# -- leases ------------------------------------------------------------------------------------

Range = tuple[ipaddress.IPv4Address, ipaddress.IPv4Address]


def _usual_range(network: ipaddress.IPv4Network) -> Range:
    """All but the host's own, the first, as far as libvirt takes so many."""
    last = min(int(network.broadcast_address) - 1, int(network[2]) + _LEASES)
    return network[2], ipaddress.IPv4Address(last)


def _short(network: ipaddress.IPv4Network, first: object, last: object) -> str:
    """``192.168.100.2-254``: the end without what it has in common with the subnet."""
    end = str(last)
    return f"{first}-{end.rpartition('.')[2] if network.prefixlen >= 24 else end}"


def _range(words: str, network: ipaddress.IPv4Network) -> Range:
    """A range as typed: ``192.168.100.2-254``, ``2-254``, or both in full. Raises InvalidInput."""
    usual = _short(network, *_usual_range(network))
    first, last = (_address(part.strip(), network) for part in _ends(words, usual))
    if first is None or last is None:
        raise InvalidInput(f"{words} is no range, as {usual}")
    for address in (first, last):
        if address not in network:
            raise InvalidInput(f"{address} is not in {network}")
    if first > last:
        raise InvalidInput(f"{words} ends before it begins")
    if first <= network[1]:
        raise InvalidInput(f"a range begins at {network[2]}: {network[1]} is the host's own")
    if last == network.broadcast_address:
        raise InvalidInput(f"{last} is for all of {network} at once, and cannot be leased")
    if int(last) - int(first) > _LEASES:
        raise InvalidInput(f"{words} is too large: libvirt leases {_LEASES} addresses")
    return first, last


def _ends(words: str, usual: str) -> tuple[str, str]:
    first, dash, last = words.partition("-")
    if not dash:
        raise InvalidInput(f"{words} is no range, as {usual}")
    return first, last


def _address(words: str, network: ipaddress.IPv4Network) -> ipaddress.IPv4Address | None:
    """An address in full, or its last part."""
    if words.isascii() and words.isdigit():
        words = f"{str(network.network_address).rpartition('.')[0]}.{words}"
    try:
        return ipaddress.IPv4Address(words)
    except ValueError:
        return None


# -- XML ---------------------------------------------------------------------------------------


def plan(entered: FormValues, site: NetworkPoolContext) -> NetworkPoolPlan:
    """The network. Raises InvalidInput, in words, while it cannot be made."""
    wanted = form_fields(entered, site)
    for one in wanted:
        if one.needed and not one.value:
            raise InvalidInput(f"{one.label} is missing")
    values = {one.name: one.value for one in wanted}
    called, mode = name(values["name"], "name of a network"), values["mode"]
    if called in site.names:
        raise InvalidInput(f"there is a network {called} already")
    body = _virtual(values, site) if mode in _VIRTUAL else _on_device(values)
    xml = element("network", element("name", text=called), element("uuid", text=site.uuid), *body)
    start, autostart = start_and_autostart(values)
    return NetworkPoolPlan(called, xml, meaning(values), start=start, autostart=autostart)


def _virtual(values: FormValues, site: NetworkPoolContext) -> Iterator[str]:
    mode, ipv6 = values["mode"], values["ipv6"]
    if mode != "isolated":
        out = values.get("out", "any")
        # Without it guests would be routed by IPv6 from addresses that nobody outside knows.
        nat = "<nat ipv6='yes'/>" if mode == "nat" and ipv6 != NONE and _nats(site) else ""
        device = "" if out == "any" else name(out, "card")
        yield element("forward", nat, mode=mode, dev=device)
    if values["domain"]:
        yield element("domain", name=name(values["domain"], "domain name"))
    if values["subnet"] != NONE:
        yield _ipv4(values, site)
    if ipv6 != NONE:
        yield _ipv6(values, site)


def _nats(site: NetworkPoolContext) -> bool:
    """True if this libvirt can NAT IPv6: since 6.5."""
    version = tuple(int(part) for part in site.libvirt.split(".")[:2] if part.isdigit())
    return version >= (6, 5)


def _ipv4(values: FormValues, site: NetworkPoolContext) -> str:
    network = _subnet(values["subnet"], 4, site)
    if not isinstance(network, ipaddress.IPv4Network):
        raise InvalidInput(f"{network} is no IPv4 subnet")
    leases = ""
    if values["dhcp"] != NONE:
        first, last = _range(values["dhcp"], network)
        leases = element("dhcp", element("range", start=str(first), end=str(last)))
    return element("ip", leases, address=str(network[1]), netmask=str(network.netmask))


def _ipv6(values: FormValues, site: NetworkPoolContext) -> str:
    network = _subnet(values["ipv6"], 6, site)
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


def _on_device(values: FormValues) -> Iterator[str]:
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
