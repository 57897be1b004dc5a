"""libvirt's own schemas: what a definition may say, what is wrong with one, what may be typed.

The schemas are read twice. libxml2 gives the verdict, as libvirt itself does, but neither a place
nor words (anything wrong below ``<devices>`` is "extra element devices in interleave"). The places
and words come from patterns that are read from the same files: see ``pattern`` and ``faults``.
Pure but for reading the schemas, and safe to call on any thread.
"""
