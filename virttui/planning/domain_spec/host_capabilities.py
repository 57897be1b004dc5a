"""The capabilities of a host, from libvirt's capabilities and domain capabilities.

Field meanings follow libvirt's "Driver capabilities XML format" and "Domain capabilities XML
format".
"""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.parse import root_of, text, whole
from virttui.model.provision.domain_spec import HostCapabilities

_X86 = ("x86_64", "i686")


def host_capabilities(capabilities_xml: str, domain_capabilities_xml: str) -> HostCapabilities:
    """Return the capabilities; either text is "" where a driver has none. Raises InvalidInput for
    text that is not XML.

    Domain capabilities belong to one machine type. Ask for those of q35 where the host has it:
    libvirt lists secure boot only there.
    """
    host = root_of(capabilities_xml) if capabilities_xml else etree.Element("capabilities")
    domain = root_of(domain_capabilities_xml) if domain_capabilities_xml else None
    arch = text(domain, "arch") if domain is not None else text(host, "host/cpu/arch")
    guest = _guest(host, arch)
    arch = arch if guest is None else guest.get("name", arch)
    types = [] if guest is None else [one.get("type", "") for one in guest.iterfind("domain")]
    if domain is not None:
        types.append(text(domain, "domain"))
    machines = _machines(guest)
    lists = () if domain is None else tuple(_values(domain))
    by_path = dict(lists)
    firmwares = set(by_path.get("os/firmware", ()))
    default = HostCapabilities()
    return HostCapabilities(
        virt=_virt(types) or default.virt,
        arch=arch or default.arch,
        emulator=_emulator(guest, domain),
        machine=_canonical(domain, machines),
        machines=machines,
        max_vcpus=_max_vcpus(domain, guest),
        firmwares=frozenset(firmwares | {"bios"} if arch in _X86 else firmwares),
        secure_boot="efi" in firmwares and "yes" in by_path.get("loader/secure", ()),
        cpu_modes=_modes(domain),
        values=lists,
    )


def _guest(host: etree._Element, arch: str) -> etree._Element | None:
    """Return the ``<arch>`` of a guest: the one asked for, else the first."""
    every = host.findall("guest/arch")
    hardware = [one for one in every if one.get("name") == arch]
    return next(iter(hardware or every), None)


def _virt(types: list[str]) -> str:
    return "kvm" if "kvm" in types else next((one for one in types if one), "")


def _machines(guest: etree._Element | None) -> tuple[str, ...]:
    """Return every machine type, an alias followed by its full name."""
    found: dict[str, None] = {}
    for one in guest.iter("machine") if guest is not None else ():
        name, full = (one.text or "").strip(), one.get("canonical", "")
        if full:
            found = {key: None for key in found if key not in (name, full)}
        for each in (name, full):
            if each:
                found.setdefault(each)
    return tuple(found)


def _canonical(domain: etree._Element | None, machines: tuple[str, ...]) -> str:
    values = text(domain, "machine") if domain is not None else ""
    return values or next(iter(machines), "")


def _emulator(guest: etree._Element | None, domain: etree._Element | None) -> str:
    values = text(domain, "path") if domain is not None else ""
    return values or (text(guest, "emulator") if guest is not None else "")


def _max_vcpus(domain: etree._Element | None, guest: etree._Element | None) -> int:
    vcpu = domain.find("vcpu") if domain is not None else None
    if vcpu is not None:
        return whole(vcpu.get("max", "")) or 0
    every = guest.iter("machine") if guest is not None else ()
    return max((whole(one.get("maxCpus", "")) or 0 for one in every), default=0)


def _modes(domain: etree._Element | None) -> tuple[str, ...]:
    if domain is None:
        return ()
    return tuple(one.get("name", "") for one in domain.iterfind("cpu/mode[@supported='yes']"))


def _values(domain: etree._Element) -> list[tuple[str, tuple[str, ...]]]:
    """Return every list of values, by its element and name: ``disk/bus``."""
    found = []
    for enum in domain.iter("enum"):
        parent = enum.getparent()
        if parent is None or parent.get("supported") == "no":
            continue
        values = tuple(value.text or "" for value in enum.iterfind("value"))
        found.append((f"{parent.tag}/{enum.get('name', '')}", values))
    return found
