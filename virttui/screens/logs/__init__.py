"""The page of a domain's logs."""
