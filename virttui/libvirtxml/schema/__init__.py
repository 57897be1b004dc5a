"""Checks of definitions against libvirt's own schemas, and completions from them.

The schemas are read twice. libxml2 gives the verdict, as libvirt itself does, but neither a place
nor a useful message (anything wrong below ``<devices>`` is "extra element devices in interleave").
Places and messages come from patterns that are read from the same files: see ``pattern`` and
``matcher``. Pure but for reading the schemas, and safe to call on any thread.
"""
