"""Taking snapshots of domains, and reverting to them."""
