"""Records of plans: domains, networks, pools and volumes that are to be created."""
