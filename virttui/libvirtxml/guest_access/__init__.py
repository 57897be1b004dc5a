"""How a guest is reached by its definition: its consoles, its displays."""
