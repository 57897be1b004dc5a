"""Elements outside of ``<devices>``: firmware, kernel, QEMU arguments, labels, programs."""

from __future__ import annotations

from lxml import etree

from virttui.libvirtxml.host_access.access import (
    AccessReader,
    Element,
    attributes,
    elements,
    values,
)
from virttui.libvirtxml.host_access.safe_paths import is_nvram_path, is_package_path

_FOREIGN = "http://libvirt.org/schemas/domain/"
"""The beginning of the namespaces in which a domain passes options to its hypervisor."""
_BOOTED = {"kernel": "kernel", "initrd": "initial RAM disk", "dtb": "device tree", "shim": "shim"}


def read_machine(reader: AccessReader) -> None:
    """Read everything but the devices."""
    root, host = reader.root, reader.known.name
    _firmware(reader)
    _programs(reader)
    _container(reader)
    _host_facts(reader)
    for tag, noun in _BOOTED.items():
        for element in root.iterfind(f"os/{tag}"):
            path = reader.read_text(element)
            if path:
                words = f"its guest is given the file {path} of {host} as its {noun}"
                reader.report(words, element, grave=not is_package_path(path))
    for element in root.iterfind("os/acpi/table"):
        path = reader.read_text(element)
        reader.report(f"its guest is given the file {path} of {host} as an ACPI table", element)
    for entry in root.iterfind("sysinfo/entry"):
        reader.read_attribute(entry, "name")
        if file := reader.read_attribute(entry, "file"):
            reader.report(f"its guest is given the file {file} of {host}", entry)
    _labels(reader)
    _hypervisor_elements(reader)


def _host_facts(reader: AccessReader) -> None:
    """Report elements that reveal facts of the host or load it, without naming a path."""
    host = reader.known.name
    for smbios in reader.root.iterfind("os/smbios"):
        if reader.read_attribute(smbios, "mode") == "host":
            reader.report(f"it sees the serial numbers of {host}", smbios, grave=False)
    for partition in reader.root.iterfind("resource/partition"):
        name = reader.read_text(partition)
        if name and not name.startswith("/machine"):
            reader.report(f"it runs in the control group {name} of {host}", partition, grave=False)
    for watchdog in reader.root.iterfind("devices/watchdog"):
        if reader.read_attribute(watchdog, "action") == "dump":
            reader.report(f"its guest can have itself dumped to a disk of {host}", watchdog,
                       grave=False)  # fmt: skip


def _programs(reader: AccessReader) -> None:
    for path in ("bootloader", "os/bootloader"):
        for element in reader.root.iterfind(path):
            if program := reader.read_text(element):
                words = f"{program} is run as root on {reader.known.name} before each start"
                reader.report(words, element)
    for element in reader.root.iterfind("bootloader_args"):
        reader.read_text(element)


def _firmware(reader: AccessReader) -> None:
    root, host = reader.root, reader.known.name
    for loader in root.iterfind("os/loader"):
        path = reader.read_text(loader)
        if path and path not in reader.known.firmwares and not is_package_path(path):
            reader.report(f"it runs the firmware {path} of {host}, and may read that file", loader)
    for nvram in root.iterfind("os/nvram"):
        template = reader.read_attribute(nvram, "template")
        if template and not is_package_path(template):
            words = f"its NVRAM is made of {template} of {host}, and its guest can read that"
            reader.report(words, nvram, "template")
        if (path := reader.read_text(nvram)) and not is_nvram_path(path):
            reader.report(f"it writes its NVRAM to {path} of {host}", nvram)
        for source in nvram.iterfind("source"):
            path = reader.read_attribute(source, "file")
            for name, _ in attributes(source):
                reader.read_attribute(source, name)
            if not path or not is_nvram_path(path):
                what = path or " ".join(values(source))
                reader.report(f"it writes its NVRAM to {what} of {host}", nvram)


def _container(reader: AccessReader) -> None:
    """Report a container without confinement: only its root folder, capabilities and network
    confine it."""
    root, host = reader.root, reader.known.name
    for capabilities in root.iterfind("features/capabilities"):
        enabled = [one for one in capabilities if one.get("state") == "on"]
        if reader.read_attribute(capabilities, "policy") == "allow" or enabled:
            reader.report(f"it has rights on {host} that containers do not have", capabilities)
    if root.get("type") != "lxc":
        return
    targets = {one.get("dir", "") for one in root.iterfind("devices/filesystem/target")}
    if "/" not in targets:
        reader.report(f"it has no root folder of its own: it gets all of {host}", root)
    private = root.find("features/privnet") is not None
    if not private and root.find("devices/interface") is None:
        reader.report(f"it is on the network of {host} itself", root, grave=False)


def _labels(reader: AccessReader) -> None:
    """Report security labels, which protect the host from a guest that breaks out."""
    host = reader.known.name
    for label in reader.root.iterfind("seclabel"):
        kind, model = reader.read_attribute(label, "type"), reader.read_attribute(label, "model")
        label_text = "".join(content for one in label if (content := reader.read_text(one)))
        if kind == "none":
            words = f"it runs on {host} without the protection of {_models(model)}"
            reader.report(words, label)
        elif kind == "static" or label_text:
            words = (
                f"it runs on {host} as {label_text or 'a fixed user or label'} ({model or 'label'})"
            )
            reader.report(words, label)


def _models(model: str) -> str:
    names = {"selinux": "SELinux", "apparmor": "AppArmor", "dac": "a user of its own"}
    return names.get(model, "SELinux or AppArmor")


def _hypervisor_elements(reader: AccessReader) -> None:
    """Report elements of other namespaces, which bypass libvirt's checks."""
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
            reader.report(f"it passes to {what} on {host}, past libvirt's checks: {line}", element)


def _lines(reader: AccessReader, element: Element) -> list[str]:
    """Return arguments and variables as text, and mark everything below an element as read."""
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
    reader.mark_harmless(element)
    return lines
