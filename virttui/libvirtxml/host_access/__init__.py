"""What a definition of a domain names of its host, and what libvirt or QEMU would do with it.

Everything is read: what is known to do no harm is passed over, what is known to reach into the host
is said by what it does, and a path in a place that is not known counts as reaching into it.
"""
