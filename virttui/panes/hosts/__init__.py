"""The list of hosts, and the details under it."""
