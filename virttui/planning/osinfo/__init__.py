"""Operating systems: what osinfo-db knows, and what an ISO image or install tree is."""
