"""The lab: a private libvirtd with real guests, for tests and for trying things by hand.

    processes.py    children by argument lists, waits with a deadline, who belongs to a lab
    registry.py     which labs are up, on disk, so that another process can find or clean them
    namespaces.py   the mount and network namespace a lab lives in
    cgroups.py      its own branch of the control groups
    daemon.py       ``Lab``: up, down, virsh, and the faults a test can inject
    images.py       the kernel, initramfs and disks that guests boot, built once and cached
    xml.py          the definitions of guests, containers, networks and pools, as text
    guests.py       what to put into a lab: guests, containers, networks, pools
    console.py      logging in on a guest's serial console, and commands there
    guest/          the files inside a guest, readable as they are

Nothing here imports the product, libvirt's Python binding or anything outside the standard library,
so ``scripts/lab`` runs from a bare Python. Everything needs root and Debian's libvirt packages.
"""

from __future__ import annotations
