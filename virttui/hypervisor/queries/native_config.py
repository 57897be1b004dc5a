"""Configurations of other tools, translated by the driver that knows them. Nothing is defined."""

from __future__ import annotations

import libvirt

from virttui.hypervisor.connection.types import Connection
from virttui.model.errors import InvalidInput, Unsupported
from virttui.model.provision.appliance import NativeConfig

FORMATS = {
    "LXC": ("lxc-tools",),
    "ESX": ("vmware-vmx",),
    "VMWARE": ("vmware-vmx",),
    "XEN": ("xen-xl", "xen-xm"),
    "BHYVE": ("bhyve-argv",),
}
"""Driver -> what it translates. QEMU's own command lines are read by none since libvirt 5.5."""


def translated(connection: Connection, config: NativeConfig) -> str:
    """The definition of a configuration. Raises Unsupported where the driver knows no such."""
    driver = connection.getType()
    known = FORMATS.get(driver.upper(), ())
    if config.format not in known:
        what = f"it translates {' and '.join(known)}" if known else "it translates none"
        raise Unsupported(
            f"this is a configuration of {config.format}, and libvirt's {driver} driver reads "
            f"no such: {what}",
            advice="choose a host of that kind",
        )
    try:
        return str(connection.domainXMLFromNative(config.format, config.config, 0))
    except libvirt.libvirtError as error:
        if not connection.isAlive():
            raise
        raise InvalidInput(f"libvirt cannot read it: {error.get_error_message()}") from error
