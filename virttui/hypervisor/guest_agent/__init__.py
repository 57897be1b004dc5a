"""A guest's agent by libvirt's typed calls: what it tells, and what it is asked to do.

Only running a program takes the raw command, which libvirt marks the domain with ("tainted").
"""
