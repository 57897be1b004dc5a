"""The page of a domain's logs, as styled text."""
