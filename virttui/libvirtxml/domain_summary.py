"""Facts of a domain's XML for its page: the machine, and its devices.

Field meanings follow libvirt's "Domain XML format".
"""

from __future__ import annotations

import posixpath

from lxml import etree

from virttui.libvirtxml.device_summary import devices
from virttui.libvirtxml.parse import attribute, root_of, size, text, whole
from virttui.model.domains.details import Device, DomainDefinition

_OSINFO = "{http://libosinfo.org/xmlns/libvirt/domain/1.0}"
_AGENT = "org.qemu.guest_agent.0"


def domain_definition(xml: str) -> DomainDefinition:
    """Return the facts of one ``<domain>``. Raises InvalidInput."""
    root = root_of(xml)
    device_list = devices(root)
    kind = root.find("os/type")
    vcpu = root.find("vcpu")
    maximum = _number((vcpu.text or "") if vcpu is not None else "")
    return DomainDefinition(
        description=text(root, "description"),
        os=_os(root),
        machine=_machine(kind.get("machine", "")) if kind is not None else "",
        arch=kind.get("arch", "") if kind is not None else "",
        firmware=_firmware(root),
        emulator=text(root, "devices/emulator"),
        cpu=_cpu(root),
        topology=_topology(root),
        vcpus=_number(attribute(root, "vcpu", "current")) or maximum,
        vcpus_max=maximum,
        memory=size(root, "currentMemory"),
        memory_max=size(root, "memory"),
        hugepages=_hugepages(root),
        boot=_boot(root, device_list),
        pins={
            number: pin.get("cpuset", "")
            for pin in root.iterfind("cputune/vcpupin")
            if (number := _number(pin.get("vcpu", ""))) is not None
        },
        agent=next(
            (
                target.get("state", "disconnected")
                for target in root.iterfind("devices/channel/target")
                if target.get("name") == _AGENT
            ),
            "",
        ),
        devices=device_list,
    )


def count_pending_changes(live: DomainDefinition, stored: DomainDefinition) -> int:
    """Return the number of differences that the next boot brings.

    Only parts that read the same in both definitions are compared. libvirt writes others
    differently while the domain runs: the CPU model, the balloon's size, ports and the names of
    host devices.
    """
    changed = [
        # How many there are, may be and in what sockets is one thing to whoever sets it.
        _vcpus(live) != _vcpus(stored),
        live.memory_max != stored.memory_max,
        live.firmware != stored.firmware,
        live.boot != stored.boot,
        live.hugepages != stored.hugepages,
    ]
    now, then = _storage_and_links(live), _storage_and_links(stored)
    return sum(changed) + sum(now.get(name) != then.get(name) for name in now.keys() | then.keys())


def _vcpus(definition: DomainDefinition) -> tuple[int | None, int | None, str]:
    return definition.vcpus, definition.vcpus_max, definition.topology


def _storage_and_links(definition: DomainDefinition) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for device in definition.devices:
        if device.disk is not None:
            disk = device.disk
            found[disk.target] = (disk.pool, disk.source, disk.format or "raw", disk.bus)
        elif device.nic is not None:
            nic = device.nic
            found[nic.mac] = (nic.kind, nic.source, nic.model, str(device.linked))
    return found


def _number(words: str) -> int | None:
    return whole(words)


def os_id(root: etree._Element) -> str:
    """Return the libosinfo id of the guest's system (``http://debian.org/debian/12``), or ""."""
    return attribute(root, f"metadata/{_OSINFO}libosinfo/{_OSINFO}os", "id")


def _os(root: etree._Element) -> str:
    """Return the last parts of the libosinfo id: ``http://debian.org/debian/12`` is "debian 12"."""
    return " ".join([part for part in os_id(root).split("/") if part][-2:])


def _machine(machine: str) -> str:
    """Return ``pc-q35-7.2`` without the prefix that all of them share."""
    return machine.removeprefix("pc-")


def _firmware(root: etree._Element) -> str:
    loader = root.find("os/loader")
    if root.find("os/init") is not None or text(root, "os/type") == "exe":
        return "init"
    if root.find("os/kernel") is not None:
        return "kernel"
    firmware = attribute(root, "os", "firmware")
    if firmware == "efi" or (loader is not None and loader.get("type") == "pflash"):
        secure = loader is not None and loader.get("secure") == "yes"
        secure = secure or any(
            feature.get("name") == "secure-boot" and feature.get("enabled") == "yes"
            for feature in root.iterfind("os/firmware/feature")
        )
        return "UEFI secure" if secure else "UEFI"
    return "BIOS" if text(root, "os/type") == "hvm" else ""


def _cpu(root: etree._Element) -> str:
    cpu = root.find("cpu")
    if cpu is None:
        return ""
    mode = cpu.get("mode", "custom" if cpu.find("model") is not None else "")
    model = text(cpu, "model")
    return model if mode == "custom" and model else mode


def _topology(root: etree._Element) -> str:
    found = root.find("cpu/topology")
    if found is None:
        return ""
    names = ("sockets", "dies", "clusters", "cores", "threads")
    counts = [(found.get(name, "1"), name) for name in names]
    return ", ".join(
        f"{count} {name if count != '1' else name[:-1]}"
        for count, name in counts
        if count != "1" or name in ("sockets", "cores", "threads")
    )


def _hugepages(root: etree._Element) -> str:
    backing = root.find("memoryBacking/hugepages")
    if backing is None:
        return ""
    sizes = [
        f"{amount}{page.get('unit', 'KiB')[:1]}"
        for page in backing.iterfind("page")
        if (amount := page.get("size"))
    ]
    return f"{', '.join(sizes)} hugepages" if sizes else "hugepages"


_BOOT = {"hd": "disk", "cdrom": "cdrom", "network": "network", "fd": "floppy"}


def _boot(root: etree._Element, found: tuple[Device, ...]) -> tuple[str, ...]:
    """Return the devices in boot order; where the order names only classes, those."""
    elements = [
        element
        for element in root.iterfind("devices/*")
        if isinstance(element.tag, str) and element.tag != "emulator"
    ]
    ordered = sorted(
        (order, device.name)
        for element, device in zip(elements, found, strict=True)
        if (order := _number(attribute(element, "boot", "order"))) is not None
    )
    if ordered:
        return tuple(name for _, name in ordered)
    if root.find("os/init") is not None:
        return (posixpath.basename(text(root, "os/init")),)
    return tuple(
        _BOOT.get(one.get("dev", ""), one.get("dev", "")) for one in root.iterfind("os/boot")
    )
