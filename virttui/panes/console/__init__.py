"""The page of a domain's console, as styled text."""
