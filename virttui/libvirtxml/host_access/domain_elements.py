"""What is outside of ``<devices>``: firmware, kernel, QEMU's own arguments, labels, programs."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.host_access.access import (
    AccessReader,
    Element,
    attributes,
    elements,
    values,
)
from virttui.libvirtxml.host_access.safe_paths import is_shipped, keeps_nvram

_FOREIGN = "http://libvirt.org/schemas/domain/"
"""What the names of the namespaces begin with by which a domain speaks to its hypervisor."""
_BOOTED = {"kernel": "kernel", "initrd": "initial RAM disk", "dtb": "device tree", "shim": "shim"}


def read_machine(reader: AccessReader) -> None:
    """Read all but the devices."""
    root, host = reader.root, reader.known.name
    _firmware(reader)
    _programs(reader)
    _container(reader)
    _quiet_grants(reader)
    for tag, noun in _BOOTED.items():
        for element in root.iterfind(f"os/{tag}"):
            path = reader.text(element)
            if path:
                words = f"its guest is given the file {path} of {host} as its {noun}"
                reader.report(words, element, grave=not is_shipped(path))
    for element in root.iterfind("os/acpi/table"):
        path = reader.text(element)
        reader.report(f"its guest is given the file {path} of {host} as an ACPI table", element)
    for entry in root.iterfind("sysinfo/entry"):
        reader.value(entry, "name")
        if file := reader.value(entry, "file"):
            reader.report(f"its guest is given the file {file} of {host}", entry)
    _labels(reader)
    _of_hypervisor(reader)


def _quiet_grants(reader: AccessReader) -> None:
    """What tells of the host, or weighs on it, without naming a path."""
    host = reader.known.name
    for smbios in reader.root.iterfind("os/smbios"):
        if reader.value(smbios, "mode") == "host":
            reader.report(f"it is told the serial numbers of {host}", smbios, grave=False)
    for partition in reader.root.iterfind("resource/partition"):
        name = reader.text(partition)
        if name and not name.startswith("/machine"):
            reader.report(f"it runs in the control group {name} of {host}", partition, grave=False)
    for watchdog in reader.root.iterfind("devices/watchdog"):
        if reader.value(watchdog, "action") == "dump":
            reader.report(f"its guest can have itself dumped to a disk of {host}", watchdog,
                       grave=False)  # fmt: skip


def _programs(reader: AccessReader) -> None:
    for path in ("bootloader", "os/bootloader"):
        for element in reader.root.iterfind(path):
            if program := reader.text(element):
                words = f"{program} is run as root on {reader.known.name} before each start"
                reader.report(words, element)
    for element in reader.root.iterfind("bootloader_args"):
        reader.text(element)


def _firmware(reader: AccessReader) -> None:
    root, host = reader.root, reader.known.name
    for loader in root.iterfind("os/loader"):
        path = reader.text(loader)
        if path and path not in reader.known.firmwares and not is_shipped(path):
            reader.report(f"it runs the firmware {path} of {host}, and may read that file", loader)
    for nvram in root.iterfind("os/nvram"):
        template = reader.value(nvram, "template")
        if template and not is_shipped(template):
            words = f"its NVRAM is made of {template} of {host}, and its guest can read that"
            reader.report(words, nvram, "template")
        if (path := reader.text(nvram)) and not keeps_nvram(path):
            reader.report(f"it writes its NVRAM to {path} of {host}", nvram)
        for source in nvram.iterfind("source"):
            path = reader.value(source, "file")
            for name, _ in attributes(source):
                reader.value(source, name)
            if not path or not keeps_nvram(path):
                what = path or " ".join(values(source))
                reader.report(f"it writes its NVRAM to {what} of {host}", nvram)


def _container(reader: AccessReader) -> None:
    """A container is kept in by its root folder, its capabilities and its network alone."""
    root, host = reader.root, reader.known.name
    for capabilities in root.iterfind("features/capabilities"):
        given = [one for one in capabilities if one.get("state") == "on"]
        if reader.value(capabilities, "policy") == "allow" or given:
            reader.report(f"it has rights on {host} that containers have not", capabilities)
    if root.get("type") != "lxc":
        return
    targets = {one.get("dir", "") for one in root.iterfind("devices/filesystem/target")}
    if "/" not in targets:
        reader.report(f"it has no root folder of its own: it gets all of {host}", root)
    private = root.find("features/privnet") is not None
    if not private and root.find("devices/interface") is None:
        reader.report(f"it is on the network of {host} itself", root, grave=False)


def _labels(reader: AccessReader) -> None:
    """Security labels: what protects the host from a guest that breaks out."""
    host = reader.known.name
    for label in reader.root.iterfind("seclabel"):
        kind, model = reader.value(label, "type"), reader.value(label, "model")
        named = "".join(content for one in label if (content := reader.text(one)))
        if kind == "none":
            words = f"it runs on {host} without the protection of {_models(model)}"
            reader.report(words, label)
        elif kind == "static" or named:
            words = f"it runs on {host} as {named or 'a fixed user or label'} ({model or 'label'})"
            reader.report(words, label)


def _models(model: str) -> str:
    names = {"selinux": "SELinux", "apparmor": "AppArmor", "dac": "a user of its own"}
    return names.get(model, "SELinux or AppArmor")


def _of_hypervisor(reader: AccessReader) -> None:
    """Elements of other namespaces speak to the hypervisor past libvirt's checks."""
    host = reader.known.name
    for element in elements(reader.root):
        space = etree.QName(element).namespace
        if not space or any(one.tag == "metadata" for one in element.iterancestors()):
            continue
        name = etree.QName(element).localname
        parent = element.getparent()
        if parent is not None and etree.QName(parent).namespace == space:
            continue  # goes with its parent
        what = "QEMU" if space.startswith(f"{_FOREIGN}qemu") else "its hypervisor"
        if not space.startswith(_FOREIGN):
            what = "something virttui does not know"
        for line in _lines(reader, element) or [name]:
            reader.report(f"it tells {what} on {host} past libvirt's checks: {line}", element)


def _lines(reader: AccessReader, element: Element) -> list[str]:
    """Arguments and variables in words, and everything below an element as looked at."""
    lines = []
    for one in elements(element):
        values = [f"{name}={value}" for name, value in attributes(one)]
        tag = etree.QName(one).localname
        if tag == "arg":
            lines.append(f"argument {one.get('value', '')[:80]}")
        elif tag == "env":
            lines.append(f"variable {one.get('name', '')}={one.get('value', '')[:60]}")
        elif values and len(one) == 0:
            lines.append(f"{tag} {' '.join(values)[:80]}")
    reader.harmless(element)
    return lines
