"""What libvirt is told to do: one module a kind of command, its calls and what is read back."""
