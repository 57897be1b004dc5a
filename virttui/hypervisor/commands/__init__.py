"""The calls that change something at libvirt: one module a kind of command, each reads back."""
