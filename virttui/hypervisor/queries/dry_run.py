"""A dry run: asks a host whether it would start a machine, without creating anything."""

from __future__ import annotations

import shlex

import libvirt

from virttui.hypervisor.connection.types import Connection
from virttui.planning.domain_spec.dry_run import with_paths


def dry_run(connection: Connection, xml: str) -> str:
    """Have libvirt make the command that would start it (domain, emulator, devices, firmware).

    Returns in words how it came out. Raises libvirtError where libvirt would not start it.
    """
    try:
        line = connection.domainXMLToNative("qemu-argv", with_paths(xml), 0)
    except libvirt.libvirtError as error:
        if error.get_error_code() == libvirt.VIR_ERR_NO_SUPPORT:
            return "this libvirt driver has no dry run"
        raise
    words = [word for word in shlex.split(line) if not word.partition("=")[0].isupper()]
    program = next((word for word in words if word.startswith("/")), "QEMU")
    return f"libvirt would start it: {program.rpartition('/')[2]} with {len(words) - 1} arguments"
