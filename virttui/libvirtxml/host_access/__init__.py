"""The host resources that a domain's definition names, and what libvirt or QEMU would do with them.

Everything is read: harmless parts are skipped, known accesses are described by their effect, and a
path in an unknown place counts as an access.
"""
