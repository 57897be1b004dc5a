"""The page of a program on a terminal: ssh, a shell in a container, virsh's own editors."""
