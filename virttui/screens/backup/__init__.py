"""The page of a domain's backups, and its flows."""
