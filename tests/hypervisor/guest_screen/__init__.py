"""Screenshots and keys on libvirt's test driver."""
