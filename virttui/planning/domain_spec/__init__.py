"""New machines: what is usual for a system on a host, the definition, a seed, the same by hand."""
