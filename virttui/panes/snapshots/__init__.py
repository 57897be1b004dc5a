"""The page of a domain's snapshots as lines."""
