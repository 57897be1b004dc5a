"""What a definition of a domain names of its host, and what libvirt or QEMU would do with it.

Everything is read: what is known to do no harm is passed over, what is known to reach into the host
is said by what it does, and a path in a place that is not known counts as reaching into it.
"""

from virttui.definitions.host_access.access import HostAccess, KnownHostPaths
from virttui.definitions.host_access.leaving_out import left_out
from virttui.definitions.host_access.reading import host_access

__all__ = ["HostAccess", "KnownHostPaths", "host_access", "left_out"]
