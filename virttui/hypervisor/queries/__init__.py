"""Single questions of the screens to a host, and their answers."""
