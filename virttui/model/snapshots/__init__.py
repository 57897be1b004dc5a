"""Changes of the snapshots of a domain: taking one, going back to one."""
