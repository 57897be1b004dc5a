"""The definition of a container: LXC runs an init in a folder of the host."""

from __future__ import annotations

from virttui.libvirtxml.build import element, path
from virttui.model.errors import InvalidInput
from virttui.model.provision.domain_spec import DomainSpec, HostCapabilities
from virttui.planning.domain_spec.device_xml import nic


def container_xml(machine: DomainSpec, capabilities: HostCapabilities, head: list[str]) -> str:
    """Return the definition; ``head`` are the elements that every domain begins with. Raises
    InvalidInput."""
    if machine.disks:
        raise InvalidInput("a container has no disks: its root is a folder of the host")
    root = element(
        "filesystem",
        element("source", dir=path(machine.root)),
        element("target", dir="/"),
        type="mount",
    )
    return element(
        "domain",
        *head,
        element(
            "os",
            element("type", text="exe", arch=machine.arch),
            element("init", text=path(machine.init)),
        ),
        element("features", "<privnet/>"),
        element(
            "devices",
            element("emulator", text=capabilities.emulator) if capabilities.emulator else "",
            root,
            *(nic(one) for one in machine.nics),
            element("console", type="pty"),
        ),
        type=machine.virt,
    )
