"""The periodic reads from libvirt: their times, their calls and the handling of the results."""
