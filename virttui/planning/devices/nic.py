"""NICs: on a network and port group, a bridge, a card of the host (macvtap), or QEMU's own
network."""

from __future__ import annotations

import re

from virttui.libvirtxml.build import element, mac, name, require_unused
from virttui.model.documents import Option
from virttui.model.domains.devices import DeviceContext, DeviceXml, GuestContext
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField, FormValues
from virttui.planning.form import choice, of_names, preferred

_BRIDGES = "devices/interface[type=bridge]/source@bridge"
_BACKENDS = "devices/interface/backend@type"
_OVS, _USUAL = "openvswitch", "usual"
_TAG = re.compile(r"(\d{1,4})(u?)")
_FORWARD = re.compile(r"(tcp|udp)?:?(\d{1,5}):(\d{1,5})")
_MODES = (
    Option("bridge", "guests of one card see each other"),
    Option("vepa", "by the switch outside"),
    Option("private", "guests do not see each other"),
    Option("passthrough", "the card is this guest's alone"),
)


def nic_fields(guest: GuestContext, host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of a NIC: its source, its model, and its address."""
    types = [Option("network", "of libvirt")] if host.networks else []
    types.append(Option("bridge", "of the host"))
    types.append(Option("direct", "a card of the host, by macvtap"))
    if not guest.container:
        types.append(Option("user", "out by QEMU itself; in by forwarded ports alone"))
    type = choice("type", "plugged into", types, entered)
    fields = [type, *_SOURCE_FIELDS[type.value](host, entered)]
    if not guest.container:
        cards = host.options("devices/interface/model@type", "virtio", "e1000e", "rtl8139")
        model = entered.get("model") or preferred(cards, "virtio")
        fields.append(FormField("model", "model", model, cards))
    if not host.many:
        address = entered.get("mac") or host.mac
        fields.append(FormField("mac", "MAC address", address, note="not in use here"))
    return fields


def _network(host: DeviceContext, entered: FormValues) -> list[FormField]:
    usual = preferred(host.networks, "default")
    network = choice("source", "network", host.networks, entered, usual=usual)
    fields = [network]
    if groups := host.portgroups.get(network.value):
        options = [*groups, Option(_USUAL, "none named: the network's default")]
        first = next((one.name for one in groups if one.note.startswith("default")), _USUAL)
        fields.append(choice("portgroup", "portgroup", options, entered, usual=first))
    elif network.value in host.vlan_networks:
        fields.append(_vlan(entered))
    return fields


def _bridge(host: DeviceContext, entered: FormValues) -> list[FormField]:
    options = host.options(_BRIDGES)
    source = entered.get("source") or preferred(options)
    ports = (Option("linux", "a bridge of the kernel"), Option(_OVS, "takes VLANs"))
    port = choice("port", "bridge is", ports, entered)
    fields = [
        FormField("source", "bridge", source, options, note="a bridge of the host, as br0"),
        port,
    ]
    return [*fields, _vlan(entered)] if port.value == _OVS else fields


def _direct(host: DeviceContext, entered: FormValues) -> list[FormField]:
    options = of_names(*host.cards)
    source = entered.get("source") or preferred(options)
    mode = choice("mode", "mode", _MODES, entered)
    note = "the host itself cannot reach a guest by it"
    fields = [FormField("source", "card", source, options, note=note), mode]
    return [*fields, _vlan(entered)] if mode.value == "passthrough" else fields


def _user(host: DeviceContext, entered: FormValues) -> list[FormField]:
    """Return the fields of QEMU's own network. Only passt forwards ports; a host that does not
    list its backends may have it."""
    known = {one.name for one in host.options(_BACKENDS)}
    if known and "passt" not in known:
        return []
    backends = (
        Option("slirp", "built into QEMU"),
        Option("passt", "a program of the host, faster"),
    )
    backend = choice("backend", "by", backends, entered)
    if backend.value != "passt":
        return [backend]
    note = "as 2022:22, udp:5353:53; none without"
    value = entered.get("forwards", "")
    return [backend, FormField("forwards", "forwards", value, needed=False, note=note)]


def _vlan(entered: FormValues) -> FormField:
    note = "as 100; 100u,101 for a trunk with 100 untagged; none without"
    return FormField("vlan", "VLAN", entered.get("vlan", ""), needed=False, note=note)


_SOURCE_FIELDS = {"network": _network, "bridge": _bridge, "direct": _direct, "user": _user}


def nic_xml(values: FormValues, guest: GuestContext, host: DeviceContext) -> DeviceXml:
    """Return the XML of a NIC."""
    address = require_unused(mac(values.get("mac") or host.mac), guest.used_macs, "a NIC")
    type, source = values["type"], values.get("source", "")
    model, group = values.get("model", ""), values.get("portgroup", _USUAL)
    attributes = {"dev" if type == "direct" else type: source}
    if type == "direct":
        attributes["mode"] = values["mode"]
    elif group != _USUAL:
        attributes["portgroup"] = group
    ovs = values.get("port") == _OVS
    passt = values.get("backend") == "passt"
    xml = element(
        "interface",
        element("mac", address=address),
        element("source", **attributes) if type != "user" else "",
        element("virtualport", type=_OVS) if ovs else "",
        vlan(values.get("vlan", "")),
        element("backend", type="passt") if passt else "",
        *forwards(values.get("forwards", "")),
        element("model", type=name(model, "model")) if model else "",
        type=type,
    )
    where = f"{source}, {group}" if group != _USUAL else source
    return DeviceXml(xml, f"NIC on {where}" if type != "user" else "NIC of QEMU's own network")


def vlan(words: str) -> str:
    """Return the ``<vlan>`` of tags as typed, "" for none. Raises InvalidInput."""
    tags = []
    for one in words.replace(",", " ").split():
        match = _TAG.fullmatch(one)
        if match is None or not 0 < int(match[1]) < 4095:
            raise InvalidInput(f"{one} is not a VLAN: they go from 1 to 4094, with u for untagged")
        tags.append(element("tag", id=match[1], nativeMode="untagged" if match[2] else ""))
    if not tags:
        return ""
    trunk = len(tags) > 1 or "nativeMode" in tags[0]
    return element("vlan", *tags, trunk="yes" if trunk else "")


def forwards(words: str) -> list[str]:
    """Return the ``<portForward>`` elements of pairs as typed, host to guest. Raises
    InvalidInput."""
    found: dict[str, list[str]] = {}
    for one in words.replace(",", " ").split():
        pair = _FORWARD.fullmatch(one)
        if pair is None or not all(0 < int(port) < 65536 for port in pair.groups()[1:]):
            raise InvalidInput(f"{one} forwards nothing: write HOST:GUEST, as 2022:22")
        span = element("range", start=pair[2], to=pair[3])
        found.setdefault(pair[1] or "tcp", []).append(span)
    return [element("portForward", *spans, proto=proto) for proto, spans in found.items()]
