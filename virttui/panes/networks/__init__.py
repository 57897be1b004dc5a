"""The list of networks, the details under it, who is on one, the topology."""
