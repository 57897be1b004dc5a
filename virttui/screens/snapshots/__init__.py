"""The page of a domain's snapshots."""
