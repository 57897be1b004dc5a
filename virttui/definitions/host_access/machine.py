"""What is outside of ``<devices>``: firmware, kernel, QEMU's own arguments, labels, programs."""

from __future__ import annotations

from lxml import etree

from virttui.definitions.host_access.access import Element, Reader, attributes, elements
from virttui.definitions.host_access.places import is_shipped, keeps_nvram

_FOREIGN = "http://libvirt.org/schemas/domain/"
"""What the names of the namespaces begin with by which a domain speaks to its hypervisor."""
_BOOTED = {"kernel": "kernel", "initrd": "initial RAM disk", "dtb": "device tree", "shim": "shim"}


def read_machine(reader: Reader) -> None:
    """Read all but the devices."""
    root, host = reader.root, reader.known.name
    _firmware(reader)
    _programs(reader)
    for tag, noun in _BOOTED.items():
        for element in root.iterfind(f"os/{tag}"):
            path = reader.text(element)
            if path:
                known = path in reader.known.volumes or is_shipped(path)
                words = f"its guest is given the file {path} of {host} as its {noun}"
                reader.say(words, element, grave=not known)
    for element in root.iterfind("os/acpi/table"):
        path = reader.text(element)
        reader.say(f"its guest is given the file {path} of {host} as an ACPI table", element)
    for entry in root.iterfind("sysinfo/entry"):
        if file := reader.value(entry, "file"):
            reader.say(f"its guest is given the file {file} of {host}", entry)
    _labels(reader)
    _of_hypervisor(reader)


def _programs(reader: Reader) -> None:
    for path in ("bootloader", "os/bootloader"):
        for element in reader.root.iterfind(path):
            if program := reader.text(element):
                words = f"{program} is run as root on {reader.known.name} before each start"
                reader.say(words, element)
    for element in reader.root.iterfind("bootloader_args"):
        reader.text(element)


def _firmware(reader: Reader) -> None:
    root, host = reader.root, reader.known.name
    for loader in root.iterfind("os/loader"):
        path = reader.text(loader)
        if path and path not in reader.known.firmwares and not is_shipped(path):
            reader.say(f"it runs the firmware {path} of {host}, and may read that file", loader)
    for nvram in root.iterfind("os/nvram"):
        template = reader.value(nvram, "template")
        if template and not is_shipped(template):
            words = f"its NVRAM is made of {template} of {host}, and its guest can read that"
            reader.say(words, nvram, "template")
        if (path := reader.text(nvram)) and not keeps_nvram(path):
            reader.say(f"it writes its NVRAM to {path} of {host}", nvram)
        for source in nvram.iterfind("source"):
            path = next((reader.value(source, name) for name in ("file", "dev")
                         if source.get(name)), "")  # fmt: skip
            if path and not keeps_nvram(path) and path not in reader.known.volumes:
                reader.say(f"it writes its NVRAM to {path} of {host}", nvram)


def _labels(reader: Reader) -> None:
    """Security labels: what protects the host from a guest that breaks out."""
    host = reader.known.name
    for label in reader.root.iterfind("seclabel"):
        kind, model = reader.value(label, "type"), reader.value(label, "model")
        named = "".join(content for one in label if (content := reader.text(one)))
        if kind == "none":
            words = f"it runs on {host} without the protection of {_models(model)}"
            reader.say(words, label)
        elif kind == "static" or named:
            words = f"it runs on {host} as {named or 'a fixed user or label'} ({model or 'label'})"
            reader.say(words, label)


def _models(model: str) -> str:
    names = {"selinux": "SELinux", "apparmor": "AppArmor", "dac": "a user of its own"}
    return names.get(model, "SELinux or AppArmor")


def _of_hypervisor(reader: Reader) -> None:
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
            reader.say(f"it tells {what} on {host} past libvirt's checks: {line}", element)


def _lines(reader: Reader, element: Element) -> list[str]:
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
