"""What is read from libvirt again and again: when, by which call, and what comes of it."""
