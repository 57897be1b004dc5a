"""Open consoles: libvirt's streams of bytes, and the log files of consoles that are read along."""
